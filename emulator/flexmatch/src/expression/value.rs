//! Values of expressions.

use std::fmt;

/// A value. Its type is the expression's, so that a list has elements of one type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Number(f64),
    /// A text, a player's id or a team's name.
    Text(&'a str),
    List(Vec<Value<'a>>),
    /// What an empty list has for an average, a median, a least or a greatest number.
    Undefined,
}

impl<'a> Value<'a> {
    pub(crate) const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) const fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Calls `visit` with what is inside all lists, from left to right.
    pub(crate) fn into_leaves(self, visit: &mut dyn FnMut(Self)) {
        match self {
            Self::List(elements) => elements.into_iter().for_each(|element| element.into_leaves(visit)),
            other => visit(other),
        }
    }

    /// Calls `visit` with every innermost list. `depth` is how many lists are in one another.
    pub(crate) fn each_list<'v>(&'v self, depth: usize, visit: &mut impl FnMut(&'v [Value<'a>])) {
        match self {
            Self::List(elements) if depth == 1 => visit(elements),
            Self::List(elements) => elements.iter().for_each(|element| element.each_list(depth - 1, visit)),
            _ => {}
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(elements) => {
                let elements: Vec<_> = elements.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", elements.join(", "))
            }
            Self::Undefined => f.write_str("undefined"),
        }
    }
}
