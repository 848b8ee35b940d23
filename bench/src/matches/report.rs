//! The measures of all ways in a table.

use std::{collections::BTreeMap, time::Duration};

use gamelift_emulator::calls::Count;

use crate::{
    matches::{
        told::Told,
        way::{Outcome, Way},
    },
    report::{answers, columns, percentile, sorted},
};

/// The measures of one way.
#[derive(Clone, Debug)]
pub struct Report {
    outcomes: Vec<Outcome>,
    /// From GameLift's event to the player, for all who got a place; in order.
    lags: Vec<Duration>,
    calls: BTreeMap<&'static str, Count>,
}

impl Report {
    /// The measures of these players, who were told of then, with these calls of GameLift.
    pub(crate) fn new(outcomes: Vec<Outcome>, told: &Told, calls: &BTreeMap<&'static str, Count>) -> Self {
        let lag = |outcome: &Outcome| {
            let told = told.of(outcome.place.as_ref().ok()?)?;
            Some(outcome.at.saturating_duration_since(told))
        };
        let lags = sorted(outcomes.iter().filter_map(lag));
        Self { outcomes, lags, calls: calls.clone() }
    }

    fn rows(&self, baseline: &Self) -> Vec<(&'static str, String)> {
        let players = self.outcomes.len().max(1) as f64;
        let each = |count: usize| format!("{:.1}", count as f64 / players);
        let lag = |percent| percentile(&self.lags, percent).map_or_else(|| "-".to_owned(), millis);
        let times = |percent| times(percentile(&self.lags, percent), percentile(&baseline.lags, percent));
        let word = |outcome: &Outcome| outcome.place.as_ref().map_or_else(Clone::clone, |_| "a place".to_owned());
        let under_way: Duration = self.outcomes.iter().map(|outcome| outcome.under_way).sum();
        let calls: usize = self.calls.values().map(|count| count.admitted + count.throttled).sum();
        let throttled: usize = self.calls.values().map(|count| count.throttled).sum();
        vec![
            ("answers", answers(self.outcomes.iter().map(word))),
            ("events met", self.lags.len().to_string()),
            ("from the event to the player, p50", lag(50)),
            ("p99", lag(99)),
            ("the longest", lag(100)),
            ("p50, in times of the last column's", times(50)),
            ("p99, in times of the last column's", times(99)),
            ("requests and messages of a player", each(self.outcomes.iter().map(|outcome| outcome.requests).sum())),
            ("a player's requests are under way", format!("{:.2} s", under_way.as_secs_f64() / players)),
            ("calls of GameLift for a player", each(calls)),
            ("of these throttled, in all", throttled.to_string()),
            ("by operation", by_operation(&self.calls)),
        ]
    }
}

/// The longest p99 from the event to a player with a socket that Liftgate promises.
const MOST_OVER_A_SOCKET: Duration = Duration::from_millis(250);

/// Returns what a run breaks of Liftgate's promise: each player with a socket hears of the place, and of 100 players 99
/// within 250 ms.
pub fn broken(reports: &[(Way, Report)]) -> Option<String> {
    let (_, report) = reports.iter().find(|(way, _)| *way == Way::Socket)?;
    let (heard, players) = (report.lags.len(), report.outcomes.len());
    if heard < players {
        return Some(format!("{heard} of {players} players have heard of their place over a socket"));
    }
    let p99 = percentile(&report.lags, 99).filter(|p99| *p99 > MOST_OVER_A_SOCKET)?;
    Some(format!("p99 over a socket is {}, and may be {}", millis(p99), millis(MOST_OVER_A_SOCKET)))
}

/// Returns a Markdown table with a column for each way. The last one is what times are compared with.
pub fn table(reports: &[(Way, Report)]) -> String {
    let Some((_, baseline)) = reports.last() else { return String::new() };
    let all: Vec<_> = reports.iter().map(|(way, report)| (way.name(), report.rows(baseline))).collect();
    columns(&all)
}

fn by_operation(calls: &BTreeMap<&'static str, Count>) -> String {
    let words = calls.iter().map(|(operation, count)| format!("{operation} {}", count.admitted + count.throttled));
    words.collect::<Vec<_>>().join(", ")
}

fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn times(own: Option<Duration>, baseline: Option<Duration>) -> String {
    match (own, baseline) {
        (Some(own), Some(baseline)) if !baseline.is_zero() => format!("{:.2}", own.div_duration_f64(baseline)),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// A report on players with a socket, who hear this late.
    fn over_a_socket(lags: &[u64], players: usize) -> Vec<(Way, Report)> {
        let outcome = Outcome { place: Ok(String::new()), at: Instant::now(), requests: 3, under_way: Duration::ZERO };
        let lags = sorted(lags.iter().copied().map(Duration::from_millis));
        vec![(Way::Socket, Report { outcomes: vec![outcome; players], lags, calls: BTreeMap::new() })]
    }

    #[test]
    fn of_a_hundred_players_with_a_socket_one_may_hear_late_and_none_not_at_all() {
        let mut lags = [250; 100];
        lags[0] = 9_000;
        assert_eq!(broken(&over_a_socket(&lags, 100)), None);
        lags[1] = 251;
        let slow = broken(&over_a_socket(&lags, 100)).unwrap();
        assert_eq!(slow, "p99 over a socket is 251 ms, and may be 250 ms");
        let silent = broken(&over_a_socket(&[1; 99], 100)).unwrap();
        assert_eq!(silent, "99 of 100 players have heard of their place over a socket");
    }
}
