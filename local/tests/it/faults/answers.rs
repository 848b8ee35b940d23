//! More answers to matches, and stops of searches, than GameLift takes calls, at AWS's documented rates: each call waits
//! for its turn, and no player hears of throttling.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use liftgate::functions::Function;
use matchmaking::config::{FleetConfig, LimitConfig};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::faults::{
    admission::{INSTANCES, with_events},
    looks::most,
    matrix,
    proxy::Call,
    rules::code,
    scenario::{ASYNC, QUEUE, with_queue},
    searches::{DUEL, with_matches},
    world::{World, invoke, logged},
};

/// The parties, and the players of each: two parties are a match. All come within a second.
const PARTIES: usize = 80;
const PARTY: usize = 5;

/// What AWS documents of `AcceptMatch` and of `StopMatchmaking`, a second.
const OF_AWS: usize = 100;

fn settings(settings: &mut Settings, rules: &Value) {
    with_queue(settings);
    let teams = json!([{ "name": "all", "minPlayers": 2 * PARTY, "maxPlayers": 2 * PARTY }]);
    let rules = json!({ "ruleLanguageVersion": "1.0", "teams": teams, "rules": rules });
    with_matches(settings, QUEUE, &rules.to_string());
    settings.seed.matchmaking_configurations[0].acceptance_timeout_seconds = Some(60);
    settings.game_servers = u16::try_from(PARTIES).unwrap();
    settings.rate_limits = true;
}

/// Runs `play` for each number, with the functions of an instance, in a world whose matches have these rules. Returns
/// what came of all, and the calls.
fn play<T>(
    name: &str,
    rules: &Value,
    count: usize,
    play: impl AsyncFn(&[Function], usize) -> T,
) -> (Vec<T>, Vec<Call>) {
    let seed = matrix::seed(name);
    let outcome = logged(seed, async |traffic| {
        let change = |all: &mut Settings| settings(all, rules);
        let (world, feed) = with_events(World::start(&change, FleetConfig::default, seed, traffic).await).await;
        let instances = join_all((0..INSTANCES).map(|_| world.limited_functions(LimitConfig::none()))).await;
        world.proxy.take_calls();
        let play = &play;
        let all = join_all((0..count).map(|number| {
            let functions = &instances[number % INSTANCES];
            Box::pin(async move {
                sleep(Duration::from_secs(1).mul_f64(number as f64 / count as f64)).await;
                play(functions, number).await
            })
        }))
        .await;
        feed.abort();
        (all, world.proxy.take_calls())
    });
    outcome.0
}

fn player(party: usize, number: usize) -> String {
    format!("player-{party}-{number}")
}

/// Begins the search of these players, and returns its ticket.
async fn search(functions: &[Function], players: &[String]) -> Value {
    let body = json!({ "uuid": players[0], "uuids": players, "configuration": DUEL });
    let answer = invoke(functions, ASYNC, "start_matchmaking", Some(body)).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["TicketId"].clone()
}

/// Follows a ticket until it has this status, or has ended with a place.
async fn follow(functions: &[Function], name: &str, ticket: &Value, status: &str) -> Value {
    let query = json!({ "uuid": name, "TicketId": ticket, "wait": "20" });
    loop {
        let answer = invoke(functions, &[], "describe_matchmaking", Some(query.clone())).await;
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        if answer.status == 200 || answer.json()["Status"] == status {
            return answer.json();
        }
        // It is another player's turn to answer.
        sleep(Duration::from_millis(500)).await;
    }
}

fn are_within_aws(calls: &[Call], operation: &str, wanted: usize) {
    let made = calls.iter().filter(|call| call.operation == operation).count();
    assert_eq!(made, wanted, "a call of {operation} that is throttled would come again");
    let most = most(calls, operation);
    println!("the most {operation} within a second: {most}");
    assert!((1..=OF_AWS).contains(&most), "{most}");
}

#[test]
fn parties_that_all_accept_at_once_are_all_matched_and_none_is_throttled() {
    let (places, calls) = play("80 parties accept", &json!([]), PARTIES, async |functions, party| {
        let players: Vec<_> = (0..PARTY).map(|number| player(party, number)).collect();
        let ticket = search(functions, &players).await;
        follow(functions, &player(party, 0), &ticket, "REQUIRES_ACCEPTANCE").await;
        let ticket = &ticket;
        join_all((0..PARTY).map(|number| async move {
            let body = json!({ "uuid": player(party, number), "TicketId": ticket, "accept": true });
            let answer = invoke(functions, &[], "accept_match", Some(body)).await;
            assert_eq!((answer.status, code(&answer).as_str()), (200, "200"), "{answer:?}");
        }))
        .await;
        follow(functions, &player(party, 0), ticket, "COMPLETED").await["PlayerSessionId"].clone()
    });
    assert!(places.iter().all(Value::is_string), "{places:?}");
    assert_eq!(places.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(), PARTIES);
    are_within_aws(&calls, "AcceptMatch", PARTIES * PARTY);
}

#[test]
fn searches_that_are_all_stopped_at_once_end_and_none_is_throttled() {
    const SEARCHES: usize = 70;
    let never = json!([{
        "name": "Never", "type": "comparison", "operation": "<=",
        "measurements": ["count(teams[all].players)"], "referenceValue": 0,
    }]);
    let (ends, calls) = play("420 stops", &never, SEARCHES, async |functions, party| {
        let mut tickets = Vec::new();
        for number in 0..6 {
            tickets.push((number, search(functions, &[player(party, number)]).await));
        }
        sleep(Duration::from_secs(20)).await;
        join_all(tickets.into_iter().map(|(number, ticket)| async move {
            let body = json!({ "uuid": player(party, number), "TicketId": ticket });
            let answer = invoke(functions, &[], "stop_matchmaking", Some(body)).await;
            (answer.status, answer.json()["Status"].clone())
        }))
        .await
    });
    assert!(ends.iter().flatten().all(|end| *end == (200, json!("CANCELLED"))), "{ends:?}");
    are_within_aws(&calls, "StopMatchmaking", 6 * SEARCHES);
}
