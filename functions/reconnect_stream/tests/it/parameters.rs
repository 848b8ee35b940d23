//! The parameters of a stream that a client may send.

use aws_sdk_gameliftstreams::types::RuntimeEnvironmentType as Runtime;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fake::{Fake, ask, location, result};

#[tokio::test(start_paused = true)]
async fn everything_that_is_allowed_reaches_the_start() {
    let streams = Fake::new();
    let more = json!({
        "application": "arn:aws:gameliftstreams:us-west-2:111122223333:application/a-2",
        "description": "Player one/a stream", "connection_timeout_seconds": "300.0",
        "session_length_seconds": 3600, "launch_args": ["-map=Forest", "-windowed"],
        "environment": { "GAME_A": "1", "GAME_B": "" }, "share_performance_stats": false,
    });
    assert_eq!(result(&ask(&streams, more).await), "STARTED");
    insta::assert_json_snapshot!(streams.started());
}

#[tokio::test(start_paused = true)]
async fn what_the_client_does_not_say_is_as_configured_or_left_to_aws() {
    let streams = Fake::new();
    ask(&streams, json!({ "locations": [], "launch_args": [], "environment": {} })).await;
    assert_eq!(streams.counts("GetStreamGroup") + streams.counts("GetApplication"), 0, "nothing to look up");
    let expected = json!({
        "application": "a-1", "locations": [], "description": null, "connection_timeout_seconds": 600,
        "session_length_seconds": null, "launch_args": [], "environment": [], "share_performance_stats": null,
    });
    assert_eq!(streams.started(), expected);
}

#[rstest]
#[case::application(json!({ "application": "a-3" }), "application")]
#[case::other_region(json!({ "locations": ["us-west-2", "mars"] }), "locations[1]")]
#[case::locations_no_list(json!({ "locations": "us-west-2" }), "locations")]
#[case::description_colon(json!({ "description": "a:b" }), "description")]
#[case::description_blank(json!({ "description": " a" }), "description")]
#[case::description_long(json!({ "description": "a".repeat(81) }), "description")]
#[case::timeout_over_the_configured(json!({ "connection_timeout_seconds": 601 }), "connection_timeout_seconds")]
#[case::timeout_zero(json!({ "connection_timeout_seconds": 0 }), "connection_timeout_seconds")]
#[case::length_over_awss_own(json!({ "session_length_seconds": 43_201 }), "session_length_seconds")]
#[case::arg(json!({ "launch_args": ["-windowed", "-log"] }), "launch_args[1]")]
#[case::arg_alike(json!({ "launch_args": ["-windowedx"] }), "launch_args[0]")]
#[case::arg_with_a_line(json!({ "launch_args": ["-map=a\n-log"] }), "launch_args[0]")]
#[case::too_many_args(json!({ "launch_args": vec!["-windowed"; 101] }), "launch_args")]
#[case::variable(json!({ "environment": { "PATH": "/" } }), "environment.PATH")]
#[case::variables_name(json!({ "environment": { "GAME_ A": "" } }), "environment.\"GAME_ A\"")]
#[case::variables_value(json!({ "environment": { "GAME_A": "a".repeat(4097) } }), "environment.GAME_A")]
#[case::stats(json!({ "share_performance_stats": "true" }), "share_performance_stats")]
#[case::intent(json!({ "intent": "restart" }), "intent")]
#[case::session(json!({ "stream_session_id": "a b" }), "stream_session_id")]
#[case::no_session(json!({ "stream_session_id": "arn:aws:gameliftstreams:us-west-2:1:streamgroup/sg-1" }), "stream_session_id")]
#[case::nothing_to_reconnect_with(
    json!({ "signal_request": "NO_CLIENT_CONNECTION", "intent": "reconnect" }), "signal_request")]
#[tokio::test(start_paused = true)]
async fn what_is_not_allowed_is_named_and_costs_no_call(#[case] more: Value, #[case] field: &str) {
    let streams = Fake::new();
    let answered = ask(&streams, more).await;
    assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{}", answered.body);
    assert_eq!(answered.body["errors"].as_array().unwrap().len(), 1, "{}", answered.body);
    assert_eq!(answered.body["errors"][0]["field"], field);
    assert!(streams.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn locations_are_those_that_can_stream_now_with_room_first() {
    let group = || {
        vec![
            location("us-west-2", true, 1, 1, 0),
            location("eu-central-1", true, 1, 1, 1),
            location("us-east-1", false, 1, 1, 1),
            location("ap-northeast-1", true, 1, 1, 1),
        ]
    };
    let streams = Fake::new().group(group(), Runtime::Windows);
    // us-east-1 is not ACTIVE, ap-northeast-1 has no complete copy; us-west-2 has the application itself.
    let all = json!({ "locations": ["us-west-2", "us-east-1", "ap-northeast-1", "eu-central-1", "us-west-2"] });
    assert_eq!(result(&ask(&streams, all).await), "STARTED");
    assert_eq!(streams.started()["locations"], json!(["eu-central-1", "us-west-2"]));
    assert_eq!((streams.counts("GetStreamGroup"), streams.counts("GetApplication")), (1, 1));

    let streams = Fake::new().group(group(), Runtime::Windows);
    let answered = ask(&streams, json!({ "locations": ["us-east-1", "ap-northeast-1"] })).await;
    assert_eq!((answered.status, answered.code()), (500, Some("STREAM_MISCONFIGURED")));
    assert!(answered.body["detail"].as_str().unwrap().contains("us-east-1, ap-northeast-1"));
    assert_eq!(streams.counts("StartStreamSession"), 0);
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_aws_refuses_is_the_clients() {
    let streams = Fake::new().fails("StartStreamSession", "ValidationException");
    let answered = ask(&streams, json!({})).await;
    assert_eq!((answered.status, answered.code()), (422, Some("INVALID_SIGNAL_REQUEST")));
    let streams = Fake::new().fails("StartStreamSession", "ResourceNotFoundException");
    assert_eq!(result(&ask(&streams, json!({})).await), "STREAM_MISCONFIGURED");
}
