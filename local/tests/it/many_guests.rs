//! Somebody who is many guests, behind the real authorizer and the real sign-in: made with patience at one address, and
//! used from another, all at once.

use std::time::Duration;

use bench::attackers::{
    gate::{Backend, Gate, Limits},
    request::{Ask, Caller},
};
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::json;
use shared::RouteId;
use tokio::time::{Instant, sleep};

use crate::faults::world::{World, logged};

const SEED: u64 = 1;

/// How many guests somebody makes, and how many starts the guests of one network have at once.
const GUESTS: usize = 40;
const AT_ONCE: usize = 20;

/// The time in which one more start comes.
const INTERVAL: Duration = Duration::from_secs(2);

/// Signs guests in at the address, as often as it may.
async fn made(gate: &Gate, address: &str, count: usize) -> Vec<Caller> {
    let stranger = Caller { address: address.to_owned(), token: None };
    let mut guests = Vec::new();
    while guests.len() < count {
        let reply = gate.ask(Ask::post(&stranger, RouteId::SignIn, json!({ "provider": "guest" }))).await;
        match reply.body["AccessToken"].as_str() {
            Some(token) => guests.push(Caller { token: Some(token.to_owned()), ..stranger.clone() }),
            None => sleep(reply.wait().unwrap_or_else(|| panic!("{reply:?}"))).await,
        }
    }
    guests
}

/// Whether the guest starts a game session.
async fn starts(gate: &Gate, guest: &Caller) -> bool {
    let body = json!({ "session_name": "A match", "num_connections": 2 });
    let reply = gate.ask(Ask::post(guest, RouteId::CreateSession, body).respond_async()).await;
    matches!(reply.status, 200 | 202)
}

/// How many of the guests start a game session, how many starts came back meanwhile, and whether somebody else can
/// start one after them.
fn all_start(limits: Limits) -> (usize, usize, bool) {
    let (outcome, _) = logged(SEED, async |traffic| {
        let room_for_all = |settings: &mut Settings| settings.game_servers = 100;
        let world = World::start(&room_for_all, FleetConfig::default, SEED, traffic.clone()).await;
        let backend = Backend {
            endpoint: format!("http://{}", world.proxy.address),
            clock: world.clock.clone(),
            region: world.region.clone(),
            fleets: FleetConfig::default(),
        };
        let gate = Gate::new(backend, limits).await.unwrap().telling(move || traffic.seen());
        let guests = made(&gate, "203.0.113.17", GUESTS).await;
        let (begun, mut started) = (Instant::now(), 0);
        for guest in guests {
            // It counts where the guest was made, and there. From many addresses they have the rate of each.
            let guest = Caller { address: "198.51.100.7".to_owned(), ..guest };
            started += usize::from(starts(&gate, &guest).await);
        }
        let came = begun.elapsed().as_millis().div_ceil(INTERVAL.as_millis());
        let other = &made(&gate, "192.0.2.7", 1).await[0];
        (started, usize::try_from(came).unwrap(), starts(&gate, other).await)
    });
    outcome
}

#[test]
fn guests_that_were_made_with_patience_start_no_more_than_their_network_may() {
    let (started, came, others_can) = all_start(Limits { players: true, keys: None, route_first: false });
    assert!((AT_ONCE..=AT_ONCE + came).contains(&started) && started < GUESTS, "{started}, {came} came back");
    assert!(others_can);
}

/// What the rates are for: each guest has the limits of a player.
#[test]
fn without_rates_they_start_as_many_as_they_are() {
    assert_eq!(all_start(Limits::default()).0, GUESTS);
}
