//! Which way a value can go when players join. It says whether a rule that fails now can still be mended.

use crate::expression::function::Function;

/// Where a number goes when players join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drift {
    /// It stays.
    Still,
    /// It stays or rises, as the size of a team does.
    Rises,
    /// It stays or falls, as the least skill of a team does.
    Falls,
    /// It goes anywhere, as averages do. AWS does not wait for them.
    Averages,
    /// It goes anywhere.
    Wanders,
}

/// Where a value of any type goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// A number, or a text, which is always still.
    One(Drift),
    /// A list: where its length goes, and where each of its elements goes.
    List(Drift, Box<Course>),
}

impl Drift {
    pub(crate) const fn can_rise(self) -> bool {
        matches!(self, Self::Rises | Self::Averages | Self::Wanders)
    }

    pub(crate) const fn can_fall(self) -> bool {
        matches!(self, Self::Falls | Self::Averages | Self::Wanders)
    }

    /// Of what depends on both, and rises with each.
    pub(crate) const fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Averages, _) | (_, Self::Averages) => Self::Averages,
            (Self::Still, drift) | (drift, Self::Still) => drift,
            (Self::Rises, Self::Rises) => Self::Rises,
            (Self::Falls, Self::Falls) => Self::Falls,
            _ => Self::Wanders,
        }
    }

    const fn reversed(self) -> Self {
        match self {
            Self::Rises => Self::Falls,
            Self::Falls => Self::Rises,
            drift => drift,
        }
    }
}

impl Course {
    pub(crate) const STILL: Self = Self::One(Drift::Still);

    pub(crate) fn list(length: Drift, element: Self) -> Self {
        Self::List(length, Box::new(element))
    }

    /// Of the numbers inside all lists.
    pub(crate) fn innermost(&self) -> Drift {
        match self {
            Self::One(drift) => *drift,
            Self::List(_, element) => element.innermost(),
        }
    }

    /// Of how many elements all its lists have together.
    pub(crate) fn length(&self) -> Drift {
        match self {
            Self::One(_) => Drift::Still,
            Self::List(length, element) => length.with(element.length()),
        }
    }

    /// Of the innermost lists: how many there are, and how long each is.
    pub(crate) fn lists(&self) -> (Drift, Drift) {
        match self {
            Self::One(_) => (Drift::Still, Drift::Still),
            Self::List(length, element) => match &**element {
                Self::One(_) => (Drift::Still, *length),
                Self::List(..) => {
                    let (number, inner) = element.lists();
                    (length.with(number), inner)
                }
            },
        }
    }

    /// Of a function's result.
    pub(crate) fn through(&self, function: Function) -> Self {
        let Self::List(length, element) = self else { return self.clone() };
        match (function, &**element) {
            (Function::Flatten, Self::List(inner, innermost)) => Self::list(length.with(*inner), (**innermost).clone()),
            // What is in every list: less with more lists, more with longer ones.
            (Function::SetIntersection, Self::List(inner, innermost)) if matches!(&**innermost, Self::One(_)) => {
                Self::list(length.reversed().with(*inner), Self::STILL)
            }
            (_, Self::List(..)) => Self::list(*length, element.through(function)),
            (Function::Count, _) => Self::One(*length),
            (function, Self::One(each)) => Self::One(of_numbers(function, *length, *each)),
        }
    }
}

fn of_numbers(function: Function, length: Drift, each: Drift) -> Drift {
    match (function, length) {
        (_, Drift::Still) if each == Drift::Still => Drift::Still,
        // Of as many numbers as before: it goes where they go.
        (Function::Min | Function::Max | Function::Sum | Function::Avg | Function::Median, Drift::Still) => each,
        (Function::Min, Drift::Rises) => Drift::Falls.with(each),
        (Function::Max, Drift::Rises) => Drift::Rises.with(each),
        (Function::Avg | Function::Median | Function::Stddev, _) => Drift::Averages,
        _ => Drift::Wanders,
    }
}
