//! `comparison`: measured values against a reference, or against each other.

use std::collections::HashSet;

use crate::{
    aggregation::{Aggregation, NumberAggregation},
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
        reading::{measurements, number_aggregation, reference},
    },
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 4] = ["measurements", "referenceValue", "operation", "partyAggregation"];

/// Every measured value compares with the reference as the operation says. Without a reference, all are equal or all
/// are different.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    measurements: Vec<Expression>,
    reference: Option<Expression>,
    operation: Operation,
    aggregation: NumberAggregation,
}

/// `operation` of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

const OPERATIONS: [(&str, Operation); 6] = [
    ("<", Operation::Less),
    ("<=", Operation::LessOrEqual),
    ("=", Operation::Equal),
    ("!=", Operation::Unequal),
    (">", Operation::Greater),
    (">=", Operation::GreaterOrEqual),
];

impl Comparison {
    /// `measurements`.
    #[must_use]
    pub fn measurements(&self) -> &[Expression] {
        &self.measurements
    }

    /// `referenceValue`.
    #[must_use]
    pub const fn reference(&self) -> Option<&Expression> {
        self.reference.as_ref()
    }

    /// `operation`.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    pub(crate) fn read(members: &Members<'_>, declared: &Declared<'_>, report: &mut Report) -> Option<Self> {
        let measured = measurements(members, declared, report, |kind| match kind.innermost() {
            Kind::Number | Kind::Text => Ok(()),
            _ => Err("numbers or strings"),
        });
        let operation =
            members.required(report, "operation", "\">=\"").and_then(|place| place.one_of(report, &OPERATIONS));
        let aggregation = number_aggregation(members, report);
        let (measured, operation) = (measured?, operation?);
        let kind = measured[0].kind().innermost().clone();
        if let Some(other) = measured.iter().position(|expression| expression.kind().innermost() != &kind) {
            let path = format!("{}[{other}]", members.path_of("measurements"));
            report.problem(
                &path,
                format!("its values are no {kind}s, as those of the first"),
                "measure one type in one rule",
            );
        }
        let is_order = !matches!(operation, Operation::Equal | Operation::Unequal);
        if is_order && kind == Kind::Text {
            report.problem(&members.path_of("operation"), "strings have no order here", "use = or !=");
        }
        if is_order && !members.has("referenceValue") {
            let remedy = "add a referenceValue, or use = or != to compare the values with each other";
            report.problem(&members.path, "referenceValue is missing", remedy);
        }
        let reference = match members.get("referenceValue") {
            None => None,
            Some(place) => {
                let reference = reference(&place, declared, report, kind == Kind::Number)?;
                if reference.kind().innermost() != &kind {
                    let reason = format!("it is a {}, and the measurements are {kind}s", reference.kind());
                    report.problem(&place.path, reason, format!("compare with a {kind}"));
                }
                Some(reference)
            }
        };
        Some(Self { measurements: measured, reference, operation, aggregation: aggregation? })
    }

    pub(crate) const fn aggregation(&self) -> Aggregation {
        Aggregation { numbers: self.aggregation, lists: crate::aggregation::ListAggregation::Union }
    }

    pub(crate) fn standing(&self, view: View<'_>) -> Standing {
        match &self.reference {
            Some(reference) => {
                let one = |measured: &Expression| self.against(measured, reference, view);
                self.measurements.iter().map(one).fold(Standing::Holds, Standing::and)
            }
            None => self.among_each_other(view),
        }
    }

    /// Every value of a measurement against the reference: a list against a list element by element.
    fn against(&self, measured: &Expression, reference: &Expression, view: View<'_>) -> Standing {
        let drifts = Drifts {
            left: measured.course().innermost(),
            right: reference.course().innermost(),
            averages: view.choices.averages,
        };
        let mut grows = measured.course().length().with(reference.course().length());
        let (mut standing, mut pairs) = (Standing::Holds, 0);
        let mut compare = |left: &Value<'_>, right: &Value<'_>| {
            pairs += 1;
            standing = standing.and(self.pair(left, right, drifts));
        };
        match (measured.kind().depth(), reference.kind().depth()) {
            (_, 0) => {
                let right = reference.value(view);
                measured.each_leaf(view, |left| compare(&left, &right));
            }
            (0, _) => {
                let left = measured.value(view);
                reference.each_leaf(view, |right| compare(&left, &right));
            }
            _ => {
                let (lefts, rights) = (leaves(measured, view), leaves(reference, view));
                if lefts.len() != rights.len() {
                    return Standing::new(false, grows != Drift::Still);
                }
                // Where lists grow, a value may come to stand beside another one.
                if grows != Drift::Still {
                    grows = Drift::Wanders;
                }
                lefts.iter().zip(&rights).for_each(|(left, right)| compare(left, right));
            }
        }
        if pairs == 0 {
            return Standing::Open;
        }
        if grows == Drift::Wanders && standing == Standing::Broken {
            standing = Standing::BrokenSoFar;
        }
        if grows != Drift::Still { standing.and_more_may_come() } else { standing }
    }

    fn pair(&self, left: &Value<'_>, right: &Value<'_>, drifts: Drifts) -> Standing {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => match self.operation {
                Operation::Less => drifts.less(left < right),
                Operation::LessOrEqual => drifts.less(left <= right),
                Operation::Equal => drifts.equal(*left, *right),
                Operation::Unequal => drifts.unequal(*left, *right),
                Operation::Greater => drifts.greater(left > right),
                Operation::GreaterOrEqual => drifts.greater(left >= right),
            },
            (Value::Text(left), Value::Text(right)) => {
                Standing::new((left == right) == (self.operation == Operation::Equal), false)
            }
            _ => Standing::Open,
        }
    }

    /// All values of all measurements against each other.
    fn among_each_other(&self, view: View<'_>) -> Standing {
        let leaves: Vec<_> = self.measurements.iter().flat_map(|measured| leaves(measured, view)).collect();
        let known = || leaves.iter().filter(|leaf| **leaf != Value::Undefined);
        if known().next().is_none() {
            return Standing::Open;
        }
        let mut seen = HashSet::new();
        let repeated = known().filter(|leaf| !seen.insert(identity(leaf))).count();
        let holds = match self.operation {
            Operation::Equal => seen.len() == 1,
            _ => repeated == 0,
        };
        let drifts = self.measurements.iter().map(|measured| measured.course().innermost());
        let drift = drifts.reduce(Drift::with).unwrap_or(Drift::Still);
        if holds {
            return Standing::HoldsSoFar;
        }
        let drifts = Drifts { left: drift, right: drift, averages: view.choices.averages };
        // Any two of them stand for those that have to move.
        match self.operation {
            Operation::Equal => drifts.equal(0.0, 1.0),
            _ => drifts.unequal(0.0, 0.0),
        }
    }
}

/// What is inside all lists.
fn leaves<'v>(expression: &'v Expression, view: View<'v>) -> Vec<Value<'v>> {
    let mut leaves = Vec::new();
    expression.each_leaf(view, |leaf| leaves.push(leaf));
    leaves
}

/// What makes two values the same one.
fn identity<'v>(value: &Value<'v>) -> (u64, &'v str) {
    match value {
        // Adding 0 makes 0 of -0.
        Value::Number(number) => ((number + 0.0).to_bits(), ""),
        Value::Text(text) => (0, text),
        Value::List(_) | Value::Undefined => (0, ""),
    }
}
