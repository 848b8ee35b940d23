//! The real binary under a Lambda Runtime API, with the emulator as its AWS.

use gamelift_emulator::{Clock, Settings};
use serde_json::{Value, json};
use testing::{
    emulator,
    events::{event, rest},
    lambda::Function,
    stock_client,
    streams::offer,
};

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
async fn starts_a_stream_with_the_game_session_and_keeps_both_out_of_the_log() {
    let (_emulator, endpoint) = emulator::start(&Settings::default(), Clock::new(100.0)).await;
    let binary = env!("CARGO_BIN_EXE_create_session");
    let body = json!({
        "session_name": "A match", "uuid": "player-1", "num_connections": 4,
        "stream": { "signal_request": offer("first") },
    });
    let call = rest("POST", "create_session", Some(&body)).to_string();
    for (template, status) in [("{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}", 200), ("{Address}", 500)] {
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("LIFTGATE_STREAM_GROUP", Settings::STREAM_GROUP_ID),
            ("LIFTGATE_STREAM_APPLICATIONS", Settings::APPLICATION_ID),
            ("LIFTGATE_STREAM_CONNECT_ARGS", template),
            ("LIFTGATE_TRUST_BODY_UUID", "true"),
            ("AWS_LAMBDA_LOG_LEVEL", "trace"),
        ];
        let mut function = Function::start("create_session", binary, &variables).await;
        let answer = function.invoke(&call).await.unwrap();
        assert_eq!(answer["statusCode"], status, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let log = function.stop().await;
        if status == 200 {
            stock_client::connection(&body.to_string()).unwrap();
            assert_eq!(body["Stream"]["Outcome"], "STARTED", "{body}");
            assert!(!log.contains("ice-ufrag") && !log.contains(body["PlayerSessionId"].as_str().unwrap()), "{log}");
        } else {
            assert_eq!(body["error"]["code"], "BACKEND_MISCONFIGURED");
            assert!(log.contains("{Address}; there are {IpAddress}"), "told at the start: {log}");
        }
    }
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
