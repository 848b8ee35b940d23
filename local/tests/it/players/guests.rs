//! Guests, from their sign-in to their streams.

use identity::config::Mode;
use liftgate::Players;
use serde_json::{Value, json};
use shared::RouteId;
use testing::streams::offer;

use crate::players::support::{Answer, FORMATS, Issuer, Place, oidc, send, world};

async fn sign_in(place: &Place, body: &Value) -> Answer {
    send(place.call(RouteId::SignIn, body)).await
}

/// Returns a new guest's answer.
async fn guest(place: &Place) -> Value {
    let answer = sign_in(place, &json!({ "provider": "guest" })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn call(place: &Place, guest: &Value, route: RouteId, body: &Value) -> Answer {
    send(place.call(route, body).bearer_auth(guest["AccessToken"].as_str().unwrap())).await
}

#[tokio::test]
async fn a_guest_signs_in_searches_joins_and_streams() {
    for (events, mode) in FORMATS.into_iter().zip([Mode::SignIn, Mode::TrustBody]) {
        let place = world(events, Players { mode, ..Players::default() }).await;
        let (host, guest) = (guest(&place).await, guest(&place).await);
        assert_ne!(host["PlayerId"], guest["PlayerId"]);
        let create = json!({ "session_name": "Match", "num_connections": 4 });
        let created = call(&place, &host, RouteId::CreateSession, &create).await;
        assert_eq!(created.json()["PlayerId"], host["PlayerId"], "{created:?}");

        let found = call(&place, &guest, RouteId::FindSession, &json!({})).await.json();
        let join = json!({ "GameSessionId": found[0]["GameSessionId"] });
        let joined = call(&place, &guest, RouteId::JoinSession, &join).await;
        assert_eq!(joined.json()["PlayerId"], guest["PlayerId"], "{joined:?}");

        let stream = call(&place, &guest, RouteId::ReconnectStream, &json!({ "signal_request": offer("guest") })).await;
        assert_eq!(stream.json()["Outcome"], "STARTED", "{stream:?}");
        let end = json!({ "stream_session_id": stream.json()["StreamSessionId"] });
        let by_other = call(&place, &host, RouteId::TerminateStream, &end).await;
        assert_eq!(by_other.error(), (404, "STREAM_NOT_FOUND".to_owned()));
        assert_eq!(call(&place, &guest, RouteId::TerminateStream, &end).await.status, 200);
    }
}

#[tokio::test]
async fn a_guest_comes_back_by_the_secret_and_by_a_refresh_token() {
    let place = world(FORMATS[0], Players { mode: Mode::SignIn, ..Players::default() }).await;
    let new = guest(&place).await;
    let by_secret = json!({ "provider": "guest", "guest_id": new["GuestId"], "guest_secret": new["GuestSecret"] });
    let by_token = json!({ "provider": "refresh", "refresh_token": new["RefreshToken"] });
    for body in [by_secret, by_token] {
        assert_eq!(sign_in(&place, &body).await.json()["PlayerId"], new["PlayerId"]);
    }
    // A refresh token opens no route.
    let refresh = new["RefreshToken"].as_str().unwrap();
    assert_eq!(place.create_with(refresh).await.error(), (401, "UNAUTHENTICATED".to_owned()));
    let keys = send(place.call(RouteId::Jwks, &json!({}))).await;
    assert_eq!(keys.json()["keys"][0]["alg"], "ES256");
}

#[tokio::test]
async fn where_tokens_of_others_are_asked_for_nobody_signs_in() {
    let place = world(FORMATS[0], oidc(Issuer::new("a").pinned())).await;
    let refused = sign_in(&place, &json!({ "provider": "guest" })).await;
    assert_eq!(refused.error(), (500, "BACKEND_MISCONFIGURED".to_owned()));
    assert!(refused.text.contains("--identity sign-in"), "{refused:?}");
}
