//! Parsed expressions and their evaluation for a game session.

use std::{cmp::Ordering, collections::BTreeMap};

use crate::resources::game_session::GameSession;

/// A parsed filter expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    Compare { operand: Operand, comparator: Comparator, value: Literal },
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

/// A parsed sort expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) operand: Operand,
    pub(crate) descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    GameSessionId,
    GameSessionName,
    Property(String),
    MaximumSessions,
    CreationTimeMillis,
    PlayerSessionCount,
    HasAvailablePlayerSessions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// The facts of a game session that a search can ask for.
pub(crate) struct Facts<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) properties: &'a BTreeMap<String, String>,
    pub(crate) maximum: i64,
    pub(crate) created: i64,
    pub(crate) players: i64,
    pub(crate) available: bool,
}

/// The value of an operand. The parser only lets values of one kind be compared.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Flag(bool),
}

impl<'a> Facts<'a> {
    pub(crate) fn of(session: &'a GameSession) -> Self {
        let count = |players: usize| i64::try_from(players).unwrap_or(i64::MAX);
        Self {
            id: &session.arn,
            name: session.name.as_deref(),
            properties: &session.properties,
            maximum: count(session.maximum_players),
            created: session.creation_time.as_millisecond(),
            players: count(session.slots_taken),
            available: session.is_open(),
        }
    }

    fn value(&self, operand: &Operand) -> Option<Value<'a>> {
        match operand {
            Operand::GameSessionId => Some(Value::Text(self.id)),
            Operand::GameSessionName => self.name.map(Value::Text),
            Operand::Property(key) => self.properties.get(key).map(|value| Value::Text(value)),
            Operand::MaximumSessions => Some(Value::Number(self.maximum)),
            Operand::CreationTimeMillis => Some(Value::Number(self.created)),
            Operand::PlayerSessionCount => Some(Value::Number(self.players)),
            Operand::HasAvailablePlayerSessions => Some(Value::Flag(self.available)),
        }
    }
}

impl Filter {
    pub(crate) fn matches(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Compare { operand, comparator, value } => {
                facts.value(operand).is_some_and(|actual| comparator.holds(actual.cmp(&value.as_value())))
            }
            Self::Not(inner) => !inner.matches(facts),
            Self::And(left, right) => left.matches(facts) && right.matches(facts),
            Self::Or(left, right) => left.matches(facts) || right.matches(facts),
        }
    }
}

impl Sort {
    /// Orders two game sessions. Those without a value come last in both directions.
    pub(crate) fn compare(&self, one: &Facts<'_>, other: &Facts<'_>) -> Ordering {
        match (one.value(&self.operand), other.value(&self.operand)) {
            (Some(one), Some(other)) if self.descending => other.cmp(&one),
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }
}

impl Comparator {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::Greater => order.is_gt(),
            Self::LessOrEqual => order.is_le(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Literal {
    fn as_value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Flag(flag) => Value::Flag(*flag),
        }
    }
}
