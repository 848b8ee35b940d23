//! The rules. None: there is nothing to judge, as in an empty team.

use std::collections::{BTreeMap, BTreeSet};

use flexmatch::{AttributeValue, Choices, LatencyBoundary};
use serde_json::Value;

use super::{
    formula::{Scene, Term, depth},
    seated::{Seated, aggregate},
};

/// Whether a rule holds.
pub(crate) fn holds(rule: &Value, state: &Value, choices: Choices, seated: &[Seated<'_>]) -> Option<bool> {
    let scene = Scene { state, seated, party: rule["partyAggregation"].as_str().unwrap_or("default"), choices };
    match rule["type"].as_str().unwrap() {
        "comparison" => comparison(rule, scene),
        "distance" => distance(rule, scene),
        "batchDistance" => batch_distance(rule, scene),
        "collection" => collection(rule, scene),
        "latency" => Some(latency(rule, scene)),
        "compound" => statement(rule["statement"].as_str().unwrap(), scene),
        _ => Some(true),
    }
}

fn measured(rule: &Value, scene: Scene<'_>) -> Vec<Term> {
    rule["measurements"].as_array().unwrap().iter().map(|value| scene.evaluate(value)).collect()
}

/// All have to hold; where nothing is false, something open leaves it open.
fn all(verdicts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let verdicts: Vec<_> = verdicts.into_iter().collect();
    if verdicts.contains(&Some(false)) {
        return Some(false);
    }
    if verdicts.is_empty() || verdicts.contains(&None) { None } else { Some(true) }
}

fn any(verdicts: &[Option<bool>]) -> Option<bool> {
    if verdicts.contains(&Some(true)) {
        return Some(true);
    }
    if verdicts.contains(&None) { None } else { Some(false) }
}

fn compare(operation: &str, left: &Term, right: &Term) -> Option<bool> {
    Some(match (left, right) {
        (Term::Number(left), Term::Number(right)) => match operation {
            "<" => left < right,
            "<=" => left <= right,
            "=" => left == right,
            "!=" => left != right,
            ">" => left > right,
            _ => left >= right,
        },
        (Term::Text(left), Term::Text(right)) => (left == right) == (operation == "="),
        _ => return None,
    })
}

fn comparison(rule: &Value, scene: Scene<'_>) -> Option<bool> {
    let operation = rule["operation"].as_str().unwrap();
    let measured = measured(rule, scene);
    if rule["referenceValue"].is_null() {
        let leaves: Vec<_> = measured.iter().flat_map(Term::leaves).filter(|leaf| **leaf != Term::Nothing).collect();
        let mut pairs = (0..leaves.len()).flat_map(|left| (0..left).map(move |right| (left, right)));
        let holds = pairs.all(|(left, right)| compare(operation, leaves[left], leaves[right]) == Some(true));
        return (!leaves.is_empty()).then_some(holds);
    }
    let reference = scene.evaluate(&rule["referenceValue"]);
    all(measured.iter().map(|term| match (&reference, term) {
        (Term::List(right), Term::List(left)) if left.len() != right.len() => Some(false),
        (Term::List(right), Term::List(left)) => {
            all(left.iter().zip(right).map(|(left, right)| compare(operation, left, right)))
        }
        (Term::List(right), left) => all(right.iter().map(|right| compare(operation, left, right))),
        (right, left) => all(left.leaves().into_iter().map(|left| compare(operation, left, right))),
    }))
}

fn distance(rule: &Value, scene: Scene<'_>) -> Option<bool> {
    let Term::Number(reference) = scene.evaluate(&rule["referenceValue"]) else { return None };
    let (min, max) = (rule["minDistance"].as_f64(), rule["maxDistance"].as_f64());
    let of_leaf = |leaf: &Term| match leaf {
        Term::Number(number) => {
            let distance = (number - reference).abs();
            Some(min.is_none_or(|min| min <= distance) && max.is_none_or(|max| distance <= max))
        }
        _ => None,
    };
    // A measurement of nobody leaves the rule open, whatever the others are.
    all(measured(rule, scene).iter().map(|term| all(term.leaves().into_iter().map(of_leaf))))
}

fn batch_distance(rule: &Value, scene: Scene<'_>) -> Option<bool> {
    let attribute = rule["batchAttribute"].as_str().unwrap();
    let (mut numbers, mut texts) = (Vec::new(), BTreeSet::new());
    for one in scene.seated {
        for player in 0..one.ticket.players.len() {
            match one.own(scene.state, player, attribute) {
                AttributeValue::Text(text) => _ = texts.insert(text),
                _ => numbers.push(one.number(scene.state, player, attribute, scene.party)),
            }
        }
    }
    if !texts.is_empty() {
        return Some(texts.len() == 1);
    }
    Some(aggregate(&numbers, "max") - aggregate(&numbers, "min") <= rule["maxDistance"].as_f64().unwrap())
}

fn collection(rule: &Value, scene: Scene<'_>) -> Option<bool> {
    let (min, max) = (rule["minCount"].as_u64(), rule["maxCount"].as_u64());
    let within = |count: usize| {
        let count = count as u64;
        Some(min.is_none_or(|min| min <= count) && max.is_none_or(|max| count <= max))
    };
    let measurements = rule["measurements"].as_array().unwrap();
    all(measurements.iter().map(|measurement| {
        let term = scene.evaluate(measurement);
        let lists = term.inside(depth(scene.state, measurement.as_str().unwrap()));
        let texts = |list: &Term| list.elements().iter().map(|text| format!("{text:?}")).collect::<BTreeSet<_>>();
        match rule["operation"].as_str().unwrap() {
            "intersection" if lists.is_empty() => None,
            "intersection" => {
                let shared = lists.iter().map(|list| texts(list)).reduce(|left, right| &left & &right);
                within(shared.unwrap_or_default().len())
            }
            "contains" => {
                let reference = scene.evaluate(&rule["referenceValue"]);
                within(lists.iter().filter(|list| list.elements().contains(&reference)).count())
            }
            _ if lists.is_empty() => None,
            _ => {
                let reference = texts(&scene.evaluate(&rule["referenceValue"]));
                all(lists.iter().map(|list| within((&texts(list) & &reference).len())))
            }
        }
    }))
}

/// One location is acceptable to all.
fn latency(rule: &Value, scene: Scene<'_>) -> bool {
    let mut by_location: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut count = 0;
    for one in scene.seated {
        let groups: Vec<Vec<usize>> = if one.is_backfill() {
            (0..one.ticket.players.len()).map(|player| vec![player]).collect()
        } else {
            vec![(0..one.ticket.players.len()).collect()]
        };
        for group in groups {
            count += 1;
            for location in ["a", "b"] {
                let of_group = group.iter().map(|player| one.ticket.players[*player].latencies.get(location));
                if let Some(latencies) = of_group.map(|one| one.map(|ms| f64::from(*ms))).collect::<Option<Vec<_>>>() {
                    by_location.entry(location).or_default().push(aggregate(&latencies, scene.party));
                }
            }
        }
    }
    by_location.into_values().any(|latencies| {
        let reference = aggregate(&latencies, rule["distanceReference"].as_str().unwrap_or("avg"));
        let near = |latency: &f64| {
            rule["maxLatency"].as_f64().is_none_or(|max| match scene.choices.latency_boundary {
                LatencyBoundary::Inclusive => *latency <= max,
                LatencyBoundary::Exclusive => *latency < max,
            })
        };
        let close = |latency: &f64| rule["maxDistance"].as_f64().is_none_or(|max| (latency - reference).abs() <= max);
        latencies.len() == count && latencies.iter().all(near) && latencies.iter().all(close)
    })
}

/// `and(a, b)` and so on, one operator in another.
fn statement(text: &str, scene: Scene<'_>) -> Option<bool> {
    let text = text.trim();
    let Some((operator, rest)) = text.split_once('(') else {
        let rules = scene.state["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["name"] == text).unwrap();
        return holds(rule, scene.state, scene.choices, scene.seated);
    };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for character in rest.strip_suffix(')').unwrap().chars() {
        depth += i32::from(character == '(') - i32::from(character == ')');
        if character == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(character);
        }
    }
    parts.push(part);
    let verdicts: Vec<_> = parts.iter().map(|part| statement(part, scene)).collect();
    match operator {
        "and" => all(verdicts),
        "or" => any(&verdicts),
        "not" => verdicts[0].map(|holds| !holds),
        // One of them, and none of the others.
        _ => {
            let is_one = |one: usize| {
                let wanted = |place: usize| verdicts[place].map(|holds| holds == (place == one));
                all((0..verdicts.len()).map(wanted))
            };
            any(&(0..verdicts.len()).map(is_one).collect::<Vec<_>>())
        }
    }
}
