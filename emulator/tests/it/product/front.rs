//! The checks in front of the operations: signatures, limits, unknown paths.

use aws_sdk_gamelift::error::ProvideErrorMetadata as _;
use gamelift_emulator::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use crate::product::support::{World, settings};

async fn with_key() -> World {
    World::new(Settings { access_key: Some("KEY:SECRET".parse().unwrap()), ..settings() }).await
}

#[tokio::test]
async fn the_sdks_signatures_are_checked() {
    let world = with_key().await;
    let group = "arn:aws:gameliftstreams:us-west-2:111122223333:streamgroup/sg-Local0001";

    world.gamelift("KEY", "SECRET").list_fleets().send().await.unwrap();
    // The identifier's colons and slash are encoded in the path, and once more in the signed text.
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
    // The control endpoints need no AWS credentials.
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
    let message = error["Message"].as_str().unwrap();
    assert!(message.contains(path), "{error}");
    assert_eq!(message.contains("/_emulator/state"), method == "GET", "{error}");
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
    let request = world.client.request(method.parse().unwrap(), format!("{}{path}", world.url));
    let response = request.header("smithy-protocol", "rpc-v2-cbor").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], media_type);
    let body = response.bytes().await.unwrap();
    let body = String::from_utf8_lossy(&body);
    assert!(body.contains("UnknownOperationException"), "{body:?}");
    assert_eq!(body.contains("Its state is at /_emulator/state."), (method, path) == ("GET", "/"), "{body:?}");
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
    for origin in ["https://evil.example", "null"] {
        let game_api = world.client.post(&world.url).header("origin", origin);
        let answer = game_api.header("X-Amz-Target", "GameLift.ListFleets").body("{}").send().await.unwrap();
        assert_eq!(answer.status(), 403);
    }
}

/// Method, path and headers of a call, and the media type of its protocol.
#[rstest]
#[case::aws_json("POST", "/", &[("x-amz-target", "GameLift.ListFleets")], "application/x-amz-json-1.1")]
#[case::cbor("POST", "/service/GameLift/operation/ListFleets", &[("smithy-protocol", "rpc-v2-cbor")], "application/cbor")]
#[case::rest_json("GET", "/streamgroups/sg-Local0001", &[], "application/json")]
#[tokio::test]
async fn a_web_page_is_refused_in_the_words_of_each_api(
    #[case] method: &str,
    #[case] path: &str,
    #[case] headers: &[(&'static str, &'static str)],
    #[case] media_type: &str,
) {
    let world = World::new(settings()).await;
    let call = async |more: &[(&'static str, &'static str)]| {
        let mut request = world.client.request(method.parse().unwrap(), format!("{}{path}", world.url));
        for (name, value) in headers.iter().chain(more) {
            request = request.header(*name, *value);
        }
        let answer = request.body(if method == "POST" { vec![0xa0] } else { Vec::new() }).send().await.unwrap();
        let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), content_type, String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned())
    };
    for page in [[("origin", "https://evil.example")], [("host", "evil.example")], [("sec-fetch-site", "cross-site")]] {
        let (status, content_type, body) = call(&page).await;
        assert_eq!((status, content_type.as_str()), (403, media_type), "{page:?}");
        assert!(body.contains("AccessDeniedException") || media_type == "application/json", "{body}");
        assert!(body.contains("--allowed-host") || body.contains("localhost"), "{body}");
    }
    for program in ["host.docker.internal:9870", "gateway.docker.internal", "10.1.2.3:9870", "emulator:9870"] {
        let (status, ..) = call(&[("host", program)]).await;
        assert_ne!(status, 403, "{program}");
    }
    if method == "POST" {
        let (status, _, body) = call(&[("origin", "http://localhost:5173")]).await;
        assert_eq!(status, 415, "{body}");
        let typed = [("origin", "http://localhost:5173"), ("content-type", "application/cbor")];
        assert_ne!(call(&typed).await.0, 415);
    }
}

#[tokio::test]
async fn names_that_are_given_are_let_in() {
    let world = World::new(Settings { allowed_hosts: vec!["Gamelift.studio.example".into()], ..settings() }).await;
    for (host, status) in [("gamelift.studio.example:9870", 200), ("studio.example", 403)] {
        let state = world.client.get(format!("{}/_emulator/state", world.url)).header("host", host);
        assert_eq!(state.send().await.unwrap().status().as_u16(), status, "{host}");
    }
}

#[tokio::test]
async fn the_script_of_the_web_sdk_is_for_every_page() {
    let world = World::new(settings()).await;
    let script = world.client.get(format!("{}/_emulator/streams/protocol.js", world.url));
    let answer = script.header("origin", "https://game.example").header("sec-fetch-site", "cross-site");
    assert_eq!(answer.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_call_in_cbor_says_so() {
    let world = World::new(settings()).await;
    let call = async |protocol: Option<&str>| {
        let request = world.client.post(format!("{}/service/GameLift/operation/ListFleets", world.url));
        let request = protocol.into_iter().fold(request, |request, it| request.header("smithy-protocol", it));
        request.body(vec![0xa0]).send().await.unwrap().status().as_u16()
    };
    assert_eq!(call(None).await, 400);
    assert_eq!(call(Some("rpc-v1-json")).await, 400);
    assert_eq!(call(Some("rpc-v2-cbor")).await, 200);
}
