//! The cells.

use std::{env, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    chaos::{
        after::{After, Device, Report, is_end},
        clients::Client,
        events::{Mishap, Plan},
        game::Game,
        scenarios::{SCENARIOS, Scenario},
    },
    faults::{matrix::seed, virtual_time::Traffic, world::logged},
};

/// How long tickets may be open after all clients have gone.
const LONGEST: Duration = Duration::from_mins(10);

/// How many pairs of mishaps each client meets, of all.
const SAMPLE: usize = 5;

/// A player who has a socket and no search.
const STRANGER: &str = "eve";

/// A cell's result.
struct Outcome {
    wrong: Vec<String>,
    /// The types of its events.
    events: Vec<String>,
    /// The errors that were logged.
    log: String,
}

/// Runs one cell, the same way each time.
fn run(scenario: &Scenario, client: Client, plan: &Plan, seed: u64) -> Outcome {
    let cell = async |traffic: Traffic| {
        let game = Game::start(scenario.settings, scenario.fleets, plan.clone(), seed, traffic).await;
        let stranger = game.watch(STRANGER).await;
        let reports = scenario.play(&game, client).await;
        settle(&game).await;
        let mut wrong = after(&game, scenario, &reports).await;
        if !game.hear(&stranger).is_empty() {
            wrong.push(format!("a stranger has heard {:?}", game.hear(&stranger)));
        }
        wrong.extend(game.way.set_back().into_iter().map(|ticket| format!("an old event has set back {ticket}")));
        if plan.0.is_empty() {
            wrong.extend(game.devices().iter().filter_map(unheard));
        }
        Outcome { wrong, events: game.way.types(), log: String::new() }
    };
    let (outcome, log) = logged(seed, cell);
    Outcome { log, ..outcome }
}

/// A device that has not heard the end, although no event was lost.
fn unheard(device: &Device) -> Option<String> {
    let is_unheard = device.player != STRANGER && !device.heard.iter().any(is_end);
    is_unheard.then(|| format!("no push has told {} of the end: {:?}", device.player, device.heard))
}

/// Waits until every ticket has ended, and late events have come.
async fn settle(game: &Game) {
    let begun = Instant::now();
    while begun.elapsed() < LONGEST && !game.store.open_tickets(Duration::ZERO, 1).await.unwrap().is_empty() {
        sleep(Duration::from_secs(5)).await;
    }
    game.way.is_empty().await;
    // What they have set off.
    sleep(Duration::from_secs(5)).await;
}

async fn after(game: &Game, scenario: &Scenario, reports: &[Report]) -> Vec<String> {
    let (state, devices) = (game.world.state().await, game.devices());
    let most_sessions = scenario.most_sessions;
    After { store: &game.store, state: &state, reports, devices: &devices, most_sessions }.broken().await
}

/// Runs a scenario's cells: for each client first without a mishap, then with each alone, and with pairs.
fn matrix(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
    let mut failures = Vec::new();
    for client in scenario.clients {
        let fine = cell(scenario, *client, &Plan::default(), &mut failures);
        assert!(!fine.events.is_empty(), "{name} / {client:?} has no event that could be lost");
        for plan in plans(fine.events.len(), &format!("{name} / {client:?}")) {
            cell(scenario, *client, &plan, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Each mishap of so many events alone, and pairs of them: a sample, unless all are wanted.
fn plans(events: usize, row: &str) -> Vec<Plan> {
    let all: Vec<_> = (0..events).flat_map(|number| Mishap::ALL.map(|mishap| (number, mishap))).collect();
    let mut plans: Vec<_> = all.iter().map(|one| Plan(vec![*one])).collect();
    let pairs = all.iter().enumerate().flat_map(|(at, one)| all[at + 1..].iter().map(move |other| vec![*one, *other]));
    // Whatever else would become of an event that is dropped.
    let is_pair = |pair: &Vec<(usize, Mishap)>| pair[0].0 != pair[1].0 || pair[0].1 != Mishap::Dropped;
    let mut pairs: Vec<_> = pairs.filter(is_pair).map(Plan).collect();
    if wanted().is_none() {
        fastrand::Rng::with_seed(seed(row)).shuffle(&mut pairs);
        pairs.truncate(SAMPLE);
    }
    plans.extend(pairs);
    plans
}

/// The cells that are wanted in place of a sample.
fn wanted() -> Option<String> {
    env::var("LIFTGATE_CHAOS").ok()
}

fn cell(scenario: &Scenario, client: Client, plan: &Plan, failures: &mut Vec<String>) -> Outcome {
    let name = format!("{} / {client:?} / {plan}", scenario.name);
    let is_wanted = plan.0.is_empty() || wanted().is_none_or(|wanted| wanted == "all" || wanted == name);
    if !is_wanted {
        return Outcome { wrong: Vec::new(), events: Vec::new(), log: String::new() };
    }
    let seed = seed(&name);
    let outcome = run(scenario, client, plan, seed);
    println!("{name}{}", if outcome.wrong.is_empty() { "" } else { " BROKEN" });
    if !outcome.wrong.is_empty() {
        let (events, wrong) = (outcome.events.join(", "), outcome.wrong.join("; "));
        failures.push(format!("LIFTGATE_CHAOS='{name}' (seed {seed}; events {events}): {wrong}; log: {}", outcome.log));
    }
    outcome
}

#[test]
fn a_duel() {
    matrix("a duel");
}

#[test]
fn a_duel_that_has_to_be_accepted() {
    matrix("a duel that has to be accepted");
}

#[test]
fn two_duels_at_once() {
    matrix("two duels at once");
}

#[test]
fn a_duel_that_finds_no_game_server_at_first() {
    matrix("a duel that finds no game server at first");
}

#[test]
fn a_match_of_two_parties() {
    matrix("a match of two parties");
}

#[test]
fn game_sessions_through_a_queue() {
    matrix("game sessions through a queue");
}

#[test]
fn no_game_session_for_lack_of_game_servers() {
    matrix("no game session for lack of game servers");
}
