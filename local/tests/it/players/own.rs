//! Tokens of the local world itself.

use identity::config::Mode;
use liftgate::Players;
use reqwest::StatusCode;

use crate::players::support::{FORMATS, Issuer, Place, oidc, world};

async fn token(place: &Place, player: &str) -> String {
    let url = format!("{}/_local/token?player={player}", place.base);
    let response = place.client.get(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_token_of_the_local_world_is_its_player_with_and_without_flags() {
    for (events, mode) in FORMATS.into_iter().zip([Mode::TrustBody, Mode::SignIn]) {
        let place = world(events, Players { mode, ..Players::default() }).await;
        let token = token(&place, "ann").await;
        assert_eq!(place.create_with(&token).await.json()["PlayerId"], "ann");
        let bearer = format!("Bearer {token}");
        let other = place.create(Some("ben"), &[("authorization", &bearer)]).await;
        assert_eq!(other.error(), (403, "PLAYER_MISMATCH".to_owned()));
        let bad = place.create(Some("ann"), &[("authorization", "Bearer a.b.c")]).await;
        assert_eq!(bad.error(), (401, "UNAUTHENTICATED".to_owned()));
        let without = place.create(Some("ben"), &[]).await;
        match mode {
            Mode::TrustBody => assert_eq!(without.json()["PlayerId"], "ben"),
            _ => assert_eq!(without.error(), (401, "UNAUTHENTICATED".to_owned())),
        }
    }
}

#[tokio::test]
async fn any_id_that_a_token_may_have_can_be_tried_and_no_other() {
    let place = world(FORMATS[0], Players::default()).await;
    for (encoded, player) in [("guest%3A0a", "guest:0a"), ("auth0%7Cann%2Bben", "auth0|ann+ben")] {
        assert_eq!(place.create_with(&token(&place, encoded).await).await.json()["PlayerId"], player);
    }
    for query in
        ["", "?player=", "?player=a%20b", "?player=J%C3%B6rg", "?name=ann", &format!("?player={}", "a".repeat(256))]
    {
        let answer = place.client.get(format!("{}/_local/token{query}", place.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_world_that_takes_no_tokens_of_its_own_says_so() {
    let refuse = Players { mode: Mode::Refuse, ..Players::default() };
    for players in [refuse, oidc(Issuer::new("a").pinned())] {
        let place = world(FORMATS[0], players).await;
        let answer = place.client.get(format!("{}/_local/token?player=ann", place.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(answer.text().await.unwrap().contains("--identity sign-in"));
    }
}

#[tokio::test]
async fn a_token_of_one_world_is_none_of_another() {
    let (one, other) = (world(FORMATS[0], Players::default()).await, world(FORMATS[0], Players::default()).await);
    let refused = other.create_with(&token(&one, "ann").await).await;
    assert_eq!(refused.error(), (401, "UNAUTHENTICATED".to_owned()));
}

#[tokio::test]
async fn a_strangers_page_gets_no_token() {
    let place = world(FORMATS[0], Players::default()).await;
    for (name, value) in
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("host", "evil.example")]
    {
        let request = place.client.get(format!("{}/_local/token?player=ann", place.base)).header(name, value);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{name}");
    }
    let own = place.client.get(format!("{}/_local/token?player=ann", place.base));
    let own = own.header("origin", "http://localhost:8080").send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
}
