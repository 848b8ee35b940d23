//! A rule set with everything in it, to break at one place.

use flexmatch::{Choices, RuleSet};
use serde_json::{Value, json};

/// A rule set that is right.
pub(crate) fn good() -> Value {
    json!({
        "name": "all kinds",
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [
            {"name": "skill", "type": "number", "default": 10},
            {"name": "mode", "type": "string", "default": "x"},
            {"name": "tags", "type": "string_list", "default": ["a"]},
            {"name": "maps", "type": "string_number_map", "default": {"dune": 1}},
        ],
        "algorithm": {"strategy": "exhaustiveSearch", "batchingPreference": "sorted", "sortByAttributes": ["skill"],
                      "backfillPriority": "high", "expansionAgeSelection": "oldest"},
        "teams": [
            {"name": "red", "minPlayers": 1, "maxPlayers": 4},
            {"name": "blue", "minPlayers": 1, "maxPlayers": 4, "quantity": 2},
        ],
        "rules": [
            {"name": "Fair", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
             "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "minDistance": 0, "maxDistance": 10,
             "partyAggregation": "avg", "description": "fair teams"},
            {"name": "Even", "type": "comparison", "measurements": ["count(teams[blue].players)"],
             "referenceValue": "count(teams[red].players)", "operation": "<="},
            {"name": "Shared", "type": "collection", "measurements": ["flatten(teams[*].players.attributes[tags])"],
             "operation": "intersection", "minCount": 0, "maxCount": 5},
            {"name": "Medics", "type": "collection", "measurements": ["flatten(teams[*].players.attributes[tags])"],
             "operation": "contains", "referenceValue": "medic", "maxCount": 5},
            {"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 10},
            {"name": "Fast", "type": "latency", "maxLatency": 100, "maxDistance": 20, "distanceReference": "min"},
            {"name": "First", "type": "absoluteSort", "sortDirection": "ascending", "sortAttribute": "skill"},
            {"name": "Then", "type": "distanceSort", "sortDirection": "descending", "sortAttribute": "maps",
             "mapKey": "maxValue"},
            {"name": "Either", "type": "compound", "statement": "or(Fair, not(Even))"},
        ],
        "expansions": [
            {"target": "rules[Near].maxDistance", "steps": [{"waitTimeSeconds": 5, "value": 50},
                                                            {"waitTimeSeconds": 10, "value": 100}]},
            {"target": "teams[red].minPlayers", "steps": [{"waitTimeSeconds": 5, "value": 0}]},
        ],
    })
}

/// The good rule set with another value at a place, or without it.
pub(crate) fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut body = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match (body.pointer_mut(parent).unwrap(), value) {
        (Value::Object(map), Some(value)) => _ = map.insert(key.to_owned(), value),
        (Value::Object(map), None) => _ = map.shift_remove(key).unwrap(),
        (Value::Array(list), Some(value)) if key == "-" => list.push(value),
        (Value::Array(list), Some(value)) => list[key.parse::<usize>().unwrap()] = value,
        (parent, _) => panic!("{pointer} of {parent}"),
    }
    body
}

/// What is wrong with a body, in its own words.
pub(crate) fn problems(body: &str) -> Vec<String> {
    problems_with(body, Choices::default())
}

pub(crate) fn problems_with(body: &str, choices: Choices) -> Vec<String> {
    match RuleSet::parse_with(body, choices) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}
