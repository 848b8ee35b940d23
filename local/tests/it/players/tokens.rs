//! Good tokens and bad ones.

use std::time::Duration;

use identity::config::Mode;
use liftgate::Players;
use serde_json::json;
use tokio::net::TcpListener;

use crate::players::support::{FORMATS, Issuer, oidc, world};

#[tokio::test]
async fn a_good_token_is_its_subject() {
    let issuer = Issuer::new("a");
    for (events, mode) in FORMATS.into_iter().zip([Mode::Oidc, Mode::TrustBody]) {
        let place = world(events, Players { mode, ..oidc(issuer.pinned()) }).await;
        let token = issuer.token("ann");
        assert_eq!(place.create_with(&token).await.json()["PlayerId"], "ann");
        let scheme = format!("bEARER {token}");
        let created = place.create(Some("ann"), &[("authorization", &scheme)]).await;
        assert_eq!(created.json()["PlayerId"], "ann", "{created:?}");
        let other = place.create(Some("ben"), &[("authorization", &scheme)]).await;
        assert_eq!(other.error(), (403, "PLAYER_MISMATCH".to_owned()));
    }
}

#[tokio::test]
async fn of_two_issuers_each_has_its_own_players() {
    let issuer = Issuer::new("a");
    let mut second = Issuer::new("b").pinned();
    "second".clone_into(&mut second.name);
    let place = world(FORMATS[0], Players { issuers: vec![issuer.pinned(), second], ..oidc(issuer.pinned()) }).await;
    for (keys, player) in [("a", "oidc:ann"), ("b", "second:ann")] {
        let created = place.create_with(&Issuer::new(keys).token("ann")).await;
        assert_eq!(created.json()["PlayerId"], player, "{created:?}");
    }
}

#[tokio::test]
async fn what_is_no_good_token_is_refused_with_one_text() {
    let issuer = Issuer::new("a");
    let token = issuer.token("ann");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let expired = issuer.token_at("ann", now.saturating_sub(Duration::from_secs(3600)));
    let early = issuer.token_at("ann", now + Duration::from_secs(3600));
    let of_others = Issuer::new("b").token("ann");
    let bearer = |token: &str| vec![("authorization", format!("Bearer {token}"))];
    let cases = [
        ("expired", bearer(&expired)),
        ("of the future", bearer(&early)),
        ("other keys", bearer(&of_others)),
        ("cut", bearer(&token[..token.len() - 1])),
        ("no token", bearer("hello")),
        ("twice", bearer(&format!("Bearer {token}"))),
        ("no scheme", vec![("authorization", token.clone())]),
        ("another scheme", vec![("authorization", format!("Basic {token}"))]),
        ("two headers", [bearer(&token), bearer(&token)].concat()),
    ];
    for (events, mode) in FORMATS.into_iter().zip([Mode::TrustBody, Mode::Oidc]) {
        let place = world(events, Players { mode, ..oidc(issuer.pinned()) }).await;
        let mut texts = Vec::new();
        for (what, headers) in &cases {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let refused = place.create(Some("ann"), &headers).await;
            assert_eq!(refused.error(), (401, "UNAUTHENTICATED".to_owned()), "{what}: {refused:?}");
            texts.push(refused.without_id());
        }
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    }
}

#[tokio::test]
async fn a_token_in_the_address_is_refused() {
    let issuer = Issuer::new("a");
    let place = world(FORMATS[0], oidc(issuer.pinned())).await;
    let url = format!("{}/create_session?access_token={}", place.base, issuer.token("ann"));
    let answer = place.client.post(url).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn while_the_keys_cannot_be_had_the_answer_is_to_try_again() {
    let issuer = Issuer::new("a");
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for events in FORMATS {
        let place = world(events, oidc(issuer.with_keys(&json!(format!("http://{gone}/keys"))))).await;
        let answer = place.create_with(&issuer.token("ann")).await;
        assert_eq!(answer.error(), (503, "UPSTREAM_UNAVAILABLE".to_owned()), "{answer:?}");
        assert_eq!(answer.json()["error"]["retryable"], true);
        assert!(answer.retry_after.is_some(), "{answer:?}");
        assert_eq!(place.create(None, &[]).await.error(), (401, "UNAUTHENTICATED".to_owned()));
    }
}
