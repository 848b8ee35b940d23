//! The members that several kinds of rules have.

use serde_json::Value;

use crate::{
    aggregation::{ListAggregation, NumberAggregation},
    expression::{
        compiled::Expression,
        kind::Kind,
        syntax::{Syntax, Term, looks_like_expression},
    },
    json::{Members, Place, Report},
    rule_set::declared::Declared,
};

/// The most measurements of one rule. AWS documents no limit.
const MAX_MEASUREMENTS: usize = 100;

/// `partyAggregation` of a rule over numbers.
pub(crate) fn number_aggregation(members: &Members<'_>, report: &mut Report) -> Option<NumberAggregation> {
    let words = [("min", NumberAggregation::Min), ("max", NumberAggregation::Max), ("avg", NumberAggregation::Avg)];
    members.get("partyAggregation").map_or(Some(NumberAggregation::Avg), |place| place.one_of(report, &words))
}

/// `partyAggregation` of a rule over string lists.
pub(crate) fn list_aggregation(members: &Members<'_>, report: &mut Report) -> Option<ListAggregation> {
    let words = [("union", ListAggregation::Union), ("intersection", ListAggregation::Intersection)];
    members.get("partyAggregation").map_or(Some(ListAggregation::Union), |place| place.one_of(report, &words))
}

/// A number that is not negative and may be missing; `Err` if it is wrong.
pub(crate) fn optional_size(members: &Members<'_>, name: &str, report: &mut Report) -> Option<f64> {
    members.get(name).and_then(|place| place.size(report))
}

/// `measurements`: at least one expression, in a list or by itself. `check` says what is wrong with its type.
pub(crate) fn measurements(
    members: &Members<'_>,
    declared: &Declared<'_>,
    report: &mut Report,
    check: impl Fn(&Kind) -> Result<(), &'static str>,
) -> Option<Vec<Expression>> {
    let place = members.required(report, "measurements", "[\"avg(teams[*].players.attributes[skill])\"]")?;
    let places = match place.value {
        Value::String(_) => vec![place],
        _ => {
            let known = report.problems.len();
            let places = place.elements(report, MAX_MEASUREMENTS);
            if places.is_empty() && known == report.problems.len() {
                report.problem(&place.path, "the list is empty", "give at least one expression");
            }
            places
        }
    };
    let count = places.len();
    let read = |place: Place<'_>| {
        let text = place.text(report)?;
        let expression = Expression::parse(text, declared).map_err(|error| report.syntax(&place.path, error)).ok()?;
        if let Err(wanted) = check(expression.kind()) {
            report.problem(&place.path, format!("its value is a {}", expression.kind()), format!("measure {wanted}"));
            return None;
        }
        Some(expression)
    };
    let expressions: Vec<_> = places.into_iter().filter_map(read).collect();
    (count > 0 && expressions.len() == count).then_some(expressions)
}

/// `referenceValue`: a literal or an expression. A text that does not begin as an expression is a text, or a number if
/// one is due.
pub(crate) fn reference(
    place: &Place<'_>,
    declared: &Declared<'_>,
    report: &mut Report,
    wants_number: bool,
) -> Option<Expression> {
    let parsed = match place.value {
        Value::String(text) if looks_like_expression(text) => Expression::parse(text, declared),
        value => Expression::literal(literal(value, wants_number).or_else(|| {
            report.problem(
                &place.path,
                "it is no value to compare with",
                "give a number, a string, a list or an expression",
            );
            None
        })?),
    };
    parsed.map_err(|error| report.syntax(&place.path, error)).ok()
}

fn literal(value: &Value, wants_number: bool) -> Option<Syntax> {
    let term = match value {
        Value::Number(number) => Term::Number(number.as_f64().filter(|number| number.is_finite())?),
        Value::String(text) => match text.trim().parse().ok().filter(|number: &f64| wants_number && number.is_finite())
        {
            Some(number) => Term::Number(number),
            None => Term::Text(text.clone()),
        },
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| match element {
                Value::Array(_) => None,
                element => literal(element, wants_number),
            });
            Term::List(elements.collect::<Option<_>>()?)
        }
        _ => return None,
    };
    Some(Syntax { character: 1, term })
}
