//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{emulator, events::event, lambda::Function};

#[tokio::test]
async fn answers_a_stored_event() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(1.0)).await;
    let variables = [("AWS_ENDPOINT_URL_GAMELIFT", endpoint.as_str()), ("LIFTGATE_TRUST_BODY_UUID", "true")];
    let mut function = Function::start("join_session", env!("CARGO_BIN_EXE_join_session"), &variables).await;
    // This emulator has never seen the event's game session.
    let answer = function.invoke(&event("join_session.by_id")).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["statusCode"], &body["error"]["code"]), (&404.into(), &"SESSION_NOT_FOUND".into()));
    assert_eq!(body["errorType"], "NotFoundException");
    assert!(body.get("upstream").is_none(), "AWS's words stay inside unless they are asked for");
}
