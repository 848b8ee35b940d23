//! Secrets that cannot be had.

use std::{sync::Arc, time::Duration};

use aws::secrets::Versions;
use serde_json::json;
use shared::{Code, Error, config::HttpConfig};
use sign_in::SignInRoutes;
use testing::events::rest;
use tokio::time::advance;

use crate::support::{Issuer, answered, guest, versions};

fn down() -> Error {
    Error::new(Code::UpstreamUnavailable, "Scripted.")
}

#[tokio::test(start_paused = true)]
async fn known_keys_outlive_an_outage_of_the_secrets() {
    let issuer = Issuer::with_guests();
    issuer.good(&guest()).await;
    issuer.signing.set(Err(down()));
    advance(Duration::from_hours(2)).await;
    issuer.good(&guest()).await;
    assert_eq!(issuer.jwks().await.status, 200);
    advance(Duration::from_hours(23)).await;
    assert_eq!(issuer.jwks().await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn an_outage_at_the_start_is_passing() {
    let issuer = Issuer::with_guests();
    issuer.signing.set(Err(down()));
    let answer = issuer.sign_in(&guest()).await;
    assert_eq!((answer.status, &answer.body["error"]["retryable"]), (503, &json!(true)));
    issuer.signing.set(Ok(versions("", "a", "")));
    advance(Duration::from_secs(2)).await;
    issuer.good(&guest()).await;
}

#[tokio::test(start_paused = true)]
async fn a_short_secret_is_told_by_the_variable() {
    let issuer = Issuer::with_guests();
    issuer.signing.set(Ok(Versions { current: Some("guessable".to_owned()), ..Versions::default() }));
    let (code, detail) = issuer.refused(&guest()).await;
    assert_eq!(code, "BACKEND_MISCONFIGURED");
    assert!(detail.contains("LIFTGATE_SIGNING_SECRET") && !detail.contains("guessable"), "{detail}");
}

#[tokio::test]
async fn without_settings_both_routes_say_what_to_set() {
    let error = Error::new(Code::BackendMisconfigured, "Set LIFTGATE_SIGNING_SECRET.");
    let routes = SignInRoutes::new(Err::<Arc<_>, _>(error), HttpConfig::default());
    for event in [rest("POST", "sign_in", Some(&guest())), rest("GET", "jwks", None)] {
        let answer = answered(&routes, &event).await;
        assert_eq!(answer.body["error"]["code"], "BACKEND_MISCONFIGURED");
    }
}
