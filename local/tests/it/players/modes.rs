//! What each mode lets through.

use std::time::Duration;

use identity::config::Mode;
use liftgate::{Players, gateway::IdentitySource};
use reqwest::Method;
use serde_json::json;
use shared::RouteId;
use testing::stock_client;

use crate::players::support::{FORMATS, Issuer, oidc, send, world};

fn in_mode(mode: Mode) -> Players {
    Players { mode, issuers: vec![Issuer::new("a").pinned()], ..Players::default() }
}

#[tokio::test]
async fn every_route_of_players_is_behind_the_authorizer_in_all_modes_but_trust_body() {
    for (mode, events) in Mode::ALL.into_iter().zip(FORMATS.into_iter().cycle()) {
        let place = world(events, in_mode(mode)).await;
        for route in RouteId::ALL {
            let answer = send(place.call(route, &json!({}))).await;
            let is_refused = route.has_authorizer() && route != RouteId::SignIn && mode != Mode::TrustBody;
            assert_eq!(answer.status == 401, is_refused, "{mode:?} {}: {answer:?}", route.name());
            if is_refused {
                assert_eq!(answer.error(), (401, "UNAUTHENTICATED".to_owned()), "{mode:?} {}", route.name());
            }
        }
    }
}

/// Another route without an authorizer has to be meant so.
#[test]
fn only_machines_and_what_is_public_have_no_authorizer_in_front() {
    let without = RouteId::ALL.into_iter().filter(|route| !route.has_authorizer());
    let machines = ["register_game_server", "update_game_server", "deregister_game_server", "game_servers"];
    assert_eq!(without.map(RouteId::name).collect::<Vec<_>>(), [["jwks", "health"].as_slice(), &machines].concat());
}

#[tokio::test]
async fn preflights_need_no_token() {
    let place = world(FORMATS[0], in_mode(Mode::Oidc)).await;
    for route in RouteId::ALL.into_iter().filter(|route| route.has_authorizer()) {
        let preflight = place.client.request(Method::OPTIONS, format!("{}/{}", place.base, route.name()));
        let preflight = preflight.header("origin", "http://localhost:8080").send().await.unwrap();
        assert!(preflight.status().is_success(), "{}: {preflight:?}", route.name());
        assert_eq!(preflight.headers()["access-control-allow-origin"], "http://localhost:8080");
    }
}

#[tokio::test]
async fn a_refusal_can_be_read_by_a_page_and_says_what_to_do() {
    let place = world(FORMATS[0], in_mode(Mode::Refuse)).await;
    let request = place.call(RouteId::CreateSession, &json!({})).header("origin", "http://localhost:8080");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://localhost:8080");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let text = answer.text().await.unwrap();
    assert!(text.contains("Identity set to"), "{text}");
}

#[tokio::test]
async fn the_stock_client_plays_where_the_body_is_trusted() {
    for events in FORMATS {
        let place = world(events, in_mode(Mode::TrustBody)).await;
        let created = place.create(Some("player-1"), &[]).await;
        assert!(stock_client::connection(&created.text).is_ok(), "{created:?}");
        let listed = send(place.call(RouteId::FindSession, &json!({}))).await;
        let session = stock_client::sessions(&listed.text).unwrap().remove(0).game_session_id;
        let join = json!({ "GameSessionId": session, "uuid": "player-2" });
        let joined = send(place.call(RouteId::JoinSession, &join)).await;
        assert!(stock_client::connection(&joined.text).is_ok(), "{joined:?}");
    }
}

#[tokio::test]
async fn the_stock_client_reads_a_refusal_as_an_error() {
    let place = world(FORMATS[0], in_mode(Mode::Oidc)).await;
    let refused = place.create(Some("player-1"), &[]).await;
    assert!(matches!(stock_client::connection(&refused.text), Err(stock_client::Fault::Hang(_))), "{refused:?}");
}

#[tokio::test]
async fn a_public_search_opens_the_search_alone() {
    let players = Players { public_search: true, ..oidc(Issuer::new("a").pinned()) };
    for events in FORMATS {
        let place = world(events, players.clone()).await;
        let listed = send(place.call(RouteId::FindSession, &json!({}))).await;
        assert_eq!((listed.status, listed.text.as_str()), (200, "[]"));
        assert_eq!(place.create(Some("player-1"), &[]).await.error(), (401, "UNAUTHENTICATED".to_owned()));
    }
}

/// The trap of a cache: API Gateway refuses the stock client itself.
#[tokio::test]
async fn with_a_cache_a_missing_header_is_refused_although_the_body_is_trusted() {
    let identity_source = Some(IdentitySource::authorization(Duration::from_secs(300)));
    let issuer = Issuer::new("a");
    let place = world(FORMATS[0], Players { identity_source, ..in_mode(Mode::TrustBody) }).await;
    let refused = place.create(Some("player-1"), &[]).await;
    assert_eq!(refused.error(), (429, "RATE_LIMITED".to_owned()));
    for _ in 0..2 {
        assert_eq!(place.create_with(&issuer.token("ann")).await.json()["PlayerId"], "ann");
    }
}
