//! The real binary under a Lambda Runtime API, with an emulated Secrets Manager.

use serde_json::{Value, json};
use testing::{
    events::{event, rest},
    lambda::Function,
    secrets::{self, Requests},
};

const SIGNING: &str = "arn:aws:secretsmanager:us-west-2:111122223333:secret:signing-AbCdEf";
const GUESTS: &str = "arn:aws:secretsmanager:us-west-2:111122223333:secret:guests-AbCdEf";
const TEXT: &str = "SecretText0SecretText1SecretText2SecretText3";

/// A Secrets Manager in which each secret has a current version only: its address, and what it was asked for.
async fn secrets_manager() -> (String, Requests) {
    let answer = |asked: &Value| match asked["VersionStage"].as_str() {
        Some("AWSCURRENT") => (200, json!({ "SecretString": format!("{TEXT}{}", asked["SecretId"]) })),
        _ => (400, json!({ "__type": "ResourceNotFoundException", "Message": "no such stage" })),
    };
    secrets::start(answer).await
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

fn called(body: &Value) -> String {
    rest("POST", "sign_in", Some(body)).to_string()
}

#[tokio::test]
async fn a_guest_signs_in_and_nothing_secret_is_in_the_log() {
    let (url, asked) = secrets_manager().await;
    let variables = [
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
        ("LIFTGATE_ISSUER", "urn:liftgate:test"),
        ("LIFTGATE_SIGNING_SECRET", SIGNING),
        ("LIFTGATE_GUESTS", "true"),
        ("LIFTGATE_GUEST_SECRET", GUESTS),
        ("AWS_LAMBDA_LOG_LEVEL", "trace"),
    ];
    let mut function = Function::start("sign_in", env!("CARGO_BIN_EXE_sign_in"), &variables).await;
    let guest = function.invoke(&event("sign_in.guest")).await.unwrap();
    assert_eq!(guest["statusCode"], 200, "{guest}");
    assert_eq!(guest["multiValueHeaders"]["cache-control"], json!(["no-store"]), "{guest}");
    let guest = body(&guest);

    let known = json!({ "provider": "guest", "guest_id": guest["GuestId"], "guest_secret": guest["GuestSecret"] });
    let again = body(&function.invoke(&called(&known)).await.unwrap());
    assert_eq!(again["PlayerId"], guest["PlayerId"], "{again}");
    let refresh = json!({ "provider": "refresh", "refresh_token": guest["RefreshToken"] });
    let refreshed = body(&function.invoke(&called(&refresh)).await.unwrap());
    assert_eq!(refreshed["PlayerId"], guest["PlayerId"], "{refreshed}");

    let keys = body(&function.invoke(&event("jwks.keys")).await.unwrap());
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1, "{keys}");
    for (name, status, code) in [
        ("sign_in.steam", 403, "SIGN_IN_REFUSED"),
        ("sign_in.refresh", 403, "SIGN_IN_REFUSED"),
        ("sign_in.bad_fields", 400, "INVALID_REQUEST"),
        ("create_session.stock_client", 404, "ROUTE_NOT_FOUND"),
    ] {
        let answer = function.invoke(&event(name)).await.unwrap();
        assert_eq!((&answer["statusCode"], &body(&answer)["error"]["code"]), (&json!(status), &json!(code)), "{name}");
    }
    // Each version of the signing secret once, and the guests' secret once.
    assert_eq!(asked.lock().unwrap().len(), 4);

    let log = function.stop().await;
    assert!(log.contains("answered"), "{log}");
    let tokens = [&guest, &again, &refreshed].map(|tokens| tokens.as_object().unwrap().values());
    let secrets = tokens.into_iter().flatten().filter_map(Value::as_str).chain([TEXT, "SecretText"]);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn without_a_signing_secret_both_routes_say_what_to_set() {
    let mut function = Function::start("sign_in", env!("CARGO_BIN_EXE_sign_in"), &[]).await;
    for name in ["sign_in.guest", "jwks.keys"] {
        let answer = body(&function.invoke(&event(name)).await.unwrap());
        assert_eq!(answer["error"]["code"], "BACKEND_MISCONFIGURED", "{answer}");
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains("LIFTGATE_SIGNING_SECRET") && detail.contains("Identity=sign-in"), "{detail}");
    }
}

#[tokio::test]
async fn each_half_configuration_says_what_is_missing() {
    let base = [("LIFTGATE_ISSUER", "urn:liftgate:test"), ("LIFTGATE_SIGNING_SECRET", SIGNING)];
    for (more, missing) in [
        (&[("LIFTGATE_ISSUER", "")][..], "LIFTGATE_ISSUER"),
        (&[("LIFTGATE_GUESTS", "true")], "LIFTGATE_GUEST_SECRET"),
        (&[("LIFTGATE_GUESTS", "yes")], "LIFTGATE_GUESTS"),
        (&[("LIFTGATE_STEAM_APP_ID", "my game")], "LIFTGATE_STEAM_APP_ID"),
        (&[("LIFTGATE_STEAM_APP_ID", "480")], "LIFTGATE_STEAM_IDENTITY"),
        (&[("LIFTGATE_STEAM_APP_ID", "480"), ("LIFTGATE_STEAM_IDENTITY", "g")], "LIFTGATE_STEAM_KEY_SECRET"),
        (
            &[
                ("LIFTGATE_STEAM_APP_ID", "480"),
                ("LIFTGATE_STEAM_IDENTITY", "g"),
                // On Lambda only https is asked.
                ("LIFTGATE_STEAM_URL", "http://127.0.0.1:1"),
            ],
            "LIFTGATE_STEAM_URL",
        ),
    ] {
        let variables: Vec<_> = base.iter().chain(more).copied().collect();
        let mut function = Function::start("sign_in", env!("CARGO_BIN_EXE_sign_in"), &variables).await;
        let answer = body(&function.invoke(&event("sign_in.guest")).await.unwrap());
        assert_eq!(answer["error"]["code"], "BACKEND_MISCONFIGURED", "{answer}");
        assert!(answer["detail"].as_str().unwrap().contains(missing), "{answer}");
    }
}
