//! What a call that waits for a placement does about it: as much as its function may.

use std::time::Duration;

use aws::gamelift::{DescribePlacement, PlaceGameSession};
use shared::{
    Error,
    deadline::{Deadline, within},
};
use store::{
    Store,
    fail_open::fail_open_within,
    records::{news::Status, ticket::Ticket},
};

use crate::tickets::{
    admission::Gate,
    line::{Placements, let_in_before},
    look::tell,
    placement::seen,
    send::{Sent, Tries},
    send_placement::send_placement,
};

/// How long the store may take to note a placement. Without it, the call asks GameLift again and again.
pub(crate) const TIME_TO_NOTE: Duration = Duration::from_secs(1);

/// How long a waiting call tries to send another one's placement.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// What a waiting call does.
pub(crate) trait Moves: Send + Sync {
    type GameLift: DescribePlacement;

    fn gamelift(&self) -> &Self::GameLift;

    /// Moves the line on, whoever comes first in it. A failure is nothing to this call: others try as well.
    fn let_placements_in(&self, store: &Store, deadline: Deadline) -> impl Future<Output = ()> + Send;

    /// Whether [`Self::ask_of_placement`] sends what is STARTING.
    fn may_send(&self) -> bool;

    /// Asks GameLift about a placement of which nothing was heard for long, or sends one that is STARTING. Returns the
    /// ticket as it is known then.
    ///
    /// # Errors
    /// Those of the calls; GameLift may refuse it.
    fn ask_of_placement(
        &self,
        store: &Store,
        ticket: &Ticket,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Ticket, Error>> + Send;
}

/// Looks, and does no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joining<'a, G>(pub(crate) &'a G);

impl<G: DescribePlacement> Moves for Joining<'_, G> {
    type GameLift = G;

    fn gamelift(&self) -> &G {
        self.0
    }

    async fn let_placements_in(&self, _: &Store, _: Deadline) {}

    fn may_send(&self) -> bool {
        false
    }

    async fn ask_of_placement(&self, store: &Store, ticket: &Ticket, deadline: Deadline) -> Result<Ticket, Error> {
        look_in_queue(self.0, store, ticket, deadline).await
    }
}

/// Looks, lets in, and sends what nobody has sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing<'a, G> {
    pub(crate) gamelift: &'a G,
    pub(crate) gate: Gate,
}

impl<G: PlaceGameSession + DescribePlacement> Moves for Placing<'_, G> {
    type GameLift = G;

    fn gamelift(&self) -> &G {
        self.gamelift
    }

    async fn let_placements_in(&self, store: &Store, deadline: Deadline) {
        let_in_before(&Placements(self.gamelift), store, &self.gate, deadline).await;
    }

    fn may_send(&self) -> bool {
        true
    }

    async fn ask_of_placement(&self, store: &Store, ticket: &Ticket, deadline: Deadline) -> Result<Ticket, Error> {
        if ticket.news.status != Status::Starting {
            return look_in_queue(self.gamelift, store, ticket, deadline).await;
        }
        let deadline = deadline.or_before(Some(Deadline::after(TIME_TO_SEND)));
        match Box::pin(send_placement(self.gamelift, store, ticket, Tries::Again, deadline)).await? {
            Sent::Known(now) => Ok(now),
            Sent::Later(_, error) => Err(error),
        }
    }
}

/// Looks at the placement. A store that does not take the news leaves the ticket as it was.
///
/// # Errors
/// Those of the look.
async fn look_in_queue(
    gamelift: &impl DescribePlacement,
    store: &Store,
    ticket: &Ticket,
    deadline: Deadline,
) -> Result<Ticket, Error> {
    let placement = within(deadline, gamelift.describe_placement(&ticket.id)).await?;
    let Some((status, told)) = seen(&placement) else { return Ok(ticket.clone()) };
    let now = fail_open_within(TIME_TO_NOTE, "placement", tell(store, ticket, status, told)).await;
    Ok(now.unwrap_or_else(|| ticket.clone()))
}

#[cfg(test)]
mod tests {
    use aws::gamelift::NewPlacement;
    use shared::clock::Clock;
    use store::records::{
        starts::{NewTicket, Started},
        ticket::Kind,
    };
    use testing::{
        outcome::{Outcome, throttled},
        queues::Queues,
    };
    use tokio::time::Instant;

    use super::*;
    use crate::{
        config::AdmissionConfig,
        sessions::noted::{Noted, Seen},
        tickets::placement_request::PlacementRequest,
    };

    fn placement<'a>(id: &'a str, players: &'a [String]) -> NewPlacement<'a> {
        NewPlacement {
            id,
            queue: "players",
            name: "A game",
            maximum_player_session_count: 4,
            game_properties: &[],
            game_session_data: None,
            latencies: &[],
            players,
        }
    }

    fn store() -> Store {
        Store::in_memory(Clock::with_tokio(Duration::from_secs(1_900_000_000)))
    }

    fn seconds(seconds: u64) -> Deadline {
        Deadline::after(Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_let_in_beyond_the_patience_of_a_client() {
        let (store, queues, players) = (store(), Queues::default(), ["ana".to_owned()]);
        let gate = Gate::of_placements(&AdmissionConfig { placements: 1, ..AdmissionConfig::OFF });
        Noted::note_placement(Some(&store), &gate, &placement("before", &players), None).await.unwrap();
        let noted = Noted::note_placement(Some(&store), &gate, &placement("pl-1", &players), None).await;
        let (mut noted, moves) = (noted.unwrap(), Placing { gamelift: &queues, gate });
        assert!(noted.is_waiting());
        tokio::time::sleep(Duration::from_secs(5)).await;
        for (patience, calls) in [(1, 0), (3, 1)] {
            assert!(matches!(noted.look(&moves, seconds(patience), seconds(18)).await, Ok(Seen::Nothing)));
            assert_eq!(queues.count("StartGameSessionPlacement"), calls, "{patience} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_longer_a_placement_waits_for_its_queue_the_seldomer_it_is_looked_at() {
        let (store, queues, players) = (store(), Queues::default(), ["ana".to_owned()]);
        let gate = Gate::of_placements(&AdmissionConfig::OFF);
        let (new, moves, begun) = (placement("pl-1", &players), Placing { gamelift: &queues, gate }, Instant::now());
        let mut noted = Noted::note_placement(Some(&store), &gate, &new, None).await.unwrap();
        noted.saw(&queues.start_placement(&new).await.unwrap()).await;
        let mut looks = Vec::new();
        while begun.elapsed() < Duration::from_secs(300) {
            let before = queues.count("DescribeGameSessionPlacement");
            assert!(matches!(noted.look(&moves, seconds(25), seconds(25)).await, Ok(Seen::Nothing)));
            if queues.count("DescribeGameSessionPlacement") > before {
                looks.push(begun.elapsed().as_secs());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        assert_eq!(looks.len(), 5, "{looks:?}");
        assert!(looks.iter().zip([10, 20, 40, 80, 160]).all(|(at, least)| (least..least + least / 5 + 1).contains(at)));
    }

    /// Whoever waits has said for how long, and others can send it too.
    #[tokio::test(start_paused = true)]
    async fn a_placement_that_gamelift_throttles_is_sent_for_three_seconds() {
        let (store, players) = (store(), ["ana".to_owned()]);
        let request = PlacementRequest::of(&placement("pl-1", &players), None).text().unwrap();
        let (id, kind) = ("pl-1", Kind::Placement);
        let new = NewTicket { id, kind, players: &players, request: &request, line: None, key: None, holder: "" };
        let started = store.start(&new, seconds(5)).await.unwrap();
        let Started::New(ticket) = started else { panic!("{started:?}") };
        let queues = Queues::default();
        queues.starts(vec![Outcome::Failed(throttled()); 100]);
        let moves = Placing { gamelift: &queues, gate: Gate::of_placements(&AdmissionConfig::default()) };
        let begun = Instant::now();
        let error = moves.ask_of_placement(&store, &ticket, seconds(18)).await.unwrap_err();
        assert!(error.code().is_passing(), "{error}");
        assert!(begun.elapsed() <= Duration::from_millis(3005), "{:?}", begun.elapsed());
        assert!(queues.count("StartGameSessionPlacement") > 2);
    }
}
