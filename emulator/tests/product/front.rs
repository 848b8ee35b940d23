//! What stands in front of the operations: signatures, limits, paths that are none.

use aws_sdk_gamelift::error::ProvideErrorMetadata as _;
use gamelift_emulator::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{World, settings};

async fn with_key() -> World {
    World::new(Settings { access_key: Some("KEY:SECRET".parse().unwrap()), ..settings() }).await
}

#[tokio::test]
async fn the_sdks_signatures_are_checked() {
    let world = with_key().await;
    let group = "arn:aws:gameliftstreams:us-west-2:111122223333:streamgroup/sg-Local0001";

    world.gamelift("KEY", "SECRET").list_fleets().send().await.unwrap();
    // Its colons and its slash are encoded in the path, and once more in what is signed.
    world.streams("KEY", "SECRET").get_stream_group().identifier(group).send().await.unwrap();

    let wrong = world.gamelift("KEY", "secret").list_fleets().send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("InvalidSignatureException"));
    assert_eq!(wrong.raw_response().unwrap().status().as_u16(), 403);
    let unknown = world.gamelift("YEK", "SECRET").list_fleets().send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("UnrecognizedClientException"));
    let wrong = world.streams("KEY", "secret").get_stream_group().identifier(group).send().await.unwrap_err();
    assert_eq!(aws_sdk_gameliftstreams::error::ProvideErrorMetadata::code(&wrong), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn what_is_not_signed_is_refused_in_json_too() {
    let world = with_key().await;
    let response = world.send("ListFleets", json!({})).await.unwrap();
    assert_eq!(response.status(), 403);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["__type"], "MissingAuthenticationTokenException");
    assert!(error["Message"].as_str().unwrap().contains("--verify-signatures"), "{error}");
    // Whoever steers the emulator has no AWS credentials.
    assert!(world.get("/_emulator/clock").await["time"].is_string());
}

#[tokio::test]
async fn without_a_key_any_signature_will_do() {
    let world = World::new(settings()).await;
    world.gamelift("anything", "at all").list_fleets().send().await.unwrap();
}

#[tokio::test]
async fn limits_hold_if_switched_on() {
    let world = World::new(Settings { rate_limits: true, ..settings() }).await;
    let sdk = world.gamelift("a", "b");
    for _ in 0..30 {
        sdk.list_fleets().send().await.unwrap();
    }
    let refused = sdk.list_fleets().send().await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Some("ThrottlingException"), Some("Rate exceeded")));
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 400);
    world.emulator.clock.step(std::time::Duration::from_secs(1));
    sdk.list_fleets().send().await.unwrap();

    for _ in 0..10 {
        world.streams("a", "b").get_stream_group().identifier(Settings::STREAM_GROUP_ID).send().await.unwrap();
    }
    let refused = world.streams("a", "b").get_stream_group().identifier(Settings::STREAM_GROUP_ID).send().await;
    assert_eq!(refused.unwrap_err().raw_response().unwrap().status().as_u16(), 429);
}

#[rstest]
#[case::no_such_path("GET", "/nowhere")]
#[case::no_such_method("PUT", "/streamgroups/sg-Local0001")]
#[case::no_such_operation("POST", "/streamgroups/sg-Local0001/streamsessions/a/b/c")]
#[tokio::test]
async fn what_streams_does_not_have_is_a_rest_error(#[case] method: &str, #[case] path: &str) {
    let world = World::new(settings()).await;
    let response = world.client.request(method.parse().unwrap(), format!("{}{path}", world.url)).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-amzn-errortype"], "UnknownOperationException");
    assert_eq!(response.headers()["content-type"], "application/json");
    let error: Value = response.json().await.unwrap();
    assert!(error["Message"].as_str().unwrap().contains(path), "{error}");
}

#[rstest]
#[case::method("GET", "/", "application/x-amz-json-1.1")]
#[case::no_target("POST", "/", "application/x-amz-json-1.1")]
#[case::cbor_method("GET", "/service/GameLift/operation/ListFleets", "application/cbor")]
#[case::cbor_operation("POST", "/service/GameLift/operation/Explode", "application/cbor")]
#[case::cbor_service("POST", "/service/Other/operation/ListFleets", "application/cbor")]
#[tokio::test]
async fn what_gamelift_does_not_have_is_an_error_of_its_protocol(
    #[case] method: &str,
    #[case] path: &str,
    #[case] media_type: &str,
) {
    let world = World::new(settings()).await;
    let response = world.client.request(method.parse().unwrap(), format!("{}{path}", world.url)).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], media_type);
    let body = response.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("UnknownOperationException"), "{body:?}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_an_error_of_its_protocol() {
    let world = World::new(settings()).await;
    let response = world.send("ListFleets", json!("x".repeat(3 * 1024 * 1024))).await.unwrap();
    assert_eq!(response.status(), 413);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["__type"], "RequestEntityTooLargeException");
}

#[tokio::test]
async fn a_web_page_of_another_origin_resets_nothing() {
    let world = World::new(settings()).await;
    let send = async |name: &str, value: &str| {
        let request = world.client.post(format!("{}/_emulator/reset", world.url)).header(name, value);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
        let (status, answer) = send(name, value).await;
        assert_eq!(status, 403);
        assert!(answer["error"].is_string());
    }
    assert_eq!(send("origin", "http://localhost:3000").await.0, 200);
    let game_api = world.client.post(&world.url).header("origin", "https://evil.example");
    let answer = game_api.header("X-Amz-Target", "GameLift.ListFleets").body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 200, "AWS's APIs stay open");
}
