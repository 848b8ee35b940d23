//! The rule set at an age.

use std::time::Duration;

use serde_json::Value;

use super::seated::Seated;

/// The rule set with all steps that the match has reached.
pub(crate) fn at(body: &Value, seated: &[Seated<'_>], now: Duration) -> Value {
    let ages = seated.iter().map(|one| now.saturating_sub(one.ticket.arrival));
    let age = if body["algorithm"]["expansionAgeSelection"] == "oldest" { ages.max() } else { ages.min() };
    let seconds = age.unwrap_or_default().as_secs_f64();
    let mut state = body.clone();
    for expansion in body["expansions"].as_array().unwrap() {
        for step in expansion["steps"].as_array().unwrap() {
            if step["waitTimeSeconds"].as_f64().unwrap() <= seconds {
                replace(&mut state, expansion["target"].as_str().unwrap(), &step["value"]);
            }
        }
    }
    state
}

/// `rules[name].property` or `teams[a, b].property`.
fn replace(state: &mut Value, target: &str, value: &Value) {
    let (list, rest) = target.split_once('[').unwrap();
    let (names, property) = rest.split_once("].").unwrap();
    for name in names.split(',').map(str::trim) {
        let entries = state[list].as_array_mut().unwrap();
        entries.iter_mut().find(|entry| entry["name"] == name).unwrap()[property] = value.clone();
    }
}

/// The teams of a match: name, least and greatest number of players.
pub(crate) fn teams(state: &Value) -> Vec<(String, usize, usize)> {
    let mut teams = Vec::new();
    for team in state["teams"].as_array().unwrap() {
        let (name, quantity) = (team["name"].as_str().unwrap(), team["quantity"].as_u64().unwrap_or(1));
        let limit = |limit: &str| team[limit].as_u64().unwrap() as usize;
        for number in 1..=quantity {
            let name = if quantity == 1 { name.to_owned() } else { format!("{name}_{number}") };
            teams.push((name, limit("minPlayers"), limit("maxPlayers")));
        }
    }
    teams
}
