//! All warnings of a rule set.

use flexmatch::{Problem, RuleSet};

use crate::{
    examples::example::Example,
    warnings::{attributes, expansions, fillable, latency, sizes, tickets},
};

/// Returns what in a rule set is legal and surely not meant. Without examples, what only they can show is left out.
#[must_use]
pub fn warnings(rule_set: &RuleSet, examples: &[Example]) -> Vec<Problem> {
    let mut found = rule_set.warnings().to_vec();
    found.extend(attributes::find(rule_set, examples));
    found.extend(tickets::find(rule_set, examples));
    found.extend(fillable::find(rule_set, examples));
    found.extend(sizes::find(rule_set));
    found.extend(latency::find(rule_set));
    found.extend(expansions::find(rule_set));
    found
}
