//! The real binary under a Lambda Runtime API.

use serde_json::Value;
use testing::{events::event, lambda::Function};

const BINARY: &str = env!("CARGO_BIN_EXE_create_invitation");

async fn answer(variables: &[(&str, &str)]) -> (Value, Value) {
    let mut function = Function::start("create_invitation", BINARY, variables).await;
    let answer = function.invoke(&event("create_invitation.for_a_leader")).await.unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].clone(), body)
}

#[tokio::test]
async fn it_signs_with_the_key_of_the_environment() {
    let key = ("LIFTGATE_INVITATION_KEY", "0123456789abcdef0123456789abcdef");
    let (status, body) = answer(&[key, ("LIFTGATE_TRUST_BODY_UUID", "true")]).await;
    assert_eq!((status, &body["ExpiresIn"]), (200.into(), &120.into()));
    assert!(body["Invitation"].as_str().unwrap().starts_with("one."), "{body}");
}

#[tokio::test]
async fn without_a_key_it_says_which_variable_to_set() {
    let (status, body) = answer(&[("LIFTGATE_TRUST_BODY_UUID", "true")]).await;
    assert_eq!((status, &body["error"]["code"]), (500.into(), &"BACKEND_MISCONFIGURED".into()));
    assert!(body["detail"].as_str().unwrap().contains("LIFTGATE_INVITATION_KEY"), "{body}");
}
