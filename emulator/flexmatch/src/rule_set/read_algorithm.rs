//! Reads `algorithm`.

use crate::{
    algorithm::{Algorithm, BackfillPriority, BalancedBatches, ExhaustiveBatches, ExpansionAge, Strategy},
    attribute::AttributeType,
    ids::AttributeId,
    json::{Members, Place, Report},
    rule_set::declared::Declared,
};

const MEMBERS: [&str; 6] = [
    "strategy",
    "batchingPreference",
    "balancedAttribute",
    "sortByAttributes",
    "backfillPriority",
    "expansionAgeSelection",
];

/// Reads the algorithm. AWS calls two members required which have defaults, and leaves them out in its examples.
pub(crate) fn read(set: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Algorithm {
    let Some(members) = set.get("algorithm").and_then(|place| place.members(report)) else {
        return Algorithm::default();
    };
    members.only(report, &[&MEMBERS]);
    let is_balanced = members
        .get("strategy")
        .and_then(|place| place.one_of(report, &[("exhaustiveSearch", false), ("balanced", true)]));
    let strategy = match is_balanced {
        Some(true) => read_balanced(&members, declared, report),
        _ => read_exhaustive(&members, declared, report),
    };
    let priorities =
        [("normal", BackfillPriority::Normal), ("high", BackfillPriority::High), ("low", BackfillPriority::Low)];
    let ages = [("newest", ExpansionAge::Newest), ("oldest", ExpansionAge::Oldest)];
    let defaults = Algorithm::default();
    Algorithm {
        strategy: strategy.unwrap_or(defaults.strategy),
        backfill_priority: word(&members, "backfillPriority", &priorities, report).unwrap_or_default(),
        expansion_age: word(&members, "expansionAgeSelection", &ages, report).unwrap_or_default(),
    }
}

fn word<T: Copy>(members: &Members<'_>, name: &str, words: &[(&str, T)], report: &mut Report) -> Option<T> {
    members.get(name).and_then(|place| place.one_of(report, words))
}

fn read_balanced(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Strategy> {
    members.refuse(report, "sortByAttributes", "it belongs to exhaustiveSearch with sorted batches");
    let words =
        [("largestPopulation", BalancedBatches::LargestPopulation), ("fastestRegion", BalancedBatches::FastestRegion)];
    let batches = word(members, "batchingPreference", &words, report).unwrap_or_default();
    let place = members.required(report, "balancedAttribute", "\"skill\"")?;
    let attribute = attribute(&place, declared, &[AttributeType::Number], report)?;
    Some(Strategy::Balanced { attribute, batches })
}

fn read_exhaustive(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Strategy> {
    members.refuse(report, "balancedAttribute", "it belongs to the strategy balanced");
    let is_sorted = word(members, "batchingPreference", &[("random", false), ("sorted", true)], report);
    if is_sorted != Some(true) {
        if is_sorted.is_some() || !members.has("batchingPreference") {
            members.refuse(report, "sortByAttributes", "it belongs to the batchingPreference sorted");
        }
        return Some(Strategy::ExhaustiveSearch(ExhaustiveBatches::Random));
    }
    let place = members.required(report, "sortByAttributes", "[\"skill\"]")?;
    let known = report.problems.len();
    let places = place.elements(report, declared.attributes.len().max(1));
    if places.is_empty() && known == report.problems.len() {
        report.problem(&place.path, "the list is empty", "name at least one attribute");
    }
    let kinds = [AttributeType::Number, AttributeType::Text];
    let attributes = places.iter().map(|place| attribute(place, declared, &kinds, report)).collect::<Option<_>>()?;
    Some(Strategy::ExhaustiveSearch(ExhaustiveBatches::Sorted(attributes)))
}

/// An attribute of one of the types.
fn attribute(
    place: &Place<'_>,
    declared: &Declared<'_>,
    kinds: &[AttributeType],
    report: &mut Report,
) -> Option<AttributeId> {
    let name = place.name(report)?;
    match declared.attribute(name) {
        Ok((id, kind)) if kinds.contains(&kind) => Some(id),
        Ok((_, kind)) => {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            let remedy = format!("name an attribute of type {}", kinds.join(" or "));
            report.problem(&place.path, format!("the attribute {name} is a {kind}"), remedy);
            None
        }
        Err((reason, remedy)) => {
            report.problem(&place.path, reason, remedy);
            None
        }
    }
}
