//! Rounds with and without attackers, one after the other, each on a fresh emulator.

use std::fmt::Write as _;

use gamelift_emulator::{Clock, Settings};
use matchmaking::config::FleetConfig;
use shared::Error;

use crate::attackers::{
    attack::Attack,
    crowd::Crowd,
    gate::{Backend, Gate, Limits},
    tally::{HEADS, Tally},
};

/// The rounds of a run.
#[derive(Clone, Debug)]
pub struct Rounds {
    /// The crowd of the first round; each round has the next seed.
    pub crowd: Crowd,
    /// How often each row is measured.
    pub rounds: u64,
    /// Number of keys of the usage plan in one more row, if there is to be one.
    pub keys: Option<u16>,
    /// The attacks.
    pub attacks: Vec<Attack>,
    /// Whether each attack comes alone, rather than all at once.
    pub each: bool,
}

/// A row of the table.
struct Row {
    name: String,
    attacks: Vec<Attack>,
    limits: Limits,
    tally: Tally,
}

impl Rounds {
    /// Runs the rounds, and returns a Markdown table.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    #[expect(clippy::print_stderr, reason = "a row takes minutes, and the table comes after the last one")]
    pub async fn run(&self) -> Result<String, Error> {
        let mut rows = self.rows();
        for round in 0..self.rounds {
            let crowd = Crowd { seed: self.crowd.seed + round, ..self.crowd };
            for row in &mut rows {
                row.tally.add(once(&crowd, row).await?);
                eprintln!("round {} of {}: {}", round + 1, self.rounds, row.name);
            }
        }
        let mut table = format!("| | {} |\n|---|{}\n", HEADS.join(" | "), "---|".repeat(HEADS.len()));
        for row in &rows {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "| {} | {} |", row.name, row.tally.cells().join(" | "));
        }
        Ok(table)
    }

    fn rows(&self) -> Vec<Row> {
        let row = |name: String, attacks, limits| Row { name, attacks, limits, tally: Tally::default() };
        let groups: Vec<_> = match self.each {
            true => self.attacks.iter().map(|attack| (attack.name(), vec![*attack])).collect(),
            false => vec![("all attacks", self.attacks.clone())],
        };
        let players = Limits { players: true, ..Limits::default() };
        let mut rows = vec![row("no attack".to_owned(), Vec::new(), players)];
        for (name, attacks) in groups {
            rows.push(row(format!("{name}, rates of one player"), attacks.clone(), players));
            if !self.each {
                let limits = Limits { route_first: true, ..players };
                rows.push(row(format!("{name}, the route's rate before those of one player"), attacks.clone(), limits));
            }
            if let Some(keys) = self.keys {
                let limits = Limits { keys: Some(keys), ..players };
                rows.push(row(format!("{name}, rates of one player and {keys} keys"), attacks.clone(), limits));
            }
            rows.push(row(format!("{name}, no rates of one player"), attacks, Limits::default()));
        }
        rows
    }
}

async fn once(crowd: &Crowd, row: &Row) -> Result<Tally, Error> {
    let mut settings = Settings { first_game_port: 0, random_seed: Some(crowd.seed), ..Settings::default() };
    crowd.prepare(&mut settings);
    let clock = Clock::new(1.0);
    let (emulator, endpoint) = testing::emulator::start(&settings, clock.clone()).await;
    emulator.ready().await;
    let backend = Backend { endpoint, clock, region: settings.region.clone(), fleets: FleetConfig::default() };
    let gate = Gate::new(backend, row.limits).await?;
    Ok(crowd.run(&gate, &row.attacks).await)
}
