//! The real binary under a Lambda Runtime API.

use serde_json::Value;
use testing::{events::event, lambda::Function};

const BINARY: &str = env!("CARGO_BIN_EXE_start_matchmaking");

async fn answer(variables: &[(&str, &str)]) -> (Value, Value) {
    let mut function = Function::start("start_matchmaking", BINARY, variables).await;
    let answer = function.invoke(&event("start_matchmaking.stock_client")).await.unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].clone(), body)
}

#[tokio::test]
async fn without_a_configuration_or_a_table_it_says_which_variable_to_set() {
    let trusting = ("LIFTGATE_TRUST_BODY_UUID", "true");
    let configured = ("LIFTGATE_MATCHMAKING_CONFIGURATIONS", "duel");
    for (variables, missing) in
        [(&[trusting][..], "LIFTGATE_MATCHMAKING_CONFIGURATIONS"), (&[trusting, configured], "LIFTGATE_TABLE")]
    {
        let (status, body) = answer(variables).await;
        assert_eq!((status, &body["error"]["code"]), (500.into(), &"BACKEND_MISCONFIGURED".into()));
        assert!(body["detail"].as_str().unwrap().contains(missing), "{body}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_no_dead_function() {
    let variables = [
        ("LIFTGATE_TRUST_BODY_UUID", "true"),
        ("LIFTGATE_MATCHMAKING_CONFIGURATIONS", "duel"),
        ("LIFTGATE_TABLE", "liftgate"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9"),
    ];
    let (status, body) = answer(&variables).await;
    assert_eq!((status, &body["error"]["code"]), (503.into(), &"UPSTREAM_UNAVAILABLE".into()));
}
