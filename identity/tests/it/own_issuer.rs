//! Tokens of Liftgate's own issuer, and the rotation of keys.

use std::time::Duration;

use identity::{authorizer::Decision, key_source::KeysError};
use serde_json::json;
use testing::tokens::{Signer, Token};
use tokio::time::advance;

use crate::world::{ISSUER, Keys, START, authorizer, decide, own_token, player};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_player_of_our_own_keeps_the_whole_id() {
    let signer = Signer::p256();
    let authorizer = authorizer(&Keys::new(&[signer.jwk("a")]), None);
    assert_eq!(player(&authorizer, &own_token("a"), &signer).await, "guest:0123");
}

#[tokio::test(start_paused = true)]
async fn row_102_a_refresh_token_opens_no_route() {
    let signer = Signer::p256();
    let authorizer = authorizer(&Keys::new(&[signer.jwk("a")]), None);
    let refresh = format!("{ISSUER}/refresh");
    for token in [
        own_token("a").header("typ", "refresh+jwt").claim("aud", &*refresh),
        own_token("a").header("typ", "refresh+jwt"),
        own_token("a").claim("aud", &*refresh),
        own_token("a").header("typ", "JWT"),
        own_token("a").header("typ", json!(null)),
    ] {
        assert_eq!(player(&authorizer, &token, &signer).await, "refused", "{token:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn row_96_another_issuers_player_is_never_one_of_ours() {
    let (ours, theirs) = (Signer::p256(), Signer::p256());
    let issuers = json!([{ "provider": "oidc", "issuer": "https://id.example.com", "audiences": ["game"],
        "jwks": { "keys": [theirs.jwk("b")] } }]);
    let authorizer = authorizer(&Keys::new(&[ours.jwk("a")]), Some(&issuers.to_string()));
    let token = Token::new("https://id.example.com", "game", "b", "guest:0123").begun_at(START);
    assert_eq!(player(&authorizer, &token, &theirs).await, "oidc:guest:0123");
    // Their key signs nothing of ours.
    assert_eq!(player(&authorizer, &own_token("b"), &theirs).await, "refused");
}

#[tokio::test(start_paused = true)]
async fn row_36_ten_thousand_unknown_kids_cause_one_load_a_minute() {
    let signer = Signer::p256();
    let keys = Keys::new(&[signer.jwk("a")]);
    let authorizer = authorizer(&keys, None);
    authorizer.warm_up().await;
    let begun = keys.loads();
    for number in 0..10_000 {
        let token = own_token(&format!("made-up-{number}")).sign_with(&signer, |_| vec![1; 64]);
        assert!(matches!(decide(&authorizer, &format!("Bearer {token}")).await, Decision::Refuse { .. }));
        advance(Duration::from_millis(30)).await;
    }
    // 300 s.
    assert_eq!((begun, keys.loads()), (1, 5));
}

#[tokio::test(start_paused = true)]
async fn rows_118_and_119_keys_rotate() {
    let (old, new) = (Signer::p256(), Signer::p256());
    let keys = Keys::new(&[old.jwk("old")]);
    let authorizer = authorizer(&keys, None);
    authorizer.warm_up().await;
    advance(MINUTE).await;
    // 118: a key that was unknown is found after one load.
    keys.are(&[old.jwk("old"), new.jwk("new")]);
    assert_eq!(player(&authorizer, &own_token("new"), &new).await, "guest:0123");
    assert_eq!(player(&authorizer, &own_token("old"), &old).await, "guest:0123");
    assert_eq!(keys.loads(), 2);
    // 119: a removed key dies ten minutes later at the latest.
    keys.are(&[new.jwk("new")]);
    advance(MINUTE * 10).await;
    assert_eq!(player(&authorizer, &own_token("old"), &old).await, "refused");
    assert_eq!(player(&authorizer, &own_token("new"), &new).await, "guest:0123");
}

#[tokio::test(start_paused = true)]
async fn row_120_without_keys_the_answer_is_not_a_refusal() {
    let signer = Signer::p256();
    let keys = Keys::new(&[signer.jwk("a")]);
    keys.answer(Err(KeysError("down")));
    let authorizer = authorizer(&keys, None);
    authorizer.warm_up().await;
    assert_eq!(player(&authorizer, &own_token("a"), &signer).await, "keys unavailable");
    // A bad token is refused without any key.
    assert_eq!(player(&authorizer, &own_token("a").claim("aud", "other"), &signer).await, "refused");
    keys.are(&[signer.jwk("a")]);
    advance(MINUTE).await;
    assert_eq!(player(&authorizer, &own_token("a"), &signer).await, "guest:0123");
    keys.answer(Err(KeysError("down")));
    advance(MINUTE * 20).await;
    assert_eq!(player(&authorizer, &own_token("a"), &signer).await, "guest:0123");
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_when_it_says() {
    let signer = Signer::p256();
    let authorizer = authorizer(&Keys::new(&[signer.jwk("a")]), None);
    let token = own_token("a");
    assert_eq!(player(&authorizer, &token, &signer).await, "guest:0123");
    advance(MINUTE * 60 - Duration::from_secs(1)).await;
    assert_eq!(player(&authorizer, &token, &signer).await, "guest:0123");
    advance(Duration::from_secs(1)).await;
    assert_eq!(player(&authorizer, &token, &signer).await, "refused");
}
