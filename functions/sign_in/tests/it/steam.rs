//! Players of Steam, with an emulated one.

use emulated_steam::{Player, Reply, SteamServer, Ticket};
use serde_json::{Value, json};

use crate::support::{APP_ID, IDENTITY, Issuer, refresh};

const TICKET: &str = "14000000f00d";
const ID: &str = "76561197960287930";

fn ticket(ticket: &str) -> Value {
    json!({ "provider": "steam", "ticket": ticket })
}

#[tokio::test]
async fn a_ticket_is_exchanged_for_tokens_of_the_player() {
    let steam = SteamServer::start().await.unwrap();
    steam.give(TICKET, Ticket::new(APP_ID, IDENTITY, Player::new(ID)));
    let issuer = Issuer::new(false, Some(&steam));
    let tokens = issuer.good(&ticket(TICKET)).await;
    assert_eq!(tokens["PlayerId"], format!("steam:{ID}"));
    assert_eq!(issuer.player(&tokens).await, tokens["PlayerId"]);
    let again = issuer.good(&refresh(&tokens["RefreshToken"])).await;
    assert_eq!(again["PlayerId"], tokens["PlayerId"]);
    // A refresh asks Steam nothing.
    assert_eq!(steam.asked().len(), 1);
}

#[tokio::test]
async fn a_refusal_of_steams_is_the_players_and_an_outage_is_not() {
    let steam = SteamServer::start().await.unwrap();
    let issuer = Issuer::new(false, Some(&steam));
    for (reply, status, code) in [
        (Reply::Error(101), 403, "SIGN_IN_REFUSED"),
        (Reply::Error(102), 403, "SIGN_IN_REFUSED"),
        (Reply::Status(403), 500, "BACKEND_MISCONFIGURED"),
        (Reply::Status(500), 503, "UPSTREAM_UNAVAILABLE"),
        (Reply::Endless, 503, "UPSTREAM_UNAVAILABLE"),
        (Reply::Redirect, 502, "UPSTREAM_ERROR"),
        (Reply::Body("<html>".to_owned()), 502, "UPSTREAM_ERROR"),
    ] {
        steam.will(reply.clone());
        let answer = issuer.sign_in(&ticket(TICKET)).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &json!(code)), "{reply:?}");
        let text = answer.body.to_string();
        assert!(!text.contains(SteamServer::KEY) && !text.contains(TICKET), "{text}");
    }
}

#[tokio::test]
async fn without_steam_the_developer_is_told_what_to_set() {
    let (code, detail) = Issuer::with_guests().refused(&ticket(TICKET)).await;
    assert_eq!(code, "SIGN_IN_REFUSED");
    assert!(detail.contains("LIFTGATE_STEAM_APP_ID"), "{detail}");
}
