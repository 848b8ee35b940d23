//! The types of values that expressions have.

use std::fmt;

use crate::{attribute::AttributeType, expression::function::Function};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Player,
    Team,
    List(Box<Kind>),
}

impl Kind {
    pub(crate) fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// The type of one player's value. Maps are for sort rules only: no page of AWS reads one in an expression.
    pub(crate) fn of_attribute(attribute: AttributeType) -> Option<Self> {
        match attribute {
            AttributeType::Text => Some(Self::Text),
            AttributeType::Number => Some(Self::Number),
            AttributeType::TextList => Some(Self::Text.list()),
            AttributeType::NumberMap => None,
        }
    }

    /// The type inside all lists.
    pub(crate) fn innermost(&self) -> &Self {
        match self {
            Self::List(element) => element.innermost(),
            other => other,
        }
    }

    /// How many lists are around the innermost type.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::List(element) => 1 + element.depth(),
            _ => 0,
        }
    }
}

impl Function {
    /// The type of its result for an argument, or what the argument should be.
    pub(crate) fn result(self, argument: &Kind) -> Result<Kind, &'static str> {
        let Kind::List(element) = argument else { return Err(self.wants()) };
        match (self, &**element) {
            (Self::Flatten, Kind::List(_)) => Ok((**element).clone()),
            (Self::SetIntersection, Kind::List(inner)) => match &**inner {
                Kind::Text => Ok(Kind::Text.list()),
                Kind::List(_) => Ok(self.result(element)?.list()),
                _ => Err(self.wants()),
            },
            (Self::Flatten | Self::SetIntersection, _) => Err(self.wants()),
            (_, Kind::List(_)) => Ok(self.result(element)?.list()),
            (Self::Count, _) | (_, Kind::Number) => Ok(Kind::Number),
            _ => Err(self.wants()),
        }
    }

    /// How many lists are around those that it takes, in an argument that it can take.
    pub(crate) fn levels(self, argument: &Kind) -> usize {
        match self {
            Self::Flatten => 0,
            Self::SetIntersection => argument.depth() - 2,
            _ => argument.depth() - 1,
        }
    }

    const fn wants(self) -> &'static str {
        match self {
            Self::Min | Self::Max | Self::Avg | Self::Median | Self::Sum | Self::Stddev => "a list of numbers",
            Self::Count => "a list",
            Self::Flatten => "a list of lists, such as the values of several teams",
            Self::SetIntersection => "a list of string lists",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("number"),
            Self::Text => f.write_str("string"),
            Self::Player => f.write_str("player"),
            Self::Team => f.write_str("team"),
            Self::List(_) => write!(f, "list of {}{}s", "lists of ".repeat(self.depth() - 1), self.innermost()),
        }
    }
}
