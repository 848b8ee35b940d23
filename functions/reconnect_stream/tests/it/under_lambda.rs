//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{emulator, events::event, lambda::Function};

#[tokio::test]
async fn starts_a_stream_and_keeps_the_offer_out_of_the_log() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(100.0)).await;
    let variables = [
        ("AWS_ENDPOINT_URL_GAMELIFTSTREAMS", endpoint.as_str()),
        ("LIFTGATE_STREAM_GROUP", Settings::STREAM_GROUP_ID),
        ("LIFTGATE_STREAM_APPLICATIONS", Settings::APPLICATION_ID),
        ("LIFTGATE_TRUST_BODY_UUID", "true"),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
    ];
    let mut function = Function::start("reconnect_stream", env!("CARGO_BIN_EXE_reconnect_stream"), &variables).await;
    let answer = function.invoke(&event("reconnect_stream.start")).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let signal: Value = serde_json::from_str(body["SignalResponse"].as_str().unwrap()).unwrap();
    assert_eq!((&body["Outcome"], &signal["type"]), (&"STARTED".into(), &"answer".into()));

    let log = function.stop().await;
    assert!(log.contains("\"route\":\"reconnect_stream\""), "{log}");
    for secret in ["ice-ufrag", "ice-pwd", "fingerprint", "a=rtpmap"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn without_a_stream_group_it_says_what_to_set() {
    let mut function = Function::start("reconnect_stream", env!("CARGO_BIN_EXE_reconnect_stream"), &[]).await;
    let answer = function.invoke(&event("reconnect_stream.start")).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["statusCode"], &body["error"]["code"]), (&500.into(), &"BACKEND_MISCONFIGURED".into()));
    assert!(body["detail"].as_str().unwrap().contains("LIFTGATE_STREAM_GROUP"));
}
