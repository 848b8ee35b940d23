//! Stops placements that no client waits for, so that they lead to no game session.

use std::time::Duration;

use aws::gamelift::{DescribePlacement, DescribePlayerSessions, PlaceGameSession, TerminateGameSession};
use aws_sdk_gamelift::types::PlayerSession;
use shared::{
    Code,
    deadline::{Deadline, poll, within},
    terms::Terms,
};

use crate::{
    party::Party,
    sessions::{
        noted::Noted,
        shown::look,
        take_back::{take_back, terminate},
    },
    tickets::stop_placement::warn_of_orphan,
};

/// Time kept free to see the result of a placement that could not be stopped.
pub(crate) const TIME_TO_STOP: Duration = Duration::from_secs(3);

/// The result of cancelling a placement.
pub(crate) enum Cancelled {
    /// The placement leads to no game session.
    Over,
    /// The placement has its game session already, with this id.
    Placed(String),
    /// The placement could not be cancelled and has no game session yet, or its state is unknown.
    Unclear,
}

/// Stops a placement because the party has slots elsewhere. Those are kept; a game session that the queue places
/// nevertheless is taken back.
pub(crate) async fn stop_for<G>(
    seats: &[PlayerSession],
    gamelift: &G,
    (id, noted): (&str, &mut Option<Noted<'_>>),
    party: &Party,
    terms: &Terms,
) where
    G: PlaceGameSession + DescribePlacement + DescribePlayerSessions + TerminateGameSession,
{
    let cancelled = cancel(gamelift, id, noted, terms.deadline.keep(TIME_TO_STOP)).await;
    let is_other = |id: &str| seats.iter().all(|seat| seat.game_session_id() != Some(id));
    if let Cancelled::Placed(id) = cancelled
        && is_other(&id)
    {
        take_back(gamelift, &id, party, terms.deadline).await;
    }
}

/// Stops a placement that no client waits for.
pub(crate) async fn abandon<G>(gamelift: &G, id: &str, noted: &mut Option<Noted<'_>>, deadline: Deadline)
where
    G: PlaceGameSession + DescribePlacement + TerminateGameSession,
{
    if let Cancelled::Placed(game_session_id) = cancel(gamelift, id, noted, deadline).await {
        terminate(gamelift, &game_session_id, deadline).await;
    }
}

/// Cancels the placement; one in the line is taken out. GameLift refuses that once it has made the game session; then
/// this waits for the game session's id.
pub(crate) async fn cancel<G>(gamelift: &G, id: &str, noted: &mut Option<Noted<'_>>, deadline: Deadline) -> Cancelled
where
    G: PlaceGameSession + DescribePlacement,
{
    if let Some(noted) = noted
        && noted.call_off().await
    {
        return Cancelled::Over;
    }
    let refusal = match within(deadline, gamelift.stop_placement(id)).await {
        Ok(()) => return Cancelled::Over,
        Err(refusal) => refusal,
    };
    match poll(deadline, deadline, || look(gamelift, id)).await {
        Ok(Some(game_session_id)) => Cancelled::Placed(game_session_id),
        // The placement has failed by itself.
        Err(error) if matches!(error.code(), Code::NoCapacity | Code::SessionFailed | Code::SessionNotFound) => {
            Cancelled::Over
        }
        _ => {
            warn_of_orphan(id, &refusal);
            Cancelled::Unclear
        }
    }
}

#[cfg(test)]
mod tests {
    use aws::gamelift::NewPlacement;
    use shared::clock::Clock;
    use store::{
        Store,
        records::{news::Status, ticket::Ticket},
    };
    use testing::queues::Queues;

    use super::*;
    use crate::{
        config::AdmissionConfig,
        tickets::{Gate, Placements, Sends as _, let_in},
    };

    fn seconds(seconds: u64) -> Deadline {
        Deadline::after(Duration::from_secs(seconds))
    }

    /// One placement begins in a second.
    fn gate() -> Gate {
        Gate::of_placements(&AdmissionConfig { placements: 1, ..AdmissionConfig::OFF })
    }

    async fn comes<'a>(store: &'a Store, id: &str) -> Option<Noted<'a>> {
        let players = [format!("player-of-{id}")];
        let new = NewPlacement {
            id,
            queue: "players",
            name: "A game",
            maximum_player_session_count: 4,
            game_properties: &[],
            game_session_data: None,
            latencies: &[],
            players: &players,
        };
        Noted::note_placement(Some(store), &gate(), &new, None).await
    }

    /// A store in which one placement waits in the line, because another one went through just now.
    async fn crowded() -> Store {
        let store = Store::in_memory(Clock::with_tokio(Duration::from_secs(1_900_000_000)));
        comes(&store, "before").await;
        store
    }

    async fn ticket(store: &Store) -> Ticket {
        store.ticket("pl-1").await.unwrap().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_placement_in_the_line_is_taken_out_and_gamelift_is_not_asked() {
        let (store, queues) = (crowded().await, Queues::default());
        let mut noted = comes(&store, "pl-1").await;
        assert_eq!(store.first_in_line("placements", 10).await.unwrap(), ["pl-1"]);
        assert!(matches!(cancel(&queues, "pl-1", &mut noted, seconds(2)).await, Cancelled::Over));
        assert_eq!(store.first_in_line("placements", 10).await.unwrap(), [""; 0]);
        assert_eq!(ticket(&store).await.news.status, Status::Cancelled);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(let_in(&Placements(&queues), &store, &gate()).await.unwrap(), 0);
        assert_eq!(queues.calls(), [""; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_placement_that_somebody_has_just_let_in_is_not_sent_any_more() {
        let (store, queues) = (crowded().await, Queues::default());
        let mut noted = comes(&store, "pl-1").await;
        assert!(store.admit("pl-1").await.unwrap());
        assert!(matches!(cancel(&queues, "pl-1", &mut noted, seconds(2)).await, Cancelled::Over));
        let let_in = ticket(&store).await;
        assert_eq!(let_in.news.status, Status::Starting);
        Placements(&queues).send_admitted(&store, &let_in, seconds(2)).await.unwrap();
        assert_eq!(queues.count("StartGameSessionPlacement"), 0);
        assert_eq!(ticket(&store).await.news.status, Status::Cancelled);
    }
}
