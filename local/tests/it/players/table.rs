//! The table of bad tokens through the local gateway. The function `authorize` has the same rows.

use identity::config::{DeniedPlayers, Mode, PlainHttp, parse_issuers};
use liftgate::Players;
use reqwest::{RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};
use testing::tokens::{Expected, Row, Table, rows_of_tests};

use crate::players::support::{FORMATS, Place, send, world};

/// The rotation of keys takes minutes of the machine's clock, which the local world has. The gateway's authorizer is
/// the one of `identity`, whose tests have it on virtual time; `authorize` has a test of eleven minutes.
const NOT_THROUGH_THE_GATEWAY: [u16; 2] = [118, 119];

/// API Gateway takes no more bytes of headers.
const MAX_HEADERS: usize = 10_240;

fn players(table: &Table) -> Players {
    Players {
        mode: Mode::Oidc,
        issuers: parse_issuers(&table.issuers, PlainHttp::Never).unwrap(),
        denied: DeniedPlayers::parse(table.denied).unwrap(),
        ..Players::default()
    }
}

/// Returns a row's call, or `None` if its headers are none of HTTP's.
fn call(place: &Place, row: &Row) -> Option<RequestBuilder> {
    // Only the player may be named: a player who has been in no game gets a 404 then, and another one a 403.
    let uuid = match row.expected {
        Expected::Player(player) => json!({ "uuid": player }),
        Expected::Refused => json!({}),
    };
    let query = row.query.as_ref().map(|(name, value)| format!("?{name}={value}")).unwrap_or_default();
    let request = place.client.post(format!("{}/join_session{query}", place.base)).json(&uuid);
    row.authorization.iter().try_fold(request, |request, value| {
        Some(request.header("authorization", HeaderValue::from_bytes(value.as_bytes()).ok()?))
    })
}

/// Sends a row, and returns the text of its refusal.
async fn refusal(place: &Place, row: &Row) -> Option<Value> {
    let what = format!("{} {}", row.number, row.name);
    let request = call(place, row)?;
    if row.authorization.iter().map(String::len).sum::<usize>() > MAX_HEADERS {
        // The connection may end before all of it is sent.
        let status = request.send().await.map(|answer| answer.status().as_u16());
        assert!(matches!(status, Err(_) | Ok(401 | 431)), "{what}: {status:?}");
        return None;
    }
    let answer = send(request).await;
    if let Expected::Player(_) = row.expected {
        assert_eq!(answer.error(), (404, "NO_SESSION_TO_REJOIN".to_owned()), "{what}: {answer:?}");
        return None;
    }
    assert_eq!(answer.error(), (401, "UNAUTHENTICATED".to_owned()), "{what}: {answer:?}");
    // These two say where the token has to be.
    let has_no_token = row.authorization.is_empty() || row.query.is_some();
    (!has_no_token).then(|| answer.without_id())
}

#[tokio::test]
async fn every_bad_token_is_refused_with_one_text_and_every_good_one_is_its_player() {
    let table = Table::new();
    for events in FORMATS {
        let place = world(events, players(&table)).await;
        let mut texts = Vec::new();
        for row in &table.rows {
            texts.extend(refusal(&place, row).await);
        }
        assert!(texts.len() > 80, "only {} rows were refused", texts.len());
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    }
}

#[test]
fn no_row_is_missing() {
    let mut tested = rows_of_tests(include_str!("key_servers.rs"));
    tested.extend(Table::new().rows.iter().map(|row| row.number));
    let missing: Vec<_> = (1..=135).filter(|number| !tested.contains(number)).collect();
    assert_eq!(missing, NOT_THROUGH_THE_GATEWAY);
}
