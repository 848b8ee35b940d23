//! The results of a simulation for people.

use std::fmt::Write as _;

use flexmatch_design::{Quantiles, Reason, Report};

use crate::cli::flexmatch::count::count;

/// The first column.
const WIDTH: usize = 13;

pub(crate) fn text(report: &Report) -> String {
    let mut text = String::new();
    let mut row = |name: &str, said: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name:WIDTH$} {said}");
    };
    let (tickets, players) = (report.tickets, report.players);
    row("arrived", &format!("{} with {}", count(tickets.arrived, "ticket"), count(players.arrived, "player")));
    let share = percent(tickets.matched, tickets.arrived);
    row("matched", &format!("{} ({share}) in {}", count(tickets.matched, "ticket"), count(report.matches, "match")));
    if let Some(players) = &report.match_players {
        row("players", &format!("of a match: {}", quantiles(players, 0, "")));
    }
    if let Some(wait) = &report.wait_seconds {
        row("wait", &quantiles(wait, 1, " s"));
    }
    for numbers in &report.numbers {
        row(&numbers.name, &format!("in a team: {}", quantiles(&numbers.within_team, 1, "")));
        row("", &format!("between the teams: {}", quantiles(&numbers.between_teams, 1, "")));
    }
    for strings in &report.strings {
        row(&strings.name, &format!("different ones in a match: {}", quantiles(&strings.different, 0, "")));
    }
    if let [first, .., last] | [first @ last] = report.not_measured.as_slice() {
        let names = if first == last { first.clone() } else { format!("{first} to {last}") };
        let attributes = count(report.not_measured.len(), "attribute");
        row("not measured", &format!("{attributes} after the first 20: {names}"));
    }
    if let Some(latency) = &report.latency {
        row("latency", &quantiles(&latency.players_ms, 0, " ms"));
        let locations =
            latency.locations.iter().map(|(name, matches)| format!("{name} for {}", percent(*matches, report.matches)));
        row("", &format!("best location: {}", locations.collect::<Vec<_>>().join(", ")));
    }
    for expansion in &report.expansions {
        row("expansion", &expansion.target);
        row("", &format!("before its first step: {}", count(expansion.before, "match")));
        for step in &expansion.steps {
            row("", &format!("{} from {} s on: {}", step.value, step.wait_seconds, count(step.matches, "match")));
        }
    }
    let share = percent(tickets.timed_out, tickets.arrived);
    row("never matched", &format!("{} ({share})", count(tickets.timed_out, "ticket")));
    for unmatched in &report.unmatched {
        row("", &format!("{}: {}", unmatched.tickets, reason(&unmatched.reason)));
    }
    text
}

fn quantiles(of: &Quantiles, decimals: usize, unit: &str) -> String {
    let Quantiles { p50, p90, p99, max } = of;
    format!(
        "p50 {p50:.decimals$}{unit}, p90 {p90:.decimals$}{unit}, p99 {p99:.decimals$}{unit}, \
         at most {max:.decimals$}{unit}"
    )
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Rule(rule) => format!("the rule {rule} refused them most"),
        Reason::TooFewOthers => "no rule refused them, but too few others were there".to_owned(),
        Reason::NoAttribute(name) => format!("a player has no {name}, which has no default"),
        Reason::NoLatency(rule) => format!("a player has no latencies, which the rule {rule} needs"),
        Reason::TooLarge => "they have more players than any team takes".to_owned(),
    }
}
