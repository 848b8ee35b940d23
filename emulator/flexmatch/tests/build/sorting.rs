//! Sort rules: whom the oldest ticket is matched with, against keys that are computed here once more.

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use flexmatch::{AttributeValue, Choices, Matchmaker, Settings, Ticket, TicketKind};
use proptest::{collection::vec, prelude::*};
use random_cases::run;
use serde_json::{Value, json};

use crate::{
    generate::{pool, sort},
    oracle::seated::{Seated, aggregate},
    support::rule_set_with,
};

const CASES: u32 = 150;

/// Two teams, so that a second ticket always has room.
fn sorted_by(rules: Vec<Value>) -> Value {
    let rules = rules.into_iter().enumerate().map(|(place, mut rule)| {
        rule["name"] = json!(format!("r{place}"));
        rule
    });
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [
            {"name": "skill", "type": "number", "default": 3},
            {"name": "maps", "type": "string_number_map", "default": {"a": 1}},
        ],
        "teams": [{"name": "t", "minPlayers": 1, "maxPlayers": 3, "quantity": 2}],
        "rules": rules.collect::<Vec<_>>(),
    })
}

/// The values of a ticket: the map, with one number for each key that any of its players has.
fn map(body: &Value, ticket: &Ticket, how: &str) -> BTreeMap<String, f64> {
    let seated = Seated { ticket, team: None };
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for player in 0..ticket.players.len() {
        let AttributeValue::NumberMap(map) = seated.own(body, player, "maps") else { panic!("it is a map") };
        map.into_iter().for_each(|(key, number)| all.entry(key).or_default().push(number));
    }
    all.into_iter().map(|(key, numbers)| (key, aggregate(&numbers, how))).collect()
}

/// What a rule sorts a ticket by, the least first. Without the anchor's key it comes last.
fn key(body: &Value, rule: &Value, anchor: &Ticket, ticket: &Ticket) -> f64 {
    let how = rule["partyAggregation"].as_str().unwrap();
    let value = |of: &Ticket| {
        if rule["sortAttribute"] == "skill" {
            return Some(Seated { ticket: of, team: None }.number(body, 0, "skill", how));
        }
        let of_anchor = map(body, anchor, how);
        let extreme = if rule["mapKey"] == "minValue" { "min" } else { "max" };
        let wanted = aggregate(&of_anchor.values().copied().collect::<Vec<_>>(), extreme);
        let (favourite, _) = of_anchor.iter().find(|(_, number)| **number == wanted)?;
        map(body, of, how).get(favourite).copied()
    };
    let Some(number) = value(ticket) else { return f64::INFINITY };
    let measured = match value(anchor) {
        Some(of_anchor) if rule["type"] == "distanceSort" => (number - of_anchor).abs(),
        _ => number,
    };
    if rule["sortDirection"] == "descending" { -measured } else { measured }
}

#[test]
fn the_first_by_all_sort_rules_joins_the_oldest() {
    run(CASES, (vec(sort(), 1..=2), pool(10)), |(rules, mut tickets)| {
        let body = sorted_by(rules);
        tickets.retain(|ticket| ticket.kind == TicketKind::New);
        // The oldest first, and of equal ones the first that was added.
        tickets.sort_by_key(|ticket| ticket.arrival);
        let rule_set = std::sync::Arc::new(rule_set_with(&body, Choices::default()));
        let mut matchmaker = Matchmaker::new(rule_set, Settings::default());
        tickets.iter().for_each(|ticket| matchmaker.add(ticket.clone()).unwrap());
        let [anchor, others @ ..] = tickets.as_slice() else { return Ok(()) };
        let keys = |ticket: &Ticket| -> Vec<f64> {
            body["rules"].as_array().unwrap().iter().map(|rule| key(&body, rule, anchor, ticket)).collect()
        };
        // Of equal ones, the oldest.
        let first = others.iter().reduce(|best, other| if keys(other) < keys(best) { other } else { best });
        let matches = matchmaker.pass(Duration::from_secs(30), &mut Rng::with_seed(1));
        let names = |tickets: &[Ticket]| tickets.iter().take(2).map(|one| one.id.clone()).collect::<Vec<_>>();
        let expected = first.map(|first| vec![anchor.id.clone(), first.id.clone()]);
        prop_assert_eq!(matches.first().map(|one| names(&one.tickets)), expected);
        Ok(())
    });
}
