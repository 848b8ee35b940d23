//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::Value;
use testing::{emulator, events::event, lambda::Function, stock_client};

#[tokio::test]
async fn answers_stored_events_and_keeps_bodies_out_of_the_log() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(100.0)).await;
    let variables = [
        ("AWS_ENDPOINT_URL_GAMELIFT", endpoint.as_str()),
        ("LIFTGATE_TRUST_BODY_UUID", "true"),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
    ];
    let binary = env!("CARGO_BIN_EXE_create_session");
    let mut function = Function::start("create_session", binary, &variables).await;

    let created = function.invoke(&event("create_session.stock_client")).await.unwrap();
    assert_eq!(created["statusCode"], 200, "{created}");
    stock_client::connection(created["body"].as_str().unwrap()).unwrap();

    let refused = function.invoke(&event("create_session.truncated_json")).await.unwrap();
    assert_eq!(refused["statusCode"], 400);
    let over_http_api = function.invoke(&event("create_session.http_api")).await.unwrap();
    assert_eq!(over_http_api["statusCode"], 200, "{over_http_api}");

    let log = function.stop().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["span"]["route"] == "create_session").collect();
    assert!(answered.iter().any(|line| line["status"] == 200 && line["span"]["request_id"].is_string()), "{log}");
    assert!(answered.iter().any(|line| line["code"] == "INVALID_JSON"), "{log}");
    assert!(!log.contains("Bob's Session") && !log.contains("player-1"), "{log}");
}

#[tokio::test]
async fn a_bad_variable_is_an_answer_and_not_a_dead_function() {
    let binary = env!("CARGO_BIN_EXE_create_session");
    let mut function = Function::start("create_session", binary, &[("LIFTGATE_EXPOSE_ERRORS", "perhaps")]).await;
    let answer = function.invoke(&event("create_session.stock_client")).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["statusCode"], &body["error"]["code"]), (&500.into(), &"BACKEND_MISCONFIGURED".into()));
    assert!(body["detail"].as_str().unwrap().contains("LIFTGATE_EXPOSE_ERRORS"));
}
