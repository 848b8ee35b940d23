//! Players who create game sessions one after the other, as fast as `CreateGameSession` allows, within AWS's documented
//! rates: with a store, by which they share their looks, and without.
//!
//! Every player calls a separate instance of the function, as on Lambda.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use create_session::CreateSession;
use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::{Candidate, FleetConfig, FleetRef, LimitConfig};
use serde_json::json;
use shared::{Endpoint, clock::Clock};
use store::Store;
use testing::events;
use tokio::time::sleep;

use crate::{
    aws::{Aws, Calls},
    report::{answers, by_operation, percentile, seconds, sorted},
};

/// What the table counts within a second.
const LOOK: &str = "DescribeGameSessions";

/// The size of a rush.
#[derive(Clone, Copy, Debug)]
pub struct Rush {
    /// Players, and game servers.
    pub players: u16,
    /// The time within which they come.
    pub within: Duration,
    /// How long a game server takes to activate a game session.
    pub activation: Duration,
}

/// The measures of one rush.
#[derive(Clone, Debug)]
pub struct Report {
    /// The answer to each player, as its status or code, and how long it took.
    answers: Vec<(String, Duration)>,
    /// When each operation was called, throttled calls included.
    calls: BTreeMap<String, Vec<Instant>>,
}

impl Rush {
    /// Runs the rush on a fresh emulator.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn run(&self, has_store: bool) -> Result<Report, shared::Error> {
        let settings = Settings {
            first_game_port: 0,
            game_servers: self.players,
            activation_delay: self.activation,
            rate_limits: true,
            ..Settings::default()
        };
        let (aws, calls) = (Aws::start(&settings).await, Calls::default());
        let store = has_store.then(|| Store::in_memory(Clock::system()));
        let mut instances = Vec::new();
        for _ in 0..self.players {
            let client = aws.client(&calls).await?;
            let route = CreateSession::new(client, one_fleet(), LimitConfig::none()).with_store(store.clone());
            instances.push(Endpoint::new(Ok(route), events::trusting()));
        }
        let answers = join_all(instances.iter().enumerate().map(|(number, function)| async move {
            sleep(self.within.mul_f64(number as f64 / f64::from(self.players))).await;
            let body = json!({ "session_name": "Rush", "uuid": format!("player-{number}"), "num_connections": 4 });
            let started = Instant::now();
            let answer = events::call_endpoint(function, events::post("create_session", &body)).await;
            (answer.code().map_or_else(|| answer.status.to_string(), str::to_owned), started.elapsed())
        }))
        .await;
        Ok(Report { answers, calls: calls.take_times() })
    }
}

/// The fleet and its location, so that nothing has to be looked up.
fn one_fleet() -> FleetConfig {
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    let candidates = vec![Candidate { fleet, locations: vec![Settings::LOCATION.to_owned()] }];
    FleetConfig { candidates, ..FleetConfig::default() }
}

impl Report {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let times = sorted(self.answers.iter().map(|(_, took)| *took));
        let counts = self.calls.iter().map(|(operation, times)| (operation.clone(), times.len())).collect();
        vec![
            ("answers", answers(self.answers.iter().map(|(answer, _)| answer.clone()))),
            ("to the answer, p50", seconds(percentile(&times, 50))),
            ("to the answer, the last", seconds(percentile(&times, 100))),
            ("calls, throttled ones included", by_operation(&counts)),
            (
                "the most DescribeGameSessions within a second",
                most_within_a_second(self.calls.get(LOOK).map_or(&[], Vec::as_slice)).to_string(),
            ),
        ]
    }
}

/// Returns a Markdown table with a column for each report.
pub fn table(reports: &[(String, Report)]) -> String {
    let columns: Vec<_> = reports.iter().map(|(name, report)| (name.as_str(), report.rows())).collect();
    crate::report::columns(&columns)
}

/// Returns the most of these times, which are in order, that are within a second.
fn most_within_a_second(times: &[Instant]) -> usize {
    let mut first = 0;
    let within = times.iter().enumerate().map(|(number, time)| {
        while *time - times[first] >= Duration::from_secs(1) {
            first += 1;
        }
        number - first + 1
    });
    within.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_begins_with_any_call() {
        let start = Instant::now();
        let times =
            |millis: &[u64]| -> Vec<_> { millis.iter().map(|millis| start + Duration::from_millis(*millis)).collect() };
        assert_eq!(most_within_a_second(&[]), 0);
        assert_eq!(most_within_a_second(&times(&[0, 1000, 2000])), 1);
        assert_eq!(most_within_a_second(&times(&[0, 600, 700, 1500, 1599, 1600, 2500])), 4);
    }
}
