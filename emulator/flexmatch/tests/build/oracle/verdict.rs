//! The whole match.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;

use super::{rule, seated::Seated, state};

/// What is wrong with a match at a time. Empty: it is legal.
pub(crate) fn violations(body: &Value, seated: &[Seated<'_>], now: Duration) -> Vec<String> {
    let state = state::at(body, seated, now);
    let mut violations = Vec::new();
    for (team, min, max) in state::teams(&state) {
        let players: usize = seated.iter().map(|one| one.players_in(&team).len()).sum();
        if players < min || players > max {
            violations.push(format!("{team} has {players} players, not {min} to {max}"));
        }
    }
    let rules = state["rules"].as_array().unwrap();
    let is_part = |name: &str| {
        rules
            .iter()
            .filter_map(|rule| rule["statement"].as_str())
            .any(|statement| statement.split(['(', ')', ',']).any(|word| word.trim() == name))
    };
    for one in rules {
        if !is_part(one["name"].as_str().unwrap()) && rule::holds(one, &state, seated) == Some(false) {
            violations.push(format!("{} does not hold", one["name"]));
        }
    }
    violations.extend(structure(seated));
    violations
}

fn structure(seated: &[Seated<'_>]) -> Option<String> {
    let backfills = seated.iter().filter(|one| one.is_backfill()).count();
    if backfills > 1 || backfills == seated.len() {
        return Some(format!("{backfills} backfills among {} tickets", seated.len()));
    }
    let mut players = HashSet::new();
    let mut all = seated.iter().flat_map(|one| &one.ticket.players);
    all.find(|player| !players.insert(&player.id)).map(|player| format!("{} is in it twice", player.id))
}
