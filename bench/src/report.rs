//! The results of a rush as a table.

use std::{collections::BTreeMap, time::Duration};

/// The result of one player.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The game session's id, or the code of the error.
    pub answer: Result<String, String>,
    /// How long the answer took.
    pub took: Duration,
    /// From the game server's call of `ActivateGameSession` to the answer.
    pub lag: Option<Duration>,
}

/// The measures of one rush.
#[derive(Clone, Debug)]
pub struct Report {
    /// One outcome for each player.
    pub outcomes: Vec<Outcome>,
    /// Calls by operation, retries included.
    pub calls: BTreeMap<String, usize>,
    /// Game sessions that run without a player.
    pub abandoned: usize,
}

impl Report {
    /// Returns the measures and their values, in the order of the table.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let players = self.outcomes.len();
        let calls: usize = self.calls.values().sum();
        let lags = sorted(self.outcomes.iter().filter_map(|outcome| outcome.lag));
        let times = sorted(self.outcomes.iter().map(|outcome| outcome.took));
        let per_request = |count: usize| format!("{:.1}", count as f64 / players.max(1) as f64);
        vec![
            ("answers", self.answers()),
            ("longest answer", seconds(percentile(&times, 100))),
            ("AWS calls for each request", per_request(calls)),
            ("by operation", by_operation(&self.calls)),
            ("from ACTIVE to the answer, p50", seconds(percentile(&lags, 50))),
            ("from ACTIVE to the answer, p99", seconds(percentile(&lags, 99))),
            ("game sessions without a player", self.abandoned.to_string()),
        ]
    }

    fn answers(&self) -> String {
        let word = |outcome: &Outcome| outcome.answer.as_ref().map_or_else(Clone::clone, |_| "200".to_owned());
        answers(self.outcomes.iter().map(word))
    }
}

/// Returns a Markdown table with a column for each report.
pub fn table(reports: &[(&str, Report)]) -> String {
    let reports: Vec<_> = reports.iter().map(|(name, report)| (*name, report.rows())).collect();
    columns(&reports)
}

/// Returns a Markdown table. Each column has a head, and the measures with their values.
pub(crate) fn columns(columns: &[(&str, Vec<(&str, String)>)]) -> String {
    let heads: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for (number, (measure, _)) in columns.first().into_iter().flat_map(|(_, rows)| rows).enumerate() {
        let values: Vec<_> = columns.iter().map(|(_, rows)| rows[number].1.as_str()).collect();
        table += &format!("| {measure} | {} |\n", values.join(" | "));
    }
    table
}

/// Returns how many calls there were of each operation, as words.
pub(crate) fn by_operation(calls: &BTreeMap<String, usize>) -> String {
    calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect::<Vec<_>>().join(", ")
}

/// Returns how often each answer came, as words.
pub(crate) fn answers(words: impl Iterator<Item = String>) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counts.into_iter().map(|(answer, count)| format!("{count} × {answer}")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn sorted(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times
}

/// Returns the smallest value that is not exceeded by `percent` percent of the values.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

pub(crate) fn seconds(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let times: Vec<_> = (1..=200).map(Duration::from_secs).collect();
        assert_eq!(percentile(&times, 50), Some(Duration::from_secs(100)));
        assert_eq!(percentile(&times, 99), Some(Duration::from_secs(198)));
        assert_eq!(percentile(&times, 100), Some(Duration::from_secs(200)));
        assert_eq!(percentile(&times[..1], 50), Some(Duration::from_secs(1)));
        assert_eq!(percentile(&[], 50), None);
    }
}
