//! The functions of property expressions.

use std::fmt;

/// A function. Each takes one list, and works on every innermost list of a list of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The least number.
    Min,
    /// The greatest number.
    Max,
    /// The mean.
    Avg,
    /// The number in the middle, or the mean of the two there.
    Median,
    /// The total.
    Sum,
    /// How many elements there are.
    Count,
    /// The standard deviation.
    Stddev,
    /// A list of lists as one list.
    Flatten,
    /// The strings that are in every list.
    SetIntersection,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 9] = [
        Self::Min,
        Self::Max,
        Self::Avg,
        Self::Median,
        Self::Sum,
        Self::Count,
        Self::Stddev,
        Self::Flatten,
        Self::SetIntersection,
    ];

    /// Its name in an expression.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Median => "median",
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Stddev => "stddev",
            Self::Flatten => "flatten",
            Self::SetIntersection => "set_intersection",
        }
    }

    /// Whether it makes one number of a list.
    pub(crate) const fn is_statistic(self) -> bool {
        !matches!(self, Self::Flatten | Self::SetIntersection)
    }

    /// The function with that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
