//! A crowd of synthetic players, checked against a rule set.

use std::time::Duration;

use flexmatch::{RuleKind, RuleSet};

use crate::{
    bounds::MOST_PLAYERS,
    synthetic::{
        arrivals::Rate,
        numbers::Numbers,
        source::{Source, Values},
        weights::Weighted,
    },
};

/// The most players of a ticket (the API model).
const MOST_OF_TICKET: usize = 10;

/// What synthetic players are like, as it is written.
#[derive(Clone, Debug)]
pub struct CrowdSpec {
    /// How many tickets come.
    pub rate: Rate,
    /// How long they come.
    pub period: Duration,
    /// Attributes by name.
    pub attributes: Vec<(String, Source)>,
    /// Latencies in milliseconds by location.
    pub latencies: Vec<(String, Numbers)>,
    /// The number of players in a ticket.
    pub parties: Weighted<usize>,
}

/// Why a rule set has no such crowd.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrowdError {
    /// The values of an attribute are of another type, or not declared.
    #[error("attribute {name}: {reason}")]
    Attribute {
        /// The attribute's name.
        name: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// Something is given twice.
    #[error("{0} is given twice; give it once")]
    Twice(String),
    /// Every ticket would wait in vain.
    #[error("players need {what}, else none of them is ever matched: {remedy}")]
    Needed {
        /// What is missing.
        what: String,
        /// How it is given.
        remedy: String,
    },
    /// A party has too many players.
    #[error("a ticket has 1 to {MOST_OF_TICKET} players, not {0}")]
    Party(usize),
    /// There would be too many players.
    #[error(
        "about {0} players would come, and a simulation has at most {MOST_PLAYERS}: let fewer come, or not so long"
    )]
    TooMany(u64),
}

/// What synthetic players are like.
#[derive(Clone, Debug)]
pub struct Crowd {
    pub(crate) rate: Rate,
    pub(crate) period: Duration,
    pub(crate) attributes: Vec<(String, Values)>,
    pub(crate) latencies: Vec<(String, Numbers)>,
    pub(crate) parties: Weighted<usize>,
}

impl Crowd {
    /// A crowd for a rule set.
    ///
    /// # Errors
    /// It contradicts the rule set, could never be matched, or is too large.
    pub fn new(spec: CrowdSpec, rule_set: &RuleSet) -> Result<Self, CrowdError> {
        let names = spec.attributes.iter().map(|(name, _)| name).chain(spec.latencies.iter().map(|(name, _)| name));
        let mut names: Vec<_> = names.collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(CrowdError::Twice(twice[0].clone()));
        }
        if let Some((size, _)) = spec.parties.things().iter().find(|(size, _)| !(1..=MOST_OF_TICKET).contains(size)) {
            return Err(CrowdError::Party(*size));
        }
        let weight: f64 = spec.parties.things().iter().map(|(_, weight)| weight).sum();
        let mean: f64 = spec.parties.things().iter().map(|(size, of)| *size as f64 * of / weight).sum();
        let expected = spec.rate.per_second() * spec.period.as_secs_f64() * mean;
        if expected > MOST_PLAYERS as f64 {
            return Err(CrowdError::TooMany(expected as u64));
        }
        let attributes: Result<Vec<_>, _> = spec.attributes.iter().map(|one| values(one, rule_set)).collect();
        let attributes = attributes?;
        check_needs(&spec, rule_set)?;
        let CrowdSpec { rate, period, latencies, parties, .. } = spec;
        Ok(Self { rate, period, attributes, latencies, parties })
    }
}

fn values((name, source): &(String, Source), rule_set: &RuleSet) -> Result<(String, Values), CrowdError> {
    let error = |reason| CrowdError::Attribute { name: name.clone(), reason };
    let Some(id) = rule_set.attribute(name) else {
        let names: Vec<_> = rule_set.attributes().iter().map(|declared| declared.name()).collect();
        let declared = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(error(format!("the rule set does not declare it; it declares {declared}")));
    };
    let values = source.values(rule_set.attributes()[id.index()].kind()).map_err(error)?;
    Ok((name.clone(), values))
}

/// What every player needs is there.
fn check_needs(spec: &CrowdSpec, rule_set: &RuleSet) -> Result<(), CrowdError> {
    let is_given = |name: &str| spec.attributes.iter().any(|(given, _)| given == name);
    let lacking = rule_set.attributes().iter().find(|one| one.default().is_none() && !is_given(one.name()));
    if let Some(lacking) = lacking {
        let (name, kind) = (lacking.name(), lacking.kind());
        return Err(CrowdError::Needed {
            what: format!("the attribute {name}, a {kind} without default"),
            remedy: format!("add --attribute {name}=DISTRIBUTION"),
        });
    }
    let mut conditions = rule_set.stages()[0].conditions();
    let latency = conditions.find(|(_, rule)| matches!(rule.kind(), RuleKind::Latency(_)));
    match latency {
        Some((_, rule)) if spec.latencies.is_empty() => Err(CrowdError::Needed {
            what: format!("latencies for the rule {}", rule.name()),
            remedy: "add --latency LOCATION=DISTRIBUTION, such as us-west-2=lognormal(40,20)".to_owned(),
        }),
        _ => Ok(()),
    }
}
