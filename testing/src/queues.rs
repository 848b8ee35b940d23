//! Scripted game session queues: they take placements, and do with them what a test says.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws::{
    gamelift::{DescribePlacement, NewPlacement, PlaceGameSession},
    upstream::Operation,
};
use aws_sdk_gamelift::types::{GameSessionPlacement, GameSessionPlacementState};
use shared::Error;
use tokio::time::sleep;

use crate::outcome::{Outcome, done, refusal};

/// Queues in memory.
#[derive(Clone, Debug, Default)]
pub struct Queues(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    placements: BTreeMap<String, GameSessionPlacement>,
    starts: VecDeque<Outcome>,
    stops: VecDeque<Outcome>,
    looks: VecDeque<Outcome>,
    calls: Vec<String>,
}

/// How long a call takes.
const LATENCY: Duration = Duration::from_millis(20);

impl Queues {
    /// Says what becomes of the next calls of `StartGameSessionPlacement`. Those after them are done.
    pub fn starts(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().starts.extend(outcomes);
    }

    /// The same for `StopGameSessionPlacement`.
    pub fn stops(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().stops.extend(outcomes);
    }

    /// The same for `DescribeGameSessionPlacement`.
    pub fn looks(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.state().looks.extend(outcomes);
    }

    /// The calls so far, such as `StartGameSessionPlacement pl-1`.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How many calls of this operation there were.
    pub fn count(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|call| call.split(' ').next() == Some(operation)).count()
    }

    /// The placement as `DescribeGameSessionPlacement` shows it.
    pub fn placement(&self, id: &str) -> Option<GameSessionPlacement> {
        self.state().placements.get(id).cloned()
    }

    /// Lets the queues have this placement from now on.
    pub fn has(&self, id: &str, placement: GameSessionPlacement) {
        self.state().placements.insert(id.to_owned(), placement);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn called(&self, call: String) {
        self.state().calls.push(call);
        sleep(LATENCY).await;
    }
}

impl PlaceGameSession for Queues {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        self.called(format!("StartGameSessionPlacement {}", new.id)).await;
        let mut state = self.state();
        let outcome = state.starts.pop_front();
        done(outcome, || {
            if state.placements.contains_key(new.id) {
                return Err(refusal(Operation::StartGameSessionPlacement, "InvalidRequestException"));
            }
            let placement = GameSessionPlacement::builder()
                .placement_id(new.id)
                .game_session_queue_name(new.queue)
                .game_session_name(new.name)
                .maximum_player_session_count(new.maximum_player_session_count)
                .set_game_session_data(new.game_session_data.map(str::to_owned))
                .status(GameSessionPlacementState::Pending)
                .build();
            state.placements.insert(new.id.to_owned(), placement.clone());
            Ok(placement)
        })
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        self.called(format!("StopGameSessionPlacement {id}")).await;
        let mut state = self.state();
        let outcome = state.stops.pop_front();
        done(outcome, || match state.placements.get_mut(id) {
            Some(placement) if placement.status == Some(GameSessionPlacementState::Pending) => {
                placement.status = Some(GameSessionPlacementState::Cancelled);
                Ok(())
            }
            Some(_) => Err(refusal(Operation::StopGameSessionPlacement, "InvalidRequestException")),
            None => Err(refusal(Operation::StopGameSessionPlacement, "NotFoundException")),
        })
    }
}

impl DescribePlacement for Queues {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        self.called(format!("DescribeGameSessionPlacement {id}")).await;
        let unknown = || refusal(Operation::DescribeGameSessionPlacement, "NotFoundException");
        let outcome = self.state().looks.pop_front();
        done(outcome, || self.placement(id).ok_or_else(unknown))
    }
}
