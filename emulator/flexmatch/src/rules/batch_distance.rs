//! `batchDistance`: how far tickets are apart. AWS calls it cheaper than `comparison` and `distance`, because it forms
//! the batches. It is one of the two kinds that large matches have.

use std::collections::BTreeSet;

use crate::{
    aggregation::NumberAggregation,
    attribute::AttributeType,
    candidate::Candidate,
    entrant::Entrant,
    ids::AttributeId,
    json::{Members, Report},
    rule_set::declared::Declared,
    rules::reading::{number_aggregation, optional_size},
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 3] = ["batchAttribute", "maxDistance", "partyAggregation"];

/// All tickets of the match have one attribute in common, or nearly.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchDistance {
    /// The greatest number less the least one is at most `max_distance`.
    Numbers {
        /// `batchAttribute`.
        attribute: AttributeId,
        /// `maxDistance`.
        max_distance: f64,
        /// `partyAggregation`.
        aggregation: NumberAggregation,
    },
    /// All strings are equal.
    Texts {
        /// `batchAttribute`.
        attribute: AttributeId,
    },
}

impl BatchDistance {
    /// `batchAttribute`.
    #[must_use]
    pub const fn attribute(&self) -> AttributeId {
        match self {
            Self::Numbers { attribute, .. } | Self::Texts { attribute } => *attribute,
        }
    }

    pub(crate) fn read(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Self> {
        let aggregation = number_aggregation(members, report);
        let max_distance = optional_size(members, "maxDistance", report);
        let place = members.required(report, "batchAttribute", "\"skill\"")?;
        let name = place.name(report)?;
        match declared.attribute(name) {
            Ok((attribute, AttributeType::Number)) => {
                if !members.has("maxDistance") {
                    let reason = "maxDistance is missing";
                    report.problem(&members.path, reason, format!("add it: {name} is a number"));
                }
                Some(Self::Numbers { attribute, max_distance: max_distance?, aggregation: aggregation? })
            }
            Ok((attribute, AttributeType::Text)) => {
                members.refuse(report, "maxDistance", "strings are equal or not");
                Some(Self::Texts { attribute })
            }
            Ok((_, kind)) => {
                report.problem(&place.path, format!("the attribute {name} is a {kind}"), "use a number or a string");
                None
            }
            Err((reason, remedy)) => {
                report.problem(&place.path, reason, remedy);
                None
            }
        }
    }

    pub(crate) fn standing(&self, candidate: &Candidate<'_>) -> Standing {
        // Who joins can only widen it.
        match self {
            Self::Numbers { attribute, max_distance, aggregation } => {
                match bounds(candidate, *attribute, *aggregation) {
                    None => Standing::Open,
                    Some((min, max)) if max - min <= *max_distance => Standing::HoldsSoFar,
                    Some(_) => Standing::Broken,
                }
            }
            Self::Texts { attribute } => match texts(candidate, *attribute).len() {
                0 => Standing::Open,
                1 => Standing::HoldsSoFar,
                _ => Standing::Broken,
            },
        }
    }

    pub(crate) fn explain(&self, candidate: &Candidate<'_>) -> String {
        match self {
            Self::Numbers { attribute, aggregation, .. } => match bounds(candidate, *attribute, *aggregation) {
                Some((min, max)) => format!("batchAttribute goes from {min} to {max}"),
                None => "there is no ticket".to_owned(),
            },
            Self::Texts { attribute } => {
                let texts: Vec<_> = texts(candidate, *attribute).into_iter().collect();
                format!("batchAttribute is {}", texts.join(", "))
            }
        }
    }
}

/// The least and the greatest number.
fn bounds(candidate: &Candidate<'_>, attribute: AttributeId, how: NumberAggregation) -> Option<(f64, f64)> {
    let of_all = candidate.entrants().flat_map(|(entrant, _)| numbers(entrant, attribute, how));
    of_all.fold(None, |bounds, number| {
        let (min, max) = bounds.unwrap_or((number, number));
        Some((f64::min(min, number), f64::max(max, number)))
    })
}

/// The different strings.
fn texts<'a>(candidate: &Candidate<'a>, attribute: AttributeId) -> BTreeSet<&'a str> {
    let of_entrant =
        |entrant: &'a Entrant| (0..entrant.players().len()).map(move |player| entrant.text(player, attribute));
    candidate.entrants().flat_map(|(entrant, _)| of_entrant(entrant)).collect()
}

/// A party's number, or those of its players if they are no party.
pub(crate) fn numbers(entrant: &Entrant, attribute: AttributeId, how: NumberAggregation) -> impl Iterator<Item = f64> {
    let players = if entrant.is_party() { 1 } else { entrant.players().len() };
    (0..players).map(move |player| entrant.number(player, attribute, how))
}
