//! `distance`: how far measured numbers are from a reference.

use crate::{
    aggregation::{Aggregation, ListAggregation, NumberAggregation},
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
        reading::{measurements, number_aggregation, optional_size, reference},
    },
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 5] =
    ["measurements", "referenceValue", "minDistance", "maxDistance", "partyAggregation"];

/// Every measured number is at least `minDistance` and at most `maxDistance` from the reference. Both bounds are
/// inclusive.
#[derive(Clone, Debug, PartialEq)]
pub struct Distance {
    measurements: Vec<Expression>,
    reference: Expression,
    min: Option<f64>,
    max: Option<f64>,
    aggregation: NumberAggregation,
}

impl Distance {
    /// `measurements`.
    #[must_use]
    pub fn measurements(&self) -> &[Expression] {
        &self.measurements
    }

    /// `referenceValue`.
    #[must_use]
    pub const fn reference(&self) -> &Expression {
        &self.reference
    }

    /// `minDistance`.
    #[must_use]
    pub const fn min(&self) -> Option<f64> {
        self.min
    }

    /// `maxDistance`.
    #[must_use]
    pub const fn max(&self) -> Option<f64> {
        self.max
    }

    pub(crate) fn read(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Self> {
        let measured = measurements(members, declared, report, |kind| match kind.innermost() {
            Kind::Number => Ok(()),
            _ => Err("numbers"),
        });
        let reference = members.required(report, "referenceValue", "1000").and_then(|place| {
            let reference = reference(&place, declared, report, true)?;
            if *reference.kind() == Kind::Number {
                return Some(reference);
            }
            report.problem(
                &place.path,
                format!("it is a {}", reference.kind()),
                "give one number, or an expression for one",
            );
            None
        });
        let (min, max) = (optional_size(members, "minDistance", report), optional_size(members, "maxDistance", report));
        if !members.has("minDistance") && !members.has("maxDistance") {
            report.problem(&members.path, "minDistance and maxDistance are missing", "add one of them, or both");
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            report.problem(&members.path, format!("minDistance {min} is above maxDistance {max}"), "lower it");
        }
        let aggregation = number_aggregation(members, report)?;
        Some(Self { measurements: measured?, reference: reference?, min, max, aggregation })
    }

    pub(crate) const fn aggregation(&self) -> Aggregation {
        Aggregation { numbers: self.aggregation, lists: ListAggregation::Union }
    }

    pub(crate) fn standing(&self, view: View<'_>) -> Standing {
        let Value::Number(reference) = self.reference.value(view) else { return Standing::Open };
        let mut standing = Standing::Holds;
        for measured in &self.measurements {
            let (left, right) = (measured.course().innermost(), self.reference.course().innermost());
            let drifts = Drifts { left, right, averages: view.choices.averages };
            let mut count = 0;
            measured.each_leaf(view, |value| {
                count += 1;
                standing = standing.and(match value {
                    Value::Number(number) => drifts.apart(number, reference, self.min, self.max),
                    _ => Standing::Open,
                });
            });
            if count == 0 {
                standing = standing.and(Standing::Open);
            } else if measured.course().length() != Drift::Still {
                standing = standing.and_more_may_come();
            }
        }
        standing
    }
}
