//! A scripted FlexMatch: it takes tickets, and does with them what a test says.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws::{
    gamelift::{
        AcceptMatch, DescribeMatchmaking, DescribePlacement, DescribePlayerSession, NewMatchmaking, NewPlacement,
        PlaceGameSession, StartMatchmaking, StopMatchmaking,
    },
    upstream::Operation,
};
use aws_sdk_gamelift::types::{
    GameSessionConnectionInfo, GameSessionPlacement, MatchedPlayerSession, MatchmakingConfigurationStatus,
    MatchmakingTicket, Player, PlayerSession, PlayerSessionStatus,
};
use shared::Error;
use tokio::time::sleep;

use crate::{outcome::done, queues::Queues};

pub use crate::outcome::{Outcome, refusal, throttled, unanswered};

/// A FlexMatch in memory.
#[derive(Clone, Debug, Default)]
pub struct FlexMatch {
    state: Arc<Mutex<State>>,
    /// The queues beside it.
    pub queues: Queues,
}

#[derive(Debug, Default)]
struct State {
    tickets: BTreeMap<String, MatchmakingTicket>,
    /// Those that no look shows.
    hidden: BTreeSet<String>,
    starts: VecDeque<Outcome>,
    stops: VecDeque<Outcome>,
    looks: VecDeque<Outcome>,
    answers: VecDeque<Outcome>,
    questions: VecDeque<Outcome>,
    /// Of the player sessions that are not RESERVED.
    seats: BTreeMap<String, PlayerSessionStatus>,
    calls: Vec<String>,
}

/// How long a call takes.
const LATENCY: Duration = Duration::from_millis(20);

impl FlexMatch {
    /// Says what becomes of the next calls of `StartMatchmaking`. Those after them are done.
    pub fn starts(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().starts.extend(outcomes);
    }

    /// The same for `StopMatchmaking`.
    pub fn stops(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().stops.extend(outcomes);
    }

    /// The same for `DescribeMatchmaking`.
    pub fn looks(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().looks.extend(outcomes);
    }

    /// The same for `AcceptMatch`.
    pub fn answers(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().answers.extend(outcomes);
    }

    /// The same for `DescribePlayerSessions`.
    pub fn questions(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().questions.extend(outcomes);
    }

    /// Moves a player session on. All others are RESERVED.
    pub fn seats(&self, player_session: &str, status: PlayerSessionStatus) {
        self.state().seats.insert(player_session.to_owned(), status);
    }

    /// The same FlexMatch, with nothing in its way.
    #[must_use]
    pub fn without_script(self) -> Self {
        let mut state = self.state();
        let State { starts, stops, looks, answers, questions, .. } = &mut *state;
        for script in [starts, stops, looks, answers, questions] {
            script.clear();
        }
        drop(state);
        self
    }

    /// The calls so far, such as `StartMatchmaking t-1`.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How many calls of this operation there were.
    pub fn count(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|call| call.split(' ').next() == Some(operation)).count()
    }

    /// The ticket as `DescribeMatchmaking` shows it.
    pub fn ticket(&self, id: &str) -> Option<MatchmakingTicket> {
        self.state().tickets.get(id).cloned()
    }

    /// The ids of all tickets that it knows.
    pub fn ids(&self) -> Vec<String> {
        self.state().tickets.keys().cloned().collect()
    }

    /// Forgets a ticket.
    pub fn forget(&self, id: &str) {
        self.state().tickets.remove(id);
    }

    /// Lets no look show a ticket that it has.
    pub fn hide(&self, id: &str) {
        self.state().hidden.insert(id.to_owned());
    }

    /// Lets looks show the ticket again.
    pub fn show(&self, id: &str) {
        self.state().hidden.remove(id);
    }

    /// Moves a ticket on, without an event.
    pub fn moves(&self, id: &str, status: MatchmakingConfigurationStatus) {
        if let Some(ticket) = self.state().tickets.get_mut(id) {
            ticket.status = Some(status);
        }
    }

    /// Lets a ticket come into a match with a game session, without an event. Its players are in the team `red`.
    pub fn completes(&self, id: &str) {
        if let Some(ticket) = self.state().tickets.get_mut(id) {
            *ticket = completed(ticket);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn called(&self, call: String) {
        self.state().calls.push(call);
        sleep(LATENCY).await;
    }
}

fn completed(ticket: &MatchmakingTicket) -> MatchmakingTicket {
    let in_red = |player: &Player| {
        let mut player = player.clone();
        player.team = Some("red".to_owned());
        player
    };
    let session = |player: &Player| {
        let id = player.player_id().unwrap_or_default();
        MatchedPlayerSession::builder().player_id(id).player_session_id(format!("psess-{id}")).build()
    };
    let info = GameSessionConnectionInfo::builder()
        .game_session_arn("arn:gs-1")
        .ip_address("203.0.113.9")
        .port(7777)
        .set_matched_player_sessions(Some(ticket.players().iter().map(session).collect()))
        .build();
    let mut completed = ticket.clone();
    completed.players = Some(ticket.players().iter().map(in_red).collect());
    completed.status = Some(MatchmakingConfigurationStatus::Completed);
    completed.game_session_connection_info = Some(info);
    completed
}

impl StartMatchmaking for FlexMatch {
    async fn start_matchmaking(&self, new: &NewMatchmaking<'_>) -> Result<MatchmakingTicket, Error> {
        self.called(format!("StartMatchmaking {}", new.ticket_id)).await;
        let mut state = self.state();
        let outcome = state.starts.pop_front();
        done(outcome, || {
            let ticket = MatchmakingTicket::builder()
                .ticket_id(new.ticket_id)
                .configuration_name(new.configuration)
                .status(MatchmakingConfigurationStatus::Queued)
                .set_players(Some(new.players.to_vec()))
                .build();
            if state.tickets.contains_key(new.ticket_id) {
                return Err(refusal(Operation::StartMatchmaking, "InvalidRequestException"));
            }
            state.tickets.insert(new.ticket_id.to_owned(), ticket.clone());
            Ok(ticket)
        })
    }
}

impl DescribeMatchmaking for FlexMatch {
    async fn describe_matchmaking(&self, ticket_ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        self.called(format!("DescribeMatchmaking {}", ticket_ids.join(" "))).await;
        let mut state = self.state();
        let outcome = state.looks.pop_front();
        let shown = ticket_ids.iter().filter(|id| !state.hidden.contains(*id));
        done(outcome, || Ok(shown.filter_map(|id| state.tickets.get(id).cloned()).collect()))
    }
}

impl DescribePlayerSession for FlexMatch {
    async fn player_session(&self, id: &str) -> Result<PlayerSession, Error> {
        self.called(format!("DescribePlayerSessions {id}")).await;
        let mut state = self.state();
        let outcome = state.questions.pop_front();
        let status = state.seats.get(id).cloned().unwrap_or(PlayerSessionStatus::Reserved);
        done(outcome, || Ok(PlayerSession::builder().player_session_id(id).status(status).build()))
    }
}

impl StopMatchmaking for FlexMatch {
    async fn stop_matchmaking(&self, ticket_id: &str) -> Result<(), Error> {
        use MatchmakingConfigurationStatus::{Cancelled, Queued, RequiresAcceptance, Searching};
        self.called(format!("StopMatchmaking {ticket_id}")).await;
        let mut state = self.state();
        let outcome = state.stops.pop_front();
        done(outcome, || match state.tickets.get_mut(ticket_id) {
            Some(ticket) if matches!(ticket.status, Some(Queued | Searching | RequiresAcceptance)) => {
                ticket.status = Some(Cancelled);
                Ok(())
            }
            _ => Err(refusal(Operation::StopMatchmaking, "InvalidRequestException")),
        })
    }
}

impl PlaceGameSession for FlexMatch {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        self.queues.start_placement(new).await
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        self.queues.stop_placement(id).await
    }
}

impl DescribePlacement for FlexMatch {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        self.queues.describe_placement(id).await
    }
}

impl AcceptMatch for FlexMatch {
    async fn accept_match(&self, ticket_id: &str, player_ids: &[String], accept: bool) -> Result<(), Error> {
        use MatchmakingConfigurationStatus::RequiresAcceptance;
        self.called(format!("AcceptMatch {ticket_id} {} {accept}", player_ids.join(" "))).await;
        let mut state = self.state();
        let outcome = state.answers.pop_front();
        done(outcome, || match state.tickets.get(ticket_id) {
            Some(ticket) if ticket.status == Some(RequiresAcceptance) => Ok(()),
            _ => Err(refusal(Operation::AcceptMatch, "InvalidRequestException")),
        })
    }
}
