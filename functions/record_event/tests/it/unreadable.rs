//! What is no event of GameLift, and what the log says of it.

use rstest::rstest;
use serde_json::{Value, json};
use shared::Code;
use store::records::news::Status;
use testing::log::{Log, deaf};
use tracing::{instrument::WithSubscriber as _, level_filters::LevelFilter};

use crate::world::{World, by_sns, matchmaking, stored};

/// The event with one member changed.
fn with(name: &str, value: Value) -> Value {
    let mut event = stored("succeeded");
    event[name] = value;
    event
}

#[rstest]
#[case::nothing(json!({}))]
#[case::a_route(json!({ "httpMethod": "POST", "body": stored("succeeded").to_string() }))]
#[case::another_source(with("source", json!("custom.gamelift")))]
#[case::no_time(with("time", json!("soon")))]
#[case::no_detail(with("detail", json!("MatchmakingSucceeded")))]
#[case::records_of_a_queue(json!({ "Records": [{ "body": stored("succeeded").to_string() }] }))]
#[case::a_match_without_a_place(matchmaking(1, "MatchmakingSucceeded", json!({})))]
#[tokio::test(start_paused = true)]
async fn a_forged_or_broken_event_changes_nothing_and_fails(#[case] payload: Value) {
    let world = World::new().await;
    let error = world.function.record(&payload).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidRequest);
    assert_eq!([world.status("t-ana").await, world.status("t-bo").await], [Status::Starting; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_record_keeps_no_other_from_being_heard_and_the_invocation_fails() {
    let world = World::new().await;
    let good = stored("succeeded").to_string();
    let broken = matchmaking(1, "MatchmakingSucceeded", json!({})).to_string();
    for messages in [["no JSON".to_owned(), good.clone()], [broken, good]] {
        let error = world.function.record(&by_sns(&messages)).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidRequest);
        assert_eq!([world.status("t-ana").await, world.status("t-bo").await], [Status::Completed; 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_names_an_odd_event_by_its_id_and_no_player() {
    let world = World::new().await;
    let log = Log::default();
    let _deaf = deaf();
    let lines = tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(LevelFilter::TRACE).finish();
    let odd = matchmaking(1, "MatchmakingSucceeded", json!({}));
    let recorded = async {
        world.function.record(&stored("succeeded")).await.unwrap();
        world.function.record(&odd).await.unwrap_err();
        world.function.record(&with("id", json!("p-ana's")).clone()).await.unwrap();
        let mut named = odd.clone();
        named["id"] = json!("a text of somebody's");
        world.function.record(&named).await.unwrap_err();
    };
    recorded.with_subscriber(lines).await;
    let text = log.text();
    assert!(text.contains(odd["id"].as_str().unwrap()) && text.contains("INVALID_REQUEST"), "{text}");
    for hidden in ["p-ana", "p-bo", "psess", "t-ana", "198.51.100.7", "somebody"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}
