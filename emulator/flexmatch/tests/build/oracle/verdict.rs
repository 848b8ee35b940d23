//! The whole match.

use std::{collections::HashSet, time::Duration};

use flexmatch::{Choices, Ticket};
use serde_json::Value;

use super::{rule, seated::Seated, state};

/// What is wrong with a match at a time. Empty: it is legal.
pub(crate) fn violations(body: &Value, choices: Choices, seated: &[Seated<'_>], now: Duration) -> Vec<String> {
    let never: Vec<_> = seated.iter().filter_map(|one| unmatchable(body, one.ticket)).collect();
    if !never.is_empty() {
        return never;
    }
    let state = state::at(body, seated, now);
    let mut violations = Vec::new();
    for (team, min, max) in state::teams(&state) {
        let players: usize = seated.iter().map(|one| one.players_in(&team).len()).sum();
        if players < min || players > max {
            violations.push(format!("{team} has {players} players, not {min} to {max}"));
        }
    }
    for one in conditions(&state) {
        if rule::holds(one, &state, choices, seated) == Some(false) {
            violations.push(format!("{} does not hold", one["name"]));
        }
    }
    violations.extend(structure(seated));
    violations
}

/// The rules that no compound rule names.
fn conditions(state: &Value) -> impl Iterator<Item = &Value> {
    let rules = state["rules"].as_array().unwrap();
    let is_part = |name: &str| {
        let mut statements = rules.iter().filter_map(|rule| rule["statement"].as_str());
        statements.any(|statement| statement.split(['(', ')', ',']).any(|word| word.trim() == name))
    };
    rules.iter().filter(move |rule| !is_part(rule["name"].as_str().unwrap()))
}

/// Why a ticket can be in no match, whoever else is: a player lacks an attribute without a default, or the latencies
/// that a rule needs; or no team ever takes all of its players.
pub(crate) fn unmatchable(body: &Value, ticket: &Ticket) -> Option<String> {
    let declared = body["playerAttributes"].as_array().unwrap();
    let needed = declared.iter().filter(|attribute| attribute["default"].is_null());
    let mut needed = needed.map(|attribute| attribute["name"].as_str().unwrap());
    let missing = needed.find(|name| ticket.players.iter().any(|player| !player.attributes.contains_key(*name)));
    if let Some(name) = missing {
        return Some(format!("{} lacks {name}", ticket.id));
    }
    let is_silent = ticket.players.iter().any(|player| player.latencies.is_empty());
    if is_silent && conditions(body).any(|rule| rule["type"] == "latency") {
        return Some(format!("{} has no latencies", ticket.id));
    }
    // No expansion of the generated rule sets makes a team larger.
    let largest = body["teams"].as_array().unwrap().iter().map(|team| team["maxPlayers"].as_u64().unwrap()).max();
    let is_large = ticket.kind == flexmatch::TicketKind::New && ticket.players.len() as u64 > largest.unwrap();
    is_large.then(|| format!("{} is too large", ticket.id))
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
