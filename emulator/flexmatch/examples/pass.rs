//! Measures the first pass over waiting solo tickets, and the second one over those that it left:
//!
//! ```text
//! cargo run --release -p flexmatch --example pass [RUNS]
//! ```
//!
//! It prints a Markdown table of medians. Their baseline is the time that it takes in the same run to add the same
//! tickets to the pool.

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

/// Who can be matched: how far averages may be apart, and the latency of every other player.
const CROWDS: [(&str, &str, u32); 4] =
    [("none", "0", 50), ("few, narrow teams", "2", 50), ("every other", "200", 150), ("all", "200", 50)];

fn main() {
    let runs = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(15);
    println!(
        "| tickets | who can be matched | matches | looks of a rule at a player | the pass | fastest to slowest \
         | to adding | the next pass |\n|---|---|---|---|---|---|---|---|"
    );
    for tickets in [100, 1000, 10_000] {
        for (name, width, latency) in CROWDS {
            let body = TEAMS.replace("WIDTH", width);
            let runs: Vec<_> = (0..runs).map(|_| run(&body, tickets, latency)).collect();
            let Run { matches, looks, .. } = runs[0];
            let times = |of: fn(&Run) -> Duration| {
                let mut times: Vec<_> = runs.iter().map(of).collect();
                times.sort_unstable();
                times
            };
            let (passes, added, next) = (times(|run| run.pass), times(|run| run.added), times(|run| run.next));
            let median = passes[passes.len() / 2];
            println!(
                "| {tickets} | {name} | {matches} | {looks} | {median:.1?} | {:.1?} to {:.1?} | {:.1} | {:.1?} |",
                passes[0],
                passes[passes.len() - 1],
                median.as_secs_f64() / added[added.len() / 2].as_secs_f64(),
                next[next.len() / 2],
            );
        }
    }
}

struct Run {
    matches: usize,
    looks: u64,
    added: Duration,
    pass: Duration,
    next: Duration,
}

fn run(body: &str, tickets: u32, latency: u32) -> Run {
    let rule_set = Arc::new(RuleSet::parse(body).expect("the rule set is right"));
    let mut matchmaker = Matchmaker::new(rule_set, Settings::default());
    let mut rng = fastrand::Rng::with_seed(7);
    let solos: Vec<_> = (0..tickets).map(|number| solo(number, latency, &mut rng)).collect();
    let start = Instant::now();
    for solo in solos {
        matchmaker.add(solo).expect("the ticket is right");
    }
    let added = start.elapsed();
    let mut pass = || {
        let start = Instant::now();
        let matches = matchmaker.pass(Duration::from_secs(60), &mut rng);
        // What becomes of the matches is no part of a pass.
        (start.elapsed(), matches.len(), matchmaker.looks())
    };
    let ((pass_time, matches, looks), (next, ..)) = (pass(), pass());
    Run { matches, looks, added, pass: pass_time, next }
}

fn solo(number: u32, latency: u32, rng: &mut fastrand::Rng) -> Ticket {
    let skill = 1500.0 + 300.0 * (rng.f64() + rng.f64() + rng.f64() - 1.5);
    let latency = if number % 2 == 1 { latency } else { 50 };
    let player = Player {
        id: format!("player-{number}"),
        attributes: BTreeMap::from([("skill".to_owned(), AttributeValue::Number(skill))]),
        latencies: BTreeMap::from([
            ("us-east-1".to_owned(), latency + rng.u32(0..40)),
            ("eu-west-1".to_owned(), latency + rng.u32(0..40)),
        ]),
        team: None,
    };
    let arrival = Duration::from_millis(u64::from(number));
    Ticket { id: format!("ticket-{number}"), arrival, kind: TicketKind::New, players: vec![player] }
}
