//! A rule of a rule set.

use std::sync::Arc;

use crate::{
    aggregation::Aggregation,
    candidate::Candidate,
    choices::Choices,
    entrant::Entrant,
    expression::compiled::{Expression, View},
    ids::RuleId,
    json::{Members, Report},
    rule_set::declared::Declared,
    rules::{
        absolute_sort::AbsoluteSort,
        batch_distance::{self, BatchDistance},
        collection::{self, Collection},
        comparison::{self, Comparison},
        compound::{self, Compound, Others},
        distance::{self, Distance},
        distance_sort::DistanceSort,
        kind::RuleKind,
        latency::{self, Latency},
        sort::{self, Sort},
    },
    standing::Standing,
};

/// The members of every rule.
pub(crate) const MEMBERS: [&str; 3] = ["name", "description", "type"];

/// A rule as it is at one age.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(crate) name: String,
    pub(crate) kind: RuleKind,
    /// Whether a compound rule names it.
    pub(crate) is_part: bool,
}

/// `type`.
#[derive(Clone, Copy)]
enum Type {
    AbsoluteSort,
    BatchDistance,
    Collection,
    Comparison,
    Compound,
    Distance,
    DistanceSort,
    Latency,
}

const TYPES: [(&str, Type); 8] = [
    ("absoluteSort", Type::AbsoluteSort),
    ("batchDistance", Type::BatchDistance),
    ("collection", Type::Collection),
    ("comparison", Type::Comparison),
    ("compound", Type::Compound),
    ("distance", Type::Distance),
    ("distanceSort", Type::DistanceSort),
    ("latency", Type::Latency),
];

impl Type {
    /// The members that a rule of this type has beside those of every rule.
    const fn members(self) -> &'static [&'static str] {
        match self {
            Self::AbsoluteSort | Self::DistanceSort => &sort::MEMBERS,
            Self::BatchDistance => &batch_distance::MEMBERS,
            Self::Collection => &collection::MEMBERS,
            Self::Comparison => &comparison::MEMBERS,
            Self::Compound => &compound::MEMBERS,
            Self::Distance => &distance::MEMBERS,
            Self::Latency => &latency::MEMBERS,
        }
    }
}

impl Rule {
    /// The name, unique in its rule set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says.
    #[must_use]
    pub const fn kind(&self) -> &RuleKind {
        &self.kind
    }

    /// Whether it has to hold by itself: it neither sorts only, nor is it a part of a compound rule.
    #[must_use]
    pub const fn is_condition(&self) -> bool {
        !self.is_part && !self.kind.is_sort()
    }

    /// Reads a rule.
    pub(crate) fn read(
        members: &Members<'_>,
        declared: &Declared<'_>,
        others: Others<'_>,
        report: &mut Report,
    ) -> Option<Self> {
        let name = members.required(report, "name", "\"FairTeams\"").and_then(|place| place.name(report));
        if let Some(place) = members.get("description") {
            place.text(report);
        }
        let kind = members.required(report, "type", "\"distance\"").and_then(|place| place.one_of(report, &TYPES));
        let Some(kind) = kind else {
            // A misspelt `type` too. What the others mean depends on it.
            let all: Vec<_> =
                std::iter::once(&MEMBERS[..]).chain(TYPES.iter().map(|(_, kind)| kind.members())).collect();
            members.only(report, &all);
            return None;
        };
        members.only(report, &[&MEMBERS, kind.members()]);
        let kind = match kind {
            Type::AbsoluteSort => RuleKind::AbsoluteSort(AbsoluteSort(Sort::read(members, declared, report)?)),
            Type::BatchDistance => RuleKind::BatchDistance(BatchDistance::read(members, declared, report)?),
            Type::Collection => RuleKind::Collection(Collection::read(members, declared, report)?),
            Type::Comparison => RuleKind::Comparison(Comparison::read(members, declared, report)?),
            Type::Compound => RuleKind::Compound(Compound::read(members, others, report)?),
            Type::Distance => RuleKind::Distance(Distance::read(members, declared, report)?),
            Type::DistanceSort => RuleKind::DistanceSort(DistanceSort(Sort::read(members, declared, report)?)),
            Type::Latency => RuleKind::Latency(Latency::read(members, report)?),
        };
        Some(Self { name: name?.to_owned(), kind, is_part: false })
    }

    /// The members that an expansion may change.
    pub(crate) fn expandable(&self) -> &'static [&'static str] {
        let (_, kind) = TYPES.iter().find(|(name, _)| *name == self.kind.name()).expect("every kind has its type");
        kind.members()
    }

    /// How a match stands with it. `around` is the rules of the same age that it may name.
    pub(crate) fn standing(&self, around: &[Arc<Self>], candidate: &Candidate<'_>, choices: Choices) -> Standing {
        self.standing_by_parts(around, candidate, choices, &mut |_, _| ())
    }

    /// The same, and tells how the match stands with each rule that it names.
    pub(crate) fn standing_by_parts(
        &self,
        around: &[Arc<Self>],
        candidate: &Candidate<'_>,
        choices: Choices,
        tell: &mut impl FnMut(RuleId, Standing),
    ) -> Standing {
        let view = |aggregation| View { candidate, aggregation, choices };
        match &self.kind {
            RuleKind::AbsoluteSort(_) | RuleKind::DistanceSort(_) => Standing::Holds,
            RuleKind::BatchDistance(rule) => rule.standing(candidate),
            RuleKind::Collection(rule) => rule.standing(view(rule.aggregation())),
            RuleKind::Comparison(rule) => rule.standing(view(rule.aggregation())),
            RuleKind::Compound(rule) => rule.standing(&mut |part: RuleId| {
                let standing = around[part.index()].standing(around, candidate, choices);
                tell(part, standing);
                standing
            }),
            RuleKind::Distance(rule) => rule.standing(view(rule.aggregation())),
            RuleKind::Latency(rule) => rule.standing(candidate, choices),
        }
    }

    /// What it measures of a match, in words.
    pub(crate) fn explain(&self, around: &[Arc<Self>], candidate: &Candidate<'_>, choices: Choices) -> String {
        let measure = |expressions: &mut dyn Iterator<Item = &Expression>, aggregation: Aggregation| {
            let view = View { candidate, aggregation, choices };
            let said: Vec<_> = expressions.map(|one| format!("{one} is {}", one.value(view))).collect();
            said.join(", ")
        };
        match &self.kind {
            RuleKind::AbsoluteSort(_) | RuleKind::DistanceSort(_) => "it only sorts".to_owned(),
            RuleKind::BatchDistance(rule) => rule.explain(candidate),
            RuleKind::Collection(rule) => measure(&mut rule.expressions(), rule.aggregation()),
            RuleKind::Comparison(rule) => {
                measure(&mut rule.measurements().iter().chain(rule.reference()), rule.aggregation())
            }
            RuleKind::Compound(rule) => rule.explain(&|part: RuleId| {
                let part = &around[part.index()];
                let holds = part.standing(around, candidate, choices).is_legal();
                let verb = if holds { "holds" } else { "fails" };
                format!("{} {verb}: {}", part.name, part.explain(around, candidate, choices))
            }),
            RuleKind::Distance(rule) => {
                measure(&mut rule.measurements().iter().chain([rule.reference()]), rule.aggregation())
            }
            RuleKind::Latency(rule) => rule.explain(candidate, choices),
        }
    }

    /// The number by which it sorts a ticket, if it sorts.
    pub(crate) fn sort_key(&self, anchor: &Entrant, entrant: &Entrant) -> Option<f64> {
        match &self.kind {
            RuleKind::AbsoluteSort(rule) => Some(rule.key(anchor, entrant)),
            RuleKind::DistanceSort(rule) => Some(rule.key(anchor, entrant)),
            _ => None,
        }
    }
}
