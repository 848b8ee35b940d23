//! What a player starts and leaves behind where GameLift knows no creator: placements of a queue, and game servers that
//! are claimed. No limit of the functions sees them. The rates of one player bound them, which `authorize` counts.

use std::time::Duration;

use bench::attackers::{
    gate::{Backend, Gate, Limits},
    request::{Ask, Reply},
};
use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::RouteId;
use tokio::time::sleep;

use crate::faults::{
    game_servers::{IN_A_GROUP, registration},
    scenario,
    world::{World, logged},
};

/// The starts that one player has at once, and those that come back in a minute.
const AT_ONCE: usize = 10;
const A_MINUTE: usize = 15;

/// How often an attacker asks in a second, and how many times in two minutes.
const A_SECOND: u32 = 2;
const ASKED: u32 = 120 * A_SECOND;

/// How many game servers there are: more than the attacker may take.
const ROOM: u16 = 60;

/// The answers to one player who asks for game sessions by both routes for two minutes, and waits for none; and what
/// the world looks like after the first minute and after the second.
fn left_behind(fleets: fn() -> FleetConfig, is_group: bool, limits: Limits) -> (Vec<Reply>, [Value; 2]) {
    let (outcome, _) = logged(1, async |traffic| {
        let settings = |settings: &mut Settings| {
            settings.game_servers = ROOM;
            scenario::with_queue(settings);
        };
        let world = World::start(&settings, fleets, 1, traffic.clone()).await;
        for number in 0..ROOM {
            if is_group {
                world.succeed("register_game_server", Some(registration(&format!("free-{number}")))).await;
            }
        }
        let backend = Backend {
            endpoint: format!("http://{}", world.proxy.address),
            clock: world.clock.clone(),
            region: world.region.clone(),
            fleets: fleets(),
        };
        let gate = Gate::new(backend, limits).await.unwrap().telling(move || traffic.seen());
        let eve = &gate.signed_in("guest:eve", "198.51.100.7".to_owned());
        let ask = async |number: u32| {
            sleep(Duration::from_secs(1) * number / A_SECOND).await;
            let route = [RouteId::CreateSession, RouteId::FindOrCreateSession][number as usize % 2];
            // Nobody else's game session is found.
            let body =
                json!({ "session_name": "Mine", "num_connections": 2, "filter": { "name": number.to_string() } });
            gate.ask(Ask::post(eve, route, body).respond_async()).await
        };
        let asked = join_all((0..ASKED).map(ask));
        let looked = async {
            let mut seen = [Value::Null, Value::Null];
            for state in &mut seen {
                sleep(Duration::from_secs(60)).await;
                *state = world.state().await["gamelift"].take();
            }
            seen
        };
        let (answers, seen) = tokio::join!(asked, looked);
        let (_, authorizers) = gate.instances();
        assert_eq!(authorizers, 1, "each instance counts by itself");
        (answers, seen)
    });
    outcome
}

const RATES: Limits = Limits { players: true, keys: None, route_first: false };

/// Checks a count against the bound. The last start of a minute may come back just after it.
fn reaches(count: usize, most: usize) {
    assert!((most - 1..=most).contains(&count), "{count} of {most}");
}

fn started(answers: &[Reply]) -> usize {
    answers.iter().filter(|answer| matches!(answer.status, 200 | 202)).count()
}

fn placements(state: &Value) -> usize {
    state["placements"].as_array().unwrap().len()
}

/// How many game servers of the group are claimed and wait for a player.
fn claimed(state: &Value) -> usize {
    let servers = state["game_servers"].as_array().unwrap();
    servers.iter().filter(|server| server["ClaimStatus"] == "CLAIMED").count()
}

#[test]
fn a_player_leaves_no_more_placements_behind_than_the_rate_of_starts() {
    let (answers, [first, second]) = left_behind(scenario::queue, false, RATES);
    reaches(placements(&first), AT_ONCE + A_MINUTE);
    reaches(placements(&second), AT_ONCE + 2 * A_MINUTE);
    assert_eq!(started(&answers), placements(&second));
}

/// A claim that nobody comes for is over after a minute.
#[test]
fn a_player_claims_no_more_game_servers_than_the_rate_of_starts_lets_through_in_a_minute() {
    let (answers, [first, second]) = left_behind(IN_A_GROUP.fleets, true, RATES);
    reaches(started(&answers), AT_ONCE + 2 * A_MINUTE);
    reaches(claimed(&first), AT_ONCE + A_MINUTE);
    reaches(claimed(&second), A_MINUTE);
}

/// Twice as many calls of one player at the same moment as a route takes, each at another instance of `authorize`,
/// which has counted none of the player's. So the rate of one player holds none, and the route's burst half of them.
#[test]
fn of_starts_at_one_moment_no_more_get_through_than_the_routes_burst() {
    const BURST: usize = 200;
    let (answers, _) = logged(1, async |traffic| {
        let world = World::start(&scenario::with_queue, scenario::queue, 1, traffic.clone()).await;
        let backend = Backend {
            endpoint: format!("http://{}", world.proxy.address),
            clock: world.clock.clone(),
            region: world.region.clone(),
            fleets: scenario::queue(),
        };
        let gate = Gate::new(backend, RATES).await.unwrap().telling(move || traffic.seen());
        let eve = &gate.signed_in("guest:eve", "198.51.100.7".to_owned());
        let ask = |_| {
            let body = json!({ "session_name": "Mine", "num_connections": 2 });
            gate.ask(Ask::post(eve, RouteId::CreateSession, body).respond_async())
        };
        let answers = join_all((0..2 * BURST).map(ask)).await;
        let (_, authorizers) = gate.instances();
        assert_eq!(authorizers, 2 * BURST, "no call waits for the instance of another");
        answers
    });
    let codes = answers.iter().map(Reply::code);
    let refused = codes.filter(|code| code == "RATE_LIMITED of the route").count();
    assert_eq!(refused, BURST, "{:?}", answers.iter().map(Reply::code).collect::<std::collections::BTreeSet<_>>());
}

/// What the rate is for.
#[test]
fn without_the_rate_a_player_takes_them_all() {
    let (_, [first, _]) = left_behind(IN_A_GROUP.fleets, true, Limits::default());
    assert_eq!(claimed(&first), usize::from(ROOM));
}
