//! Events of a player's socket.

use std::time::Duration;

use serde_json::{Value, json};
use testing::connections::Fate;
use tokio::time::sleep;

use crate::{
    chaos::kills::{
        field::{Field, connect, message},
        rows::{Player, Row, Story, TRIES},
        searches::{HOST, ROW, begun, with_acceptance},
    },
    faults::scenario::PLAYER,
};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "who connects", story: connects, ..ROW },
    Row { name: "who resumes", story: resumes, places: 0, ..ROW },
    Row { name: "who accepts over a socket", settings: with_acceptance, story: accepts, ..ROW },
    Row { name: "who stops over a socket", story: stops, places: 0, ..ROW },
];

/// A connection that is refused is gone, and the client asks for another address.
fn connects(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        begun(field, PLAYER).await;
        let token = field.store.issue_token(PLAYER, Duration::from_mins(1)).await.unwrap();
        // Until it is answered it is called gone, and after that the client's network fails.
        field.connections.let_be("refused", Fate::Gone);
        drop(field.strike_socket(&connect("refused", &token)).await);
        if player == Player::ComesBack {
            field.connect(PLAYER).await;
        }
        begun(field, HOST).await;
        sleep(Duration::from_secs(10)).await;
        Ok(())
    })
}

fn resumes(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        let own = begun(field, PLAYER).await;
        let state = sends(field, player, &json!({ "action": "resume" })).await?;
        let is_own = player == Player::IsGone || state["TicketId"] == own;
        is_own.then_some(()).ok_or_else(|| format!("it resumes {state}"))
    })
}

fn accepts(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        sleep(Duration::from_secs(5)).await;
        let accept = json!({ "uuid": HOST, "TicketId": host, "accept": true });
        assert_eq!(field.call(&[], "accept_match", &accept).await.status, 200);
        sends(field, player, &json!({ "action": "accept", "TicketId": own, "accept": true })).await.map(drop)
    })
}

fn stops(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        let own = begun(field, PLAYER).await;
        sends(field, player, &json!({ "action": "stop", "TicketId": own })).await.map(drop)
    })
}

/// Sends the message to which something happens, and again until it is answered without an error.
async fn sends(field: &Field, player: Player, text: &Value) -> Result<Value, String> {
    let event = message(PLAYER, text);
    let mut answer = field.strike_socket(&event).await;
    if player == Player::IsGone {
        return Ok(Value::Null);
    }
    for _ in 0..TRIES {
        let body: Option<Value> =
            answer.as_ref().and_then(|answer| serde_json::from_str(answer["body"].as_str()?).ok());
        match body {
            // The end of a search is told as an error, by the route too.
            Some(body) if body["error"].is_null() || body["Status"] == "CANCELLED" => return Ok(body),
            Some(body) if body["error"]["retryable"] != true => return Err(format!("{text} is answered {body}")),
            _ => {}
        }
        sleep(Duration::from_secs(2)).await;
        answer = Some(field.socket(&event).await);
    }
    Err(format!("{text} does not succeed: {answer:?}"))
}
