//! `compound`: rules combined by a logical statement.
//!
//! ```text
//! statement := ( "and" | "or" | "xor" ) "(" statement "," statement { "," statement } ")"
//!            | "not" "(" statement ")" | name of a rule
//! ```
//!
//! A rule that a statement names is a part: it need not hold by itself. AWS's Example 10 makes sense only so: its `or`
//! would mean nothing if all four rules had to hold anyway.

use std::fmt;

use crate::{
    ids::RuleId,
    json::{Members, Report},
    scanner::{Scanner, SyntaxError, shorten},
    standing::Standing,
};

/// The members of such a rule.
pub(crate) const MEMBERS: [&str; 1] = ["statement"];
/// The deepest nesting of operators.
const MAX_DEPTH: usize = 16;

/// A statement about other rules holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound {
    statement: Statement,
}

/// A logical statement. Printed, it is as a rule set has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A rule that stands earlier in the list.
    Rule(RuleId, String),
    /// `and`: all hold.
    And(Vec<Statement>),
    /// `or`: at least one holds.
    Or(Vec<Statement>),
    /// `xor`: exactly one holds.
    Xor(Vec<Statement>),
    /// `not`: it does not hold.
    Not(Box<Statement>),
}

impl Compound {
    /// `statement`.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Reads the rule.
    pub(crate) fn read(members: &Members<'_>, others: Others<'_>, report: &mut Report) -> Option<Self> {
        let place = members.required(report, "statement", "\"or(RuleA, RuleB)\"")?;
        let mut scanner = Scanner::new(place.text(report)?);
        let parsed = read(&mut scanner, others, 0).and_then(|statement| {
            scanner.end()?;
            Ok(statement)
        });
        let statement = parsed.map_err(|error| report.syntax(&place.path, error)).ok()?;
        Some(Self { statement })
    }

    /// Says of each part what `of_rule` says of it.
    pub(crate) fn explain(&self, of_rule: &impl Fn(RuleId) -> String) -> String {
        let mut said = Vec::new();
        self.statement.each_rule(&mut |part| said.push(of_rule(part)));
        said.join("; ")
    }

    pub(crate) fn standing(&self, of_rule: &mut impl FnMut(RuleId) -> Standing) -> Standing {
        self.statement.standing(of_rule)
    }
}

impl Statement {
    /// Calls `visit` with every rule that it names.
    pub(crate) fn each_rule(&self, visit: &mut impl FnMut(RuleId)) {
        match self {
            Self::Rule(rule, _) => visit(*rule),
            Self::And(parts) | Self::Or(parts) | Self::Xor(parts) => {
                parts.iter().for_each(|part| part.each_rule(visit));
            }
            Self::Not(part) => part.each_rule(visit),
        }
    }

    fn standing(&self, of_rule: &mut impl FnMut(RuleId) -> Standing) -> Standing {
        let mut each = |parts: &'_ [Self]| parts.iter().map(|part| part.standing(of_rule)).collect::<Vec<_>>();
        match self {
            Self::Rule(rule, _) => of_rule(*rule),
            Self::And(parts) => each(parts).into_iter().fold(Standing::Holds, Standing::and),
            Self::Or(parts) => each(parts).into_iter().fold(Standing::Broken, Standing::or),
            Self::Xor(parts) => {
                let (mut none, mut one) = (Standing::Holds, Standing::Broken);
                for standing in each(parts) {
                    one = one.and(standing.not()).or(none.and(standing));
                    none = none.and(standing.not());
                }
                one
            }
            Self::Not(part) => part.standing(of_rule).not(),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |parts: &[Self]| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Rule(_, name) => f.write_str(name),
            Self::And(parts) => write!(f, "and({})", list(parts)),
            Self::Or(parts) => write!(f, "or({})", list(parts)),
            Self::Xor(parts) => write!(f, "xor({})", list(parts)),
            Self::Not(part) => write!(f, "not({part})"),
        }
    }
}

/// The rules around a compound rule.
#[derive(Clone, Copy)]
pub(crate) struct Others<'a> {
    /// The names of all rules of the set.
    pub(crate) names: &'a [&'a str],
    /// The types of those that stand before it. A rule that could not be read has none.
    pub(crate) earlier: &'a [Option<&'static str>],
}

fn read(scanner: &mut Scanner<'_>, others: Others<'_>, depth: usize) -> Result<Statement, SyntaxError> {
    scanner.blanks();
    let start = scanner.at();
    if depth > MAX_DEPTH {
        let reason = format!("operators are nested more than {MAX_DEPTH} deep");
        return Err(scanner.error(start, reason, "simplify the statement".to_owned()));
    }
    let word = scanner.name("a rule or an operator", &['(', ',', ')'])?;
    if !scanner.eat("(") {
        return others.find(word).map_err(|(reason, remedy)| scanner.error(start, reason, remedy));
    }
    let mut parts = vec![read(scanner, others, depth + 1)?];
    while scanner.eat(",") {
        parts.push(read(scanner, others, depth + 1)?);
    }
    scanner.expect(")")?;
    let arity = |wanted: &str| {
        let reason = format!("`{word}` has {} arguments", parts.len());
        Err(scanner.error(start, reason, format!("give it {wanted}")))
    };
    match word {
        "not" if parts.len() == 1 => Ok(Statement::Not(Box::new(parts.remove(0)))),
        "not" => arity("one"),
        "and" | "or" | "xor" if parts.len() < 2 => arity("at least two"),
        "and" => Ok(Statement::And(parts)),
        "or" => Ok(Statement::Or(parts)),
        "xor" => Ok(Statement::Xor(parts)),
        _ => {
            let reason = format!("`{}` is no operator", shorten(word));
            Err(scanner.error(start, reason, "use and, or, xor or not".to_owned()))
        }
    }
}

impl Others<'_> {
    fn find(self, name: &str) -> Result<Statement, (String, String)> {
        let Some(place) = self.names.iter().position(|known| *known == name) else {
            let remedy = "name a rule that stands earlier in rules".to_owned();
            return Err((format!("there is no rule {}", shorten(name)), remedy));
        };
        let Some(kind) = self.earlier.get(place) else {
            let reason = format!("the rule {name} does not stand before this one");
            return Err((reason, "move it to before the compound rule".to_owned()));
        };
        let remedy = match kind {
            Some("batchDistance") => "use a distance or comparison rule",
            Some("absoluteSort" | "distanceSort") => "remove it: it neither holds nor fails",
            Some("compound") => "write its statement here",
            _ => return Ok(Statement::Rule(RuleId(place), name.to_owned())),
        };
        Err((format!("{name} is a {} rule", kind.unwrap_or_default()), remedy.to_owned()))
    }
}
