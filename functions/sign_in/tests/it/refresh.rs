//! Refresh tokens, and the rotation of the key. Tokio's clock stands still, and so does the issuer's.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::advance;

use crate::support::{Issuer, guest, refresh, versions};

const DAY: Duration = Duration::from_hours(24);

async fn is_good(issuer: &Issuer, token: &Value) -> bool {
    issuer.sign_in(&refresh(token)).await.status == 200
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_gives_the_same_player_new_tokens() {
    let issuer = Issuer::with_guests();
    let first = issuer.good(&guest()).await;
    advance(Duration::from_mins(14)).await;
    let second = issuer.good(&refresh(&first["RefreshToken"])).await;
    assert_eq!(second["PlayerId"], first["PlayerId"]);
    assert_eq!(issuer.player(&second).await, first["PlayerId"]);
    assert_ne!(second["RefreshToken"], first["RefreshToken"]);
    assert!(second.get("GuestSecret").is_none());
}

#[tokio::test(start_paused = true)]
async fn refreshing_ends_after_a_week_without_use_and_after_a_month_in_any_case() {
    let issuer = Issuer::with_guests();
    let first = issuer.good(&guest()).await["RefreshToken"].clone();
    let mut token = first.clone();
    for day in 1..30 {
        advance(DAY).await;
        token = issuer.good(&refresh(&token)).await["RefreshToken"].clone();
        assert_eq!(is_good(&issuer, &first).await, day < 7, "day {day}");
    }
    advance(DAY).await;
    let (code, detail) = issuer.refused(&refresh(&token)).await;
    assert_eq!(code, "SIGN_IN_REFUSED");
    assert!(detail.ends_with("Sign in again."), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn an_access_token_is_no_refresh_token_and_other_texts_are_none() {
    let issuer = Issuer::with_guests();
    let tokens = issuer.good(&guest()).await;
    let changed = format!("{}A", tokens["RefreshToken"].as_str().unwrap());
    let mut refusals = Vec::new();
    for token in [tokens["AccessToken"].clone(), json!(changed), json!("x"), json!("a.b.c"), json!("\u{202e}..")] {
        refusals.push(issuer.refused(&refresh(&token)).await);
    }
    assert_eq!(refusals[0].0, "SIGN_IN_REFUSED");
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
}

#[tokio::test(start_paused = true)]
async fn switching_guests_off_ends_their_refreshing() {
    let token = Issuer::with_guests().good(&guest()).await["RefreshToken"].clone();
    assert!(is_good(&Issuer::with_guests(), &token).await);
    assert!(!is_good(&Issuer::new(false, None), &token).await);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_signs_nobody_out() {
    let issuer = Issuer::with_guests();
    let old = issuer.good(&guest()).await;
    let jwks = issuer.jwks().await;
    assert_eq!(jwks.headers["cache-control"], "public, max-age=300");
    assert_eq!(jwks.body["keys"].as_array().unwrap().len(), 1);

    // Published, not yet signing.
    issuer.signing.set(Ok(versions("b", "a", "")));
    advance(Duration::from_mins(5)).await;
    assert_eq!(issuer.jwks().await.body["keys"].as_array().unwrap().len(), 2);
    let meanwhile = issuer.good(&refresh(&old["RefreshToken"])).await;
    let kid = |tokens: &Value| tokens["AccessToken"].as_str().unwrap().split('.').next().unwrap().to_owned();
    assert_eq!(kid(&meanwhile), kid(&old));

    // Signing; the old one is still accepted.
    issuer.signing.set(Ok(versions("", "b", "a")));
    advance(Duration::from_mins(5)).await;
    let new = issuer.good(&refresh(&old["RefreshToken"])).await;
    assert_ne!(kid(&new), kid(&old));
    assert_eq!(issuer.player(&new).await, old["PlayerId"]);
    assert_eq!(issuer.player(&old).await, old["PlayerId"]);

    // The next rotation ends it.
    issuer.signing.set(Ok(versions("", "c", "b")));
    advance(Duration::from_mins(5)).await;
    assert!(!is_good(&issuer, &old["RefreshToken"]).await);
    assert!(is_good(&issuer, &new["RefreshToken"]).await);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_a_key_that_is_not_known_yet_causes_one_look_a_minute() {
    let (issuer, ahead) = (Issuer::with_guests(), Issuer::with_guests());
    issuer.good(&guest()).await;
    ahead.signing.set(Ok(versions("", "b", "a")));
    let token = ahead.good(&guest()).await["RefreshToken"].clone();
    issuer.signing.set(Ok(versions("", "b", "a")));
    // The keys were read a moment ago.
    assert!(!is_good(&issuer, &token).await);
    advance(Duration::from_mins(1)).await;
    assert!(is_good(&issuer, &token).await);

    let reads = issuer.signing.reads();
    ahead.signing.set(Ok(versions("", "z", "")));
    advance(Duration::from_mins(5)).await;
    let unknown = ahead.good(&guest()).await["RefreshToken"].clone();
    for _ in 0..1000 {
        assert!(!is_good(&issuer, &unknown).await);
    }
    assert_eq!(issuer.signing.reads(), reads + 1);
}
