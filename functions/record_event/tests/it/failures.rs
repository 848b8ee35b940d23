//! A store that fails, at each of its calls.

use matchmaking::tickets::record;
use serde_json::{Value, json};
use shared::Code;
use store::records::news::Status;
use testing::failing_table::Failure;

use crate::world::{World, by_sns, matchmaking, stored};

/// The match of the stored event.
const MATCH: &str = "9d5e3f40-0c3b-4c7f-b3a5-bb5f0e1c2d33";

/// Two events, of which the first names a match and the second ends it.
fn payload() -> Value {
    let found = matchmaking(900, "PotentialMatchCreated", json!({ "matchId": MATCH }));
    by_sns(&[found.to_string(), stored("succeeded").to_string()])
}

#[tokio::test(start_paused = true)]
async fn whichever_call_fails_the_invocation_does_and_its_repeat_records_the_rest() {
    let whole = World::new().await;
    whole.function.record(&payload()).await.unwrap();
    let expected = [whole.news("t-ana").await, whole.news("t-bo").await];
    let calls = {
        let counted = World::new().await;
        counted.table.fail(|_| None);
        // Without the looks at the lines after it, which fail no invocation.
        let recorded = record(&counted.flexmatch, &counted.store, &payload()).await;
        assert!(recorded.failure.is_none());
        counted.table.calls()
    };
    assert!(calls >= 6, "two tickets, two events, a match: {calls}");
    for failure in [Failure::Before, Failure::After] {
        for first in 0..calls {
            let world = World::new().await;
            world.table.fail(move |call| (call == first).then_some(failure));
            let error = world.function.record(&payload()).await.unwrap_err();
            assert_eq!(error.code(), Code::UpstreamUnavailable, "call {first}, {failure:?}");
            world.function.record(&payload()).await.unwrap();
            let news = [world.news("t-ana").await, world.news("t-bo").await];
            assert_eq!(news, expected, "call {first}, {failure:?}");
            let mut of_match = world.store.tickets_of(MATCH).await.unwrap();
            of_match.sort();
            assert_eq!(of_match, ["t-ana", "t-bo"], "call {first}, {failure:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_cannot_be_written_keeps_no_other_from_being_heard() {
    let world = World::new().await;
    world.table.fail(|call| (call == 0).then_some(Failure::Before));
    world.function.record(&stored("succeeded")).await.unwrap_err();
    let statuses = [world.status("t-ana").await, world.status("t-bo").await];
    assert_eq!(statuses.iter().filter(|status| **status == Status::Completed).count(), 1, "{statuses:?}");
}
