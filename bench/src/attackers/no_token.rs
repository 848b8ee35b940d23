//! Who has no account floods one route: with no token, and with bad ones.
//!
//! `authorize` refuses each of these requests, and counts none, because nobody is known whose it could be. What they
//! can use up is the route's rate, if API Gateway counts a request for it before it asks the authorizer.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use shared::RouteId;
use tokio::time::{Instant, sleep_until};

use crate::attackers::{
    gate::Gate,
    request::{Ask, Caller},
};

/// Requests a second of one attacker: half as much again as the 100 a second that a route took once.
pub(crate) const PER_SECOND: u32 = 150;

/// The most requests that are on their way at once. A refusal takes milliseconds, so the flood is seldom held up.
const AT_ONCE: usize = 64;

/// Sends requests from `start` on for `time`, and tells `count` the answers.
pub(crate) async fn flood(gate: &Gate, number: usize, (start, time): (Instant, Duration), count: impl Fn(String)) {
    let address = &format!("192.0.2.{number}");
    let every = Duration::from_secs(1) / PER_SECOND;
    let requests = usize::try_from(time.as_nanos() / every.as_nanos()).unwrap_or(usize::MAX);
    // Made one after the other, because a flood of minutes has tens of thousands.
    let replies = stream::iter(0..requests).map(|turn| async move {
        sleep_until(start + every * u32::try_from(turn).unwrap_or(u32::MAX)).await;
        gate.ask(ask(address, turn)).await
    });
    replies.buffer_unordered(AT_ONCE).for_each(async |reply| count(reply.code())).await;
}

/// Returns a request to the route of those who host games, of which three in twenty players are.
pub(crate) fn ask(address: &str, turn: usize) -> Ask {
    let token = (!turn.is_multiple_of(2)).then(|| "bm9ib2R5.bm9ib2R5.bm9ib2R5".to_owned());
    let caller = Caller { address: address.to_owned(), token };
    Ask::post(&caller, RouteId::CreateSession, json!({ "session_name": "Mine", "num_connections": 2 }))
}
