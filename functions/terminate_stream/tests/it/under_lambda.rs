//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{emulator, events::event, lambda::Function};

#[tokio::test]
async fn it_knows_its_stream_group() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(1.0)).await;
    let variables = [
        ("AWS_ENDPOINT_URL_GAMELIFTSTREAMS", endpoint.as_str()),
        ("LIFTGATE_STREAM_GROUP", Settings::STREAM_GROUP_ID),
        ("LIFTGATE_STREAM_APPLICATIONS", Settings::APPLICATION_ID),
        ("LIFTGATE_TRUST_BODY_UUID", "true"),
    ];
    let mut function = Function::start("terminate_stream", env!("CARGO_BIN_EXE_terminate_stream"), &variables).await;
    let answer = function.invoke(&event("terminate_stream.by_id")).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["statusCode"], &body["error"]["code"]), (&404.into(), &"STREAM_NOT_FOUND".into()));
}
