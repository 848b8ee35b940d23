//! Attributes that example players lack, have of another type, or have in vain.

use std::collections::BTreeSet;

use flexmatch::{DeclaredAttribute, Player, Problem, RuleSet};

use crate::examples::example::Example;

pub(crate) fn find(rule_set: &RuleSet, examples: &[Example]) -> Vec<Problem> {
    let players: Vec<_> = examples.iter().flat_map(|example| &example.players).collect();
    if players.is_empty() {
        return Vec::new();
    }
    let given: BTreeSet<_> = players.iter().flat_map(|player| player.attributes.keys().map(String::as_str)).collect();
    let is_declared = |name: &str| rule_set.attribute(name).is_some();
    let undeclared: Vec<_> = given.into_iter().filter(|name| !is_declared(name)).collect();
    let mut found = Vec::new();
    for (place, attribute) in rule_set.attributes().iter().enumerate() {
        let path = format!("$.playerAttributes[{place}]");
        found.extend(missing(attribute, &path, &players, &undeclared));
        found.extend(of_another_type(attribute, &path, &players));
    }
    found.extend(undeclared.iter().map(|name| Problem {
        path: "$.playerAttributes".to_owned(),
        reason: format!("example players have {name}, which is not declared and therefore ignored"),
        remedy: "declare it, or leave it out of the players".to_owned(),
    }));
    found
}

/// A player who lacks an attribute without default can be in no match.
fn missing(attribute: &DeclaredAttribute, path: &str, players: &[&Player], undeclared: &[&str]) -> Option<Problem> {
    if attribute.default().is_some() {
        return None;
    }
    let name = attribute.name();
    let lacking = players.iter().filter(|player| !player.attributes.contains_key(name)).count();
    let who = match (lacking, players.len()) {
        (0, _) => return None,
        (lacking, all) if lacking == all => format!("none of the {all} example players has {name}"),
        (lacking, all) => format!("{lacking} of {all} example players lack {name}"),
    };
    let others = match undeclared {
        [] => String::new(),
        names => format!(", or mend its name: the players have {}", names.join(", ")),
    };
    Some(Problem {
        path: path.to_owned(),
        reason: format!("{who}, which has no default: such a player can be in no match"),
        remedy: format!("give it a default{others}"),
    })
}

/// A request with a value of another type is refused.
fn of_another_type(attribute: &DeclaredAttribute, path: &str, players: &[&Player]) -> Option<Problem> {
    let values = players.iter().filter_map(|player| player.attributes.get(attribute.name()));
    let mut others = values.map(flexmatch::AttributeValue::kind).filter(|kind| *kind != attribute.kind());
    let kind = others.next()?;
    let count = 1 + others.count();
    Some(Problem {
        path: format!("{path}.type"),
        reason: format!("{count} of {} example players have a {kind} as {}", players.len(), attribute.name()),
        remedy: format!("declare that type, or give a {}: such requests are refused", attribute.kind()),
    })
}
