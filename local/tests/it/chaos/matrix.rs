//! The cells.

use std::{collections::BTreeSet, env, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    chaos::{
        after::{After, Device, Report, is_end},
        clients::Client,
        events::{Mishap, Plan, Sent},
        game::Game,
        scenarios::{SCENARIOS, Scenario},
    },
    faults::{matrix::seed, virtual_time::Traffic, world::logged},
};

/// How long tickets may be open after all clients have gone.
const LONGEST: Duration = Duration::from_mins(10);

/// How many classes of pairs each client meets, of all.
const SAMPLE: usize = 2;

/// A player who has a socket and no search.
const STRANGER: &str = "eve";

/// A cell's result.
struct Outcome {
    wrong: Vec<String>,
    /// Its events.
    sent: Vec<Sent>,
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
        let missed = game.way.missed().into_iter().map(|one| Plan(vec![one]));
        wrong.extend(missed.map(|mishap| format!("nothing has happened: {mishap}")));
        if plan.0.is_empty() {
            wrong.extend(game.devices().iter().filter_map(unheard));
        }
        Outcome { wrong, sent: game.way.sent(), log: String::new() }
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
    let starts = game.starts();
    After { store: &game.store, state: &state, reports, devices: &devices, most_sessions, starts }.broken().await
}

/// The cells that are run.
enum Wanted {
    /// Each mishap alone, and a sample of the pairs.
    Sample,
    /// Each mishap alone, and a pair of each class.
    All,
    /// One cell, of any pair.
    Cell(String),
}

impl Wanted {
    fn from_env() -> Self {
        match env::var("LIFTGATE_CHAOS") {
            Err(_) => Self::Sample,
            Ok(all) if all == "all" => Self::All,
            Ok(cell) => Self::Cell(cell),
        }
    }

    /// Whether a cell of this scenario and client is run.
    fn has_row(&self, row: &str) -> bool {
        match self {
            Self::Sample | Self::All => true,
            Self::Cell(cell) => cell.starts_with(&format!("{row} / ")),
        }
    }

    /// Whether this cell, or one that adds a mishap to it, is run.
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Sample | Self::All => true,
            Self::Cell(cell) => cell.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(", ")),
        }
    }
}

/// The cells of a scenario, as they run.
struct Cells<'a> {
    scenario: &'a Scenario,
    wanted: Wanted,
    names: Vec<String>,
    failures: Vec<String>,
}

/// Runs a scenario's cells: for each client first without a mishap, then with each alone, and with pairs.
fn matrix(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap();
    let mut cells = Cells { scenario, wanted: Wanted::from_env(), names: Vec::new(), failures: Vec::new() };
    for client in scenario.clients {
        cells.of(*client);
    }
    let Cells { wanted, names, failures, .. } = cells;
    if let Wanted::Cell(cell) = wanted {
        let is_of = |scenario: &Scenario| cell.starts_with(&format!("{} / ", scenario.name));
        let scenarios: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert!(SCENARIOS.iter().any(is_of), "LIFTGATE_CHAOS='{cell}' is of no scenario; there are {scenarios:?}");
        assert!(!is_of(scenario) || names.contains(&cell), "there is no cell '{cell}'; there are {names:#?}");
    }
    println!("{name}: {} cells", names.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

impl Cells<'_> {
    /// Runs a client's cells.
    ///
    /// The second mishap of a pair meets an event of the run that has the first one alone: until that event both runs
    /// are the same, so it is sent.
    fn of(&mut self, client: Client) {
        let row = format!("{} / {client:?}", self.scenario.name);
        let Some(fine) = self.run(client, &Plan::default()) else { return };
        assert!(!fine.is_empty(), "{row} has no event that could be lost");
        let (mut pairs, mut classes) = (Vec::new(), BTreeSet::new());
        for one in mishaps(&fine, 0) {
            let Some(sent) = self.run(client, &Plan(vec![one])) else { continue };
            let others = mishaps(&sent, one.0).filter(|other| is_pair(one, *other));
            let new = others.filter(|other| {
                let is_new = classes.insert(class(&sent, one, *other));
                is_new || matches!(self.wanted, Wanted::Cell(_))
            });
            pairs.extend(new.map(|other| Plan(vec![one, other])));
        }
        if matches!(self.wanted, Wanted::Sample) {
            fastrand::Rng::with_seed(seed(&row)).shuffle(&mut pairs);
            pairs.truncate(SAMPLE);
        }
        for pair in pairs {
            self.run(client, &pair);
        }
    }

    /// Runs a cell if it is wanted, and returns the events that were sent. Every cell of a client has the same seed.
    fn run(&mut self, client: Client, plan: &Plan) -> Option<Vec<Sent>> {
        let row = format!("{} / {client:?}", self.scenario.name);
        let name = format!("{row} / {plan}");
        self.names.push(name.clone());
        let is_wanted = if plan.0.is_empty() { self.wanted.has_row(&row) } else { self.wanted.has(&name) };
        if !is_wanted {
            return None;
        }
        let seed = seed(&row);
        let Outcome { wrong, sent, log } = run(self.scenario, client, plan, seed);
        println!("{name}{}", if wrong.is_empty() { "" } else { " BROKEN" });
        if !wrong.is_empty() {
            let (events, wrong) =
                (sent.iter().map(|sent| &*sent.kind).collect::<Vec<_>>().join(", "), wrong.join("; "));
            self.failures.push(format!("LIFTGATE_CHAOS='{name}' (seed {seed}; events {events}): {wrong}; log: {log}"));
        }
        Some(sent)
    }
}

/// All mishaps of these events, from this one on. The last event has no next one to be swapped with.
fn mishaps(sent: &[Sent], from: usize) -> impl Iterator<Item = (usize, Mishap)> {
    let last = sent.len().saturating_sub(1);
    let all = (from..sent.len()).flat_map(|number| Mishap::ALL.map(|mishap| (number, mishap)));
    all.filter(move |(number, mishap)| *mishap != Mishap::Swapped || *number < last)
}

/// Whether both can happen. Nothing else becomes of an event that is dropped, and none comes after one that never does.
fn is_pair(one: (usize, Mishap), other: (usize, Mishap)) -> bool {
    let is_swapped_with_dropped = one.1 == Mishap::Swapped && other == (one.0 + 1, Mishap::Dropped);
    let is_of_dropped = one.0 == other.0 && one.1 == Mishap::Dropped;
    one < other && !is_swapped_with_dropped && !is_of_dropped
}

/// Pairs of one class meet the same branches, so one of them is enough. `record_event` reads the type, the time and the
/// tickets of an event, and knows nothing of its number. What it does depends on what it has heard of the same tickets
/// before. So the class has the types and the mishaps, whether the two are one event, neighbours, or of a common ticket,
/// and the type of the event that each is swapped with.
fn class(sent: &[Sent], one: (usize, Mishap), other: (usize, Mishap)) -> String {
    let kind = |number: usize| sent.get(number).map_or("", |sent| &*sent.kind);
    let each = [one, other].map(|(number, mishap)| {
        let next = if mishap == Mishap::Swapped { kind(number + 1) } else { "" };
        (kind(number), mishap, next)
    });
    let has_common = !sent[one.0].tickets.is_disjoint(&sent[other.0].tickets);
    format!("{each:?} {} {has_common}", (other.0 - one.0).min(2))
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
