//! `collection`: how many strings of players' lists are shared, or are in a reference.

use std::collections::{HashMap, HashSet};

use crate::{
    aggregation::{Aggregation, ListAggregation, NumberAggregation},
    choices::Averages,
    expression::{
        compiled::{Expression, View},
        drift::Drift,
        kind::Kind,
        value::Value,
    },
    json::{Members, Report},
    rule_set::declared::Declared,
    rules::{
        judge::Drifts,
        reading::{list_aggregation, measurements, reference},
    },
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 6] =
    ["measurements", "referenceValue", "operation", "minCount", "maxCount", "partyAggregation"];

/// A count of strings is at least `minCount` and at most `maxCount`, for each measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    measurements: Vec<Expression>,
    operation: CollectionOperation,
    min: Option<u32>,
    max: Option<u32>,
    aggregation: ListAggregation,
}

/// `operation` of a collection rule, with its `referenceValue`.
#[derive(Clone, Debug, PartialEq)]
pub enum CollectionOperation {
    /// `intersection`: how many strings are in every list.
    Intersection,
    /// `contains`: how many lists contain the reference. In a single list, how many elements are the reference.
    Contains(Expression),
    /// `reference_intersection_count`: for each list, how many of its strings are in the reference.
    ReferenceIntersectionCount(Expression),
}

#[derive(Clone, Copy, PartialEq)]
enum Word {
    Intersection,
    Contains,
    ReferenceIntersectionCount,
}

const OPERATIONS: [(&str, Word); 3] = [
    ("intersection", Word::Intersection),
    ("contains", Word::Contains),
    ("reference_intersection_count", Word::ReferenceIntersectionCount),
];

impl Collection {
    /// `measurements`.
    #[must_use]
    pub fn measurements(&self) -> &[Expression] {
        &self.measurements
    }

    /// `operation`.
    #[must_use]
    pub const fn operation(&self) -> &CollectionOperation {
        &self.operation
    }

    /// `minCount`.
    #[must_use]
    pub const fn min(&self) -> Option<u32> {
        self.min
    }

    /// `maxCount`.
    #[must_use]
    pub const fn max(&self) -> Option<u32> {
        self.max
    }

    pub(crate) fn read(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Self> {
        let place = members.required(report, "operation", "\"intersection\"");
        let word = place.and_then(|place| place.one_of(report, &OPERATIONS));
        let measured = measurements(members, declared, report, |kind| match (kind.innermost(), kind.depth(), word) {
            (Kind::Text, 1, Some(Word::Intersection)) => Err("lists of strings of several players"),
            (Kind::Text, 1.., _) => Ok(()),
            _ => Err("lists of strings"),
        });
        let operation = word.and_then(|word| read_operation(word, members, declared, report));
        let count = |name, report: &mut Report| members.get(name).and_then(|place| place.whole(report, 0, u32::MAX));
        let (min, max) = (count("minCount", report), count("maxCount", report));
        if !members.has("minCount") && !members.has("maxCount") {
            report.problem(&members.path, "minCount and maxCount are missing", "add one of them, or both");
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            report.problem(&members.path, format!("minCount {min} is above maxCount {max}"), "lower it");
        }
        let aggregation = list_aggregation(members, report)?;
        Some(Self { measurements: measured?, operation: operation?, min, max, aggregation })
    }

    /// What it reads of a match.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let reference = match &self.operation {
            CollectionOperation::Intersection => None,
            CollectionOperation::Contains(reference) => Some(reference),
            CollectionOperation::ReferenceIntersectionCount(reference) => Some(reference),
        };
        self.measurements.iter().chain(reference)
    }

    pub(crate) fn aggregation(&self) -> Aggregation {
        Aggregation { numbers: NumberAggregation::default(), lists: self.aggregation }
    }

    pub(crate) fn standing(&self, view: View<'_>) -> Standing {
        let one = |measured: &Expression| self.judge(measured, view);
        self.measurements.iter().map(one).fold(Standing::Holds, Standing::and)
    }

    fn judge(&self, measured: &Expression, view: View<'_>) -> Standing {
        let value = measured.value(view);
        let depth = measured.kind().depth();
        let mut lists = Vec::new();
        value.each_list(depth, &mut |list| lists.push(list));
        let (number, length) = measured.course().lists();
        match &self.operation {
            CollectionOperation::Intersection if lists.is_empty() => Standing::Open,
            CollectionOperation::Intersection => {
                // More lists share less, longer ones more.
                let drift = if length == Drift::Still { falls(number) } else { Drift::Wanders };
                self.within(shared(&lists), drift)
            }
            CollectionOperation::Contains(reference) => {
                let reference = reference.value(view);
                let of_one = |list: &&[Value<'_>]| list.iter().filter(|text| **text == reference).count();
                let counts = lists.iter().map(of_one);
                let count = if depth == 1 { counts.sum() } else { counts.filter(|count| *count > 0).count() };
                self.within(count, number.with(length))
            }
            CollectionOperation::ReferenceIntersectionCount(reference) => {
                let drift = length.with(reference.course().length());
                let mut texts = HashSet::new();
                reference.each_leaf(view, |value| texts.extend(value.text()));
                let of_one = |list: &&[Value<'_>]| {
                    let in_reference = list.iter().filter_map(Value::text).filter(|text| texts.contains(text)).count();
                    self.within(in_reference, drift)
                };
                match lists.iter().map(of_one).reduce(Standing::and) {
                    Some(standing) if number == Drift::Still => standing,
                    Some(standing) => standing.and_more_may_come(),
                    None => Standing::Open,
                }
            }
        }
    }

    fn within(&self, count: usize, drift: Drift) -> Standing {
        let drifts = Drifts { left: drift, right: Drift::Still, averages: Averages::Patient };
        let above = self.min.map_or(Standing::Holds, |min| drifts.greater(count >= min as usize));
        above.and(self.max.map_or(Standing::Holds, |max| drifts.less(count <= max as usize)))
    }
}

const fn falls(number_of_lists: Drift) -> Drift {
    match number_of_lists {
        Drift::Still => Drift::Still,
        Drift::Rises => Drift::Falls,
        Drift::Falls => Drift::Rises,
        drift => drift,
    }
}

/// How many strings are in every list.
fn shared(lists: &[&[Value<'_>]]) -> usize {
    let mut in_lists = HashMap::new();
    for list in lists {
        let texts: HashSet<_> = list.iter().filter_map(Value::text).collect();
        for text in texts {
            *in_lists.entry(text).or_insert(0) += 1;
        }
    }
    in_lists.values().filter(|count| **count == lists.len()).count()
}

fn read_operation(
    word: Word,
    members: &Members<'_>,
    declared: &Declared<'_>,
    report: &mut Report,
) -> Option<CollectionOperation> {
    if word == Word::Intersection {
        members.refuse(report, "referenceValue", "intersection compares the lists with each other");
        return Some(CollectionOperation::Intersection);
    }
    let place = members.required(report, "referenceValue", "\"medic\"")?;
    let reference = reference(&place, declared, report, false)?;
    let wanted = match (word, reference.kind()) {
        (Word::Contains, Kind::Text) => return Some(CollectionOperation::Contains(reference)),
        (Word::Contains, _) => "one string, or an expression for one",
        (_, kind) if *kind.innermost() == Kind::Text && kind.depth() <= 1 => {
            return Some(CollectionOperation::ReferenceIntersectionCount(reference));
        }
        _ => "a list of strings, or an expression for one",
    };
    report.problem(&place.path, format!("it is a {}", reference.kind()), format!("give {wanted}"));
    None
}
