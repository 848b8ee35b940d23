//! Who sends too many requests.

use identity::config::{Mode, PlayerRates};
use liftgate::{Players, gateway::throttle::Throttling};
use serde_json::{Value, json};
use shared::{RouteId, rate::Rate};

use crate::players::support::{Answer, FORMATS, Issuer, Place, oidc, send, throttled, world};

/// So slow that no token comes while a test runs.
fn slow() -> Throttling {
    let rate = |burst| Rate::per_minute(1, burst);
    let players = PlayerRates {
        starts: rate(2),
        requests: rate(3),
        guest_starts: rate(3),
        guest_requests: rate(5),
        sign_ins: rate(2),
        searches: rate(3),
    };
    Throttling { players, ..Throttling::default() }
}

/// Sends the call until it is one too many, at most 100 times. Returns the number of those before, and the answer.
async fn until_limited(place: &Place, route: RouteId, token: Option<&str>) -> (usize, Answer) {
    for before in 0..100 {
        let call = place.call(route, &json!({ "provider": "guest" }));
        let answer = send(token.into_iter().fold(call, |call, token| call.bearer_auth(token))).await;
        if answer.status == 429 {
            return (before, answer);
        }
        assert_ne!(answer.status, 401, "{answer:?}");
    }
    panic!("nobody is limited");
}

#[tokio::test]
async fn a_player_who_sends_too_many_requests_reads_when_to_come_back() {
    let issuer = Issuer::new("a");
    for events in FORMATS {
        let place = throttled(events, oidc(issuer.pinned()), Some(slow())).await;
        let (ann, ben) = (issuer.token("ann"), issuer.token("ben"));
        for route in RouteId::STARTS {
            // Both routes that start game sessions are counted together.
            let before = if route == RouteId::FindOrCreateSession { 0 } else { 2 };
            assert_eq!(until_limited(&place, route, Some(&ann)).await.0, before, "{}", route.name());
        }
        let (before, limited) = until_limited(&place, RouteId::FindSession, Some(&ann)).await;
        assert_eq!(
            (before, limited.error(), limited.retry_after.as_deref()),
            (3, (429, "RATE_LIMITED".into()), Some("4"))
        );
        let error = &limited.json()["error"];
        assert_eq!((&error["retryable"], &error["retry_after_ms"]), (&true.into(), &4000.into()));
        assert!(
            limited.json()["detail"].as_str().unwrap().starts_with("Too many requests of this player"),
            "{limited:?}"
        );
        assert_eq!(until_limited(&place, RouteId::CreateSession, Some(&ben)).await.0, 2, "another player");
    }
}

#[tokio::test]
async fn a_page_can_read_the_refusal_and_a_preflight_is_free() {
    let issuer = Issuer::new("a");
    let place = throttled(FORMATS[0], oidc(issuer.pinned()), Some(slow())).await;
    until_limited(&place, RouteId::JoinSession, Some(&issuer.token("ann"))).await;
    let origin = "http://localhost:8080";
    let limited =
        place.call(RouteId::JoinSession, &json!({})).bearer_auth(issuer.token("ann")).header("origin", origin);
    let limited = limited.send().await.unwrap();
    assert_eq!(
        (limited.status().as_u16(), limited.headers()["access-control-allow-origin"].to_str().unwrap()),
        (429, origin)
    );
    assert!(limited.headers()["access-control-expose-headers"].to_str().unwrap().contains("Retry-After"));
    for _ in 0..10 {
        let preflight = place.client.request(reqwest::Method::OPTIONS, format!("{}/join_session", place.base));
        assert!(preflight.header("origin", origin).send().await.unwrap().status().is_success());
    }
}

#[tokio::test]
async fn an_address_signs_in_only_so_often_and_those_who_have_a_token_play_on() {
    let place = throttled(FORMATS[0], Players { mode: Mode::SignIn, ..Players::default() }, Some(slow())).await;
    let guest = send(place.call(RouteId::SignIn, &json!({ "provider": "guest" }))).await.json();
    assert_eq!(until_limited(&place, RouteId::SignIn, None).await.0, 1);
    let token = guest["AccessToken"].as_str().unwrap();
    assert_eq!(place.create_with(token).await.json()["PlayerId"], guest["PlayerId"]);
    assert_eq!(send(place.call(RouteId::Jwks, &json!({}))).await.status, 200);
}

#[tokio::test]
async fn guests_of_one_network_share_larger_rates() {
    for events in FORMATS {
        let place = throttled(events, Players { mode: Mode::SignIn, ..Players::default() }, Some(slow())).await;
        let guest = async || send(place.call(RouteId::SignIn, &json!({ "provider": "guest" }))).await.json();
        let (ann, mallory) = (guest().await, guest().await);
        let token = |guest: &Value| guest["AccessToken"].as_str().unwrap().to_owned();
        // Both sign-ins of the address are used up.
        assert_eq!(until_limited(&place, RouteId::SignIn, None).await.0, 0);
        assert_eq!(until_limited(&place, RouteId::CreateSession, Some(&token(&mallory))).await.0, 2);
        assert_eq!(until_limited(&place, RouteId::CreateSession, Some(&token(&ann))).await.0, 1, "the third of both");
        assert_eq!(until_limited(&place, RouteId::FindSession, Some(&token(&mallory))).await.0, 3);
        assert_eq!(until_limited(&place, RouteId::FindSession, Some(&token(&ann))).await.0, 2, "the fifth of both");
    }
}

#[tokio::test]
async fn a_refresh_with_a_token_counts_as_its_player_and_makes_nobody_else() {
    for events in FORMATS {
        let place = throttled(events, Players { mode: Mode::SignIn, ..Players::default() }, Some(slow())).await;
        let guest = async || send(place.call(RouteId::SignIn, &json!({ "provider": "guest" }))).await.json();
        let (ann, mallory) = (guest().await, guest().await);
        assert_eq!(until_limited(&place, RouteId::SignIn, None).await.0, 0, "the address has no sign-in left");
        let with = async |token: &Value, body: &Value| {
            send(place.call(RouteId::SignIn, body).bearer_auth(token["AccessToken"].as_str().unwrap())).await
        };
        let refresh = json!({ "provider": "refresh", "refresh_token": ann["RefreshToken"] });
        let refreshed = with(&ann, &refresh).await.json();
        assert_eq!(refreshed["PlayerId"], ann["PlayerId"], "{refreshed}");
        assert_eq!(with(&mallory, &refresh).await.error(), (403, "PLAYER_MISMATCH".to_owned()));
        let new = with(&mallory, &json!({ "provider": "guest" })).await;
        assert_eq!(new.error(), (400, "INVALID_REQUEST".to_owned()));
        assert!(new.text.contains("Leave the header out to sign in"), "{new:?}");
        // A request of the player's, as every other one.
        assert_eq!(
            until_limited(&place, RouteId::FindSession, Some(mallory["AccessToken"].as_str().unwrap())).await.0,
            1
        );
    }
}

#[tokio::test]
async fn the_body_has_no_player_to_count() {
    let place = throttled(FORMATS[0], Players::default(), Some(slow())).await;
    for _ in 0..5 {
        assert_eq!(place.create(Some("player-1"), &[]).await.status, 200);
    }
}

#[tokio::test]
async fn without_throttling_the_local_world_counts_nobody() {
    let place = world(FORMATS[0], Players { mode: Mode::SignIn, ..Players::default() }).await;
    for _ in 0..100 {
        assert_eq!(send(place.call(RouteId::SignIn, &json!({ "provider": "guest" }))).await.status, 200);
    }
}
