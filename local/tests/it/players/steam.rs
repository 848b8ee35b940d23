//! Players of Steam, with the local world's emulated one.

use identity::config::Mode;
use liftgate::Players;
use rstest::rstest;
use serde_json::json;
use shared::RouteId;

use crate::players::support::{Answer, FORMATS, Issuer, Place, oidc, send, world};

const ID: &str = "76561197960287930";

/// Returns the answer of the route that makes tickets.
async fn made(place: &Place, query: &str) -> Answer {
    send(place.client.get(format!("{}/_local/steam_ticket{query}", place.base))).await
}

/// Signs in with a ticket of `ID` that the query describes further.
async fn sign_in(place: &Place, more: &str) -> Answer {
    let ticket = made(place, &format!("?steamid={ID}{more}")).await;
    assert_eq!(ticket.status, 200, "{ticket:?}");
    send(place.call(RouteId::SignIn, &json!({ "provider": "steam", "ticket": ticket.text }))).await
}

#[tokio::test]
async fn a_player_of_steam_signs_in_and_plays_with_and_without_flags() {
    for (events, mode) in FORMATS.into_iter().zip([Mode::TrustBody, Mode::SignIn]) {
        let place = world(events, Players { mode, ..Players::default() }).await;
        let tokens = sign_in(&place, "").await.json();
        assert_eq!(tokens["PlayerId"], format!("steam:{ID}"), "{tokens}");
        let created = place.create_with(tokens["AccessToken"].as_str().unwrap()).await;
        assert_eq!(created.json()["PlayerId"], tokens["PlayerId"], "{created:?}");
        let refresh = json!({ "provider": "refresh", "refresh_token": tokens["RefreshToken"] });
        assert_eq!(send(place.call(RouteId::SignIn, &refresh)).await.json()["PlayerId"], tokens["PlayerId"]);
    }
}

#[rstest]
#[case::banned_by_valve("&banned=vac", 403, "SIGN_IN_REFUSED", "banned")]
#[case::banned_by_the_publisher("&banned=publisher", 403, "SIGN_IN_REFUSED", "banned")]
#[case::borrowed("&owner=76561197960287931", 403, "SIGN_IN_REFUSED", "somebody else")]
#[case::of_another_game("&app_id=481", 403, "SIGN_IN_REFUSED", "(102)")]
#[case::for_another_identity("&identity=another", 403, "SIGN_IN_REFUSED", "(101)")]
#[case::unreadable("&answer=3", 403, "SIGN_IN_REFUSED", "(3)")]
#[case::invalid("&answer=101", 403, "SIGN_IN_REFUSED", "(101)")]
#[case::another_game("&answer=102", 403, "SIGN_IN_REFUSED", "(102)")]
#[case::wrong_key("&answer=403", 500, "BACKEND_MISCONFIGURED", "LIFTGATE_STEAM_KEY_SECRET")]
#[case::throttled("&answer=429", 503, "UPSTREAM_UNAVAILABLE", "Steam")]
#[case::broken("&answer=500", 503, "UPSTREAM_UNAVAILABLE", "Steam")]
#[tokio::test]
async fn each_answer_of_steams_can_be_tried(
    #[case] more: &str,
    #[case] status: u16,
    #[case] code: &str,
    #[case] sentence: &str,
) {
    let place = world(FORMATS[0], Players::default()).await;
    let refused = sign_in(&place, more).await;
    assert_eq!(refused.error(), (status, code.to_owned()), "{refused:?}");
    assert!(refused.json()["detail"].as_str().unwrap().contains(sentence), "{refused:?}");
}

#[tokio::test]
async fn a_text_that_is_no_ticket_of_this_steam_signs_nobody_in() {
    let place = world(FORMATS[0], Players::default()).await;
    let refused = send(place.call(RouteId::SignIn, &json!({ "provider": "steam", "ticket": "14000000f00d" }))).await;
    assert_eq!(refused.error(), (403, "SIGN_IN_REFUSED".to_owned()), "{refused:?}");
}

#[tokio::test]
async fn what_no_ticket_has_is_refused_with_what_it_may_have() {
    let place = world(FORMATS[0], Players::default()).await;
    for query in [
        "".to_owned(),
        "?steamid=".to_owned(),
        "?steamid=ann".to_owned(),
        "?steamid=1".to_owned(),
        format!("?steamid={ID}&banned=yes"),
        format!("?steamid={ID}&owner=ann"),
        format!("?steamid={ID}&answer=200"),
        format!("?steamid={ID}&early=10"),
        format!("?steamid={ID}&appid=480"),
    ] {
        let refused = made(&place, &query).await;
        assert_eq!(refused.error(), (400, "INVALID_REQUEST".to_owned()), "{query}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("steamid=76561197960287930"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_world_without_sign_in_has_no_steam() {
    let place = world(FORMATS[0], oidc(Issuer::new("a").pinned())).await;
    let refused = made(&place, &format!("?steamid={ID}")).await;
    assert_eq!(refused.error(), (404, "ROUTE_NOT_FOUND".to_owned()));
    assert!(refused.text.contains("--identity sign-in"), "{refused:?}");
}

#[tokio::test]
async fn a_strangers_page_gets_no_ticket() {
    let place = world(FORMATS[0], Players::default()).await;
    let url = format!("{}/_local/steam_ticket?steamid={ID}", place.base);
    for (name, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
        assert_eq!(send(place.client.get(&url).header(name, value)).await.status, 403, "{name}");
    }
}
