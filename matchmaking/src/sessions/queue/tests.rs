//! Placements that GameLift refuses, on scripted queues and a store in memory.

use aws::{gamelift::PlayerSessions, upstream::Operation::StartGameSessionPlacement};
use aws_sdk_gamelift::types::PlayerSessionStatus;
use rstest::rstest;
use shared::{clock::Clock, error::FieldError};
use testing::{
    outcome::{Outcome, refusal},
    queues::Queues,
};

use super::*;
use crate::{config::AdmissionConfig, sessions::elsewhere::Nowhere};

/// Queues that place nothing.
struct Refusing(Queues);

impl PlaceGameSession for Refusing {
    async fn start_placement(&self, new: &NewPlacement<'_>) -> Result<GameSessionPlacement, Error> {
        self.0.start_placement(new).await
    }

    async fn stop_placement(&self, id: &str) -> Result<(), Error> {
        self.0.stop_placement(id).await
    }
}

impl DescribePlacement for Refusing {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        self.0.describe_placement(id).await
    }
}

impl DescribeGameSession for Refusing {
    async fn describe_game_session(&self, _: &str) -> Result<GameSession, Error> {
        unreachable!("nothing is placed")
    }
}

impl DescribePlayerSessions for Refusing {
    async fn player_sessions_in(&self, _: &str, _: Option<PlayerSessionStatus>) -> Result<PlayerSessions, Error> {
        unreachable!("nothing is placed")
    }

    async fn player_sessions_of(&self, _: &str) -> Result<PlayerSessions, Error> {
        unreachable!("nothing is placed")
    }
}

impl TerminateGameSession for Refusing {
    async fn terminate_game_session(&self, _: &str) -> Result<(), Error> {
        unreachable!("nothing is placed")
    }
}

fn wanted() -> Wanted {
    Wanted {
        name: "A game".to_owned(),
        maximum_player_session_count: 4,
        location: None,
        game_properties: Vec::new(),
        game_session_data: None,
        latencies: vec![("mars-1".to_owned(), 20.0)],
        build_id: None,
    }
}

async fn placed(gamelift: &Refusing, store: &Store, token: &str) -> Result<Queued, Error> {
    let gate = Gate::of_placements(&AdmissionConfig { placements: 1, ..AdmissionConfig::OFF });
    let queue = Queue { name: "players", gate, store: Some(store) };
    let terms = Terms { deadline: Deadline::after(Duration::from_secs(20)), patience: None, key: None, hold: None };
    Box::pin(place(gamelift, queue, &wanted(), &Party::of_ids(&["ana"]), token, &terms, &mut Nowhere)).await
}

#[rstest]
#[case::sent_by_the_call_itself(false)]
#[case::let_in_after_it_waited_in_the_line(true)]
#[tokio::test(start_paused = true)]
async fn bad_latencies_are_the_clients_to_mend_whoever_sends_the_placement(#[case] waits: bool) {
    let store = Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200)));
    let gamelift = Refusing(Queues::default());
    let refused = || Outcome::Failed(refusal(StartGameSessionPlacement, "InvalidRequestException"));
    gamelift.0.starts([refused(), refused()]);
    if waits {
        placed(&gamelift, &store, "before").await.unwrap_err();
    }
    let error = placed(&gamelift, &store, "pl-1").await.unwrap_err();
    let bad: Vec<_> = error.fields().iter().map(FieldError::field).collect();
    assert_eq!((error.code(), bad), (Code::InvalidRequest, vec!["latencies_ms.mars-1"]), "{error}");
    assert!(!error.members().contains_key("PlacementId"), "{:?}", error.members());
    assert_eq!(gamelift.0.count("StopGameSessionPlacement"), 0);
}
