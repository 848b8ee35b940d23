//! The real binary under a Lambda Runtime API.

use serde_json::Value;
use testing::{
    events::{event, names},
    lambda::Function,
};

#[tokio::test]
async fn without_a_table_it_says_so() {
    let variables = [("LIFTGATE_TRUST_BODY_UUID", "true")];
    let mut function =
        Function::start("describe_matchmaking", env!("CARGO_BIN_EXE_describe_matchmaking"), &variables).await;
    let answer = function.invoke(&event(&names("describe_matchmaking")[0])).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&answer["statusCode"], &body["error"]["code"]), (&500.into(), &"BACKEND_MISCONFIGURED".into()));
    assert!(body["detail"].as_str().unwrap().contains("LIFTGATE_TABLE"), "{body}");
}
