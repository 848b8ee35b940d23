//! Servers of keys that are gone, slow, endless or hostile.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testing::{
    lambda::Function,
    tokens::{Answer, Hostile, KeyServer, Signer, Token, event},
};
use tokio::time::sleep;

use super::{lets_in, refuses, start};

/// The server's certificate in a file that only this test has.
fn certificate(server: &KeyServer, test: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.pem"));
    fs::write(&path, &server.certificate).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The function with these issuers, whose keys the server has.
async fn function(server: &KeyServer, test: &str, issuers: &Value) -> Function {
    let (issuers, bundle) = (issuers.to_string(), certificate(server, test));
    let variables = [("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", &*issuers), ("LIFTGATE_CA_BUNDLE", &*bundle)];
    start(&variables).await
}

/// The event with a token of the issuer for `kid`.
fn event_of(signer: &Signer, issuer: &str, kid: &str) -> String {
    let token = Token::new(issuer, "game", kid, "player-1").sign(signer);
    event::of(&[format!("Bearer {token}")], None).to_string()
}

/// An issuer with its own path on the server.
fn issuer(server: &KeyServer, name: &str) -> Value {
    json!({ "provider": "oidc", "name": name, "issuer": format!("https://{name}.example.com"), "audiences": ["game"],
        "jwks": server.url(&format!("/{name}")) })
}

#[tokio::test]
async fn rows_120_to_123_and_129_to_133_a_server_without_usable_keys_is_a_failure_that_passes() {
    let (server, signer) = (KeyServer::start().await, Signer::p256());
    let hostile = Hostile::on(&server, &signer);
    let mut function = function(&server, "hostile", &hostile.issuers).await;
    for (name, issuer) in hostile.names {
        let event = event_of(&signer, &issuer, "a");
        let begun = Instant::now();
        let failure = function.invoke(&event).await.unwrap_err();
        assert!(failure["errorMessage"].as_str().unwrap().contains("keys"), "{name}: {failure}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{name} takes {:?}", begun.elapsed());
        // The next call does not ask again.
        assert!(function.invoke(&event).await.is_err(), "{name}");
        assert!(server.asked(&format!("/{name}")) <= 1, "{name}");
    }
    assert_eq!(server.asked("/target"), 0, "a redirect or a foreign document was followed");
    let log = function.stop().await;
    for reason in [
        "takes too long",
        "longer than 64 KB",
        "is packed",
        "same `kid`",
        "is no JSON",
        "redirects",
        "names another issuer",
    ] {
        assert!(log.contains(reason), "the log does not say {reason}: {log}");
    }
}

/// In the real time of the real binary. `identity` has it on virtual time, at each commit.
#[tokio::test]
#[ignore = "takes eleven minutes"]
async fn rows_118_and_119_keys_rotate() {
    const MINUTE: Duration = Duration::from_secs(60);
    let (server, old, new) = (KeyServer::start().await, Signer::p256(), Signer::rsa());
    server.answer("/rotated", Answer::Json(json!({ "keys": [old.jwk("old")] })));
    let mut function = function(&server, "rotated", &json!([issuer(&server, "rotated")])).await;
    let of = |signer: &Signer, kid: &str| event_of(signer, "https://rotated.example.com", kid);
    assert!(lets_in(&function.invoke(&of(&old, "old")).await.unwrap(), "player-1"));
    server.answer("/rotated", Answer::Json(json!({ "keys": [old.jwk("old"), new.jwk("new")] })));
    assert!(refuses(&function.invoke(&of(&new, "new")).await.unwrap()), "a minute has not passed since the last look");
    sleep(MINUTE).await;
    // 118: one look finds the new key, and the old one holds. A player has ten calls.
    for _ in 0..3 {
        assert!(lets_in(&function.invoke(&of(&new, "new")).await.unwrap(), "player-1"));
        assert!(lets_in(&function.invoke(&of(&old, "old")).await.unwrap(), "player-1"));
    }
    assert_eq!(server.asked("/rotated"), 2);
    // 119: a removed key ends after ten minutes.
    server.answer("/rotated", Answer::Json(json!({ "keys": [new.jwk("new")] })));
    assert!(lets_in(&function.invoke(&of(&old, "old")).await.unwrap(), "player-1"), "the keys are fresh");
    sleep(10 * MINUTE).await;
    assert!(refuses(&function.invoke(&of(&old, "old")).await.unwrap()));
    assert!(lets_in(&function.invoke(&of(&new, "new")).await.unwrap(), "player-1"));
    assert_eq!(server.asked("/rotated"), 3);
}

#[tokio::test]
async fn rows_36_and_120_a_warm_function_needs_no_server() {
    let (server, signer) = (KeyServer::start().await, Signer::rsa());
    server.answer("/warm", Answer::Json(json!({ "keys": [signer.jwk("a")] })));
    let mut function = function(&server, "warm", &json!([issuer(&server, "warm")])).await;
    let good = event_of(&signer, "https://warm.example.com", "a");
    assert!(lets_in(&function.invoke(&good).await.unwrap(), "player-1"));
    server.answer("/warm", Answer::Close);
    for number in 0..1000 {
        let event = event_of(&signer, "https://warm.example.com", &format!("made-up-{number}"));
        assert!(refuses(&function.invoke(&event).await.unwrap()));
    }
    assert!(lets_in(&function.invoke(&good).await.unwrap(), "player-1"));
    // With 1000 signatures of RSA the test may see the next minute begin.
    assert!(server.asked("/warm") <= 2, "{}", server.asked("/warm"));
}

#[tokio::test]
async fn keys_are_discovered() {
    let (server, signer) = (KeyServer::start().await, Signer::p256());
    let document = json!({ "issuer": format!("{}/", server.url("")), "jwks_uri": server.url("/keys") });
    server.answer("/.well-known/openid-configuration", Answer::Json(document));
    server.answer("/keys", Answer::Json(json!({ "keys": [signer.jwk("a")] })));
    let issuer = format!("{}/", server.url(""));
    let issuers = json!([{ "provider": "oidc", "issuer": issuer, "audiences": ["game"] }]);
    let mut function = function(&server, "discovered", &issuers).await;
    assert!(lets_in(&function.invoke(&event_of(&signer, &issuer, "a")).await.unwrap(), "player-1"));
}

#[tokio::test]
async fn a_server_with_another_certificate_is_not_believed() {
    let (server, signer) = (KeyServer::start().await, Signer::p256());
    server.answer("/other", Answer::Json(json!({ "keys": [signer.jwk("a")] })));
    let issuers = json!([issuer(&server, "other")]).to_string();
    let mut function = start(&[("LIFTGATE_IDENTITY", "oidc"), ("LIFTGATE_ISSUERS", &issuers)]).await;
    assert!(function.invoke(&event_of(&signer, "https://other.example.com", "a")).await.is_err());
    assert_eq!(server.asked("/other"), 0);
}
