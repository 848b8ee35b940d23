//! Measures a pass over waiting solo tickets: `cargo run --release -p flexmatch --example pass [TICKETS [RUNS]]`.
//!
//! It prints the median of all runs for each of three passes in a row, and the fastest and the slowest run.

#![allow(clippy::print_stdout, reason = "the figures are its output")]

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use flexmatch::{AttributeValue, Matchmaker, Player, RuleSet, Settings, Ticket, TicketKind};

/// Teams of four whose averages are alike, and near locations: two rules.
const TEAMS: &str = r#"{
    "ruleLanguageVersion": "1.0",
    "playerAttributes": [{"name": "skill", "type": "number", "default": 10}],
    "teams": [{"name": "red", "minPlayers": 4, "maxPlayers": 4}, {"name": "blue", "minPlayers": 4, "maxPlayers": 4}],
    "rules": [
        {"name": "FairTeams", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
         "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": WIDTH},
        {"name": "Near", "type": "latency", "maxLatency": 100}
    ]
}"#;
const PASSES: usize = 3;

fn main() {
    let argument = |place| std::env::args().nth(place).and_then(|count| count.parse().ok());
    let (tickets, runs) = (argument(1).unwrap_or(10_000), argument(2).unwrap_or(15));
    for (name, width) in [("most fit", "200"), ("some fit", "20"), ("hardly any fits", "0")] {
        let body = TEAMS.replace("WIDTH", width);
        let runs: Vec<_> = (0..runs).map(|_| run(&body, tickets)).collect();
        for pass in 0..PASSES {
            let mut times: Vec<_> = runs.iter().map(|run| run[pass].time).collect();
            times.sort_unstable();
            let (Some(least), Some(most), median) = (times.first(), times.last(), times[times.len() / 2]) else {
                return;
            };
            let Pass { waiting, matches, .. } = runs[0][pass];
            println!(
                "{name}: pass {}, {waiting} tickets, {matches} matches: {median:.1?} ({least:.1?} to {most:.1?})",
                pass + 1,
            );
        }
    }
}

struct Pass {
    waiting: usize,
    matches: usize,
    time: Duration,
}

fn run(body: &str, tickets: u32) -> Vec<Pass> {
    let rule_set = Arc::new(RuleSet::parse(body).expect("the rule set is right"));
    let mut matchmaker = Matchmaker::new(rule_set, Settings::default());
    let mut rng = fastrand::Rng::with_seed(7);
    for number in 0..tickets {
        matchmaker.add(solo(number, &mut rng)).expect("the ticket is right");
    }
    let mut pass = || {
        let waiting = matchmaker.waiting().len();
        let start = Instant::now();
        let matches = matchmaker.pass(Duration::from_secs(60), &mut rng);
        // What becomes of the matches is no part of a pass.
        Pass { waiting, time: start.elapsed(), matches: matches.len() }
    };
    (0..PASSES).map(|_| pass()).collect()
}

fn solo(number: u32, rng: &mut fastrand::Rng) -> Ticket {
    let skill = 1500.0 + 300.0 * (rng.f64() + rng.f64() + rng.f64() - 1.5);
    let player = Player {
        id: format!("player-{number}"),
        attributes: BTreeMap::from([("skill".to_owned(), AttributeValue::Number(skill))]),
        latencies: BTreeMap::from([
            ("us-east-1".to_owned(), rng.u32(10..90)),
            ("eu-west-1".to_owned(), rng.u32(10..90)),
        ]),
        team: None,
    };
    let arrival = Duration::from_millis(u64::from(number));
    Ticket { id: format!("ticket-{number}"), arrival, kind: TicketKind::New, players: vec![player] }
}
