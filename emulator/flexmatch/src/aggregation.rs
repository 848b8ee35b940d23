//! `partyAggregation`: one value for all players of a ticket.

/// How the numbers of a party become one. `avg` is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberAggregation {
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `avg`.
    #[default]
    Avg,
}

/// How the string lists of a party become one. `union` is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListAggregation {
    /// `union`: what any player has.
    #[default]
    Union,
    /// `intersection`: what every player has.
    Intersection,
}

/// How a rule sees parties. A string stays each player's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aggregation {
    pub(crate) numbers: NumberAggregation,
    pub(crate) lists: ListAggregation,
}

/// The numbers of a party, all three ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    min: f64,
    max: f64,
    avg: f64,
}

impl Spread {
    /// Of at least one number.
    pub(crate) fn of(numbers: &[f64]) -> Self {
        Self { min: fold(numbers, f64::min), max: fold(numbers, f64::max), avg: mean(numbers) }
    }

    pub(crate) const fn get(self, how: NumberAggregation) -> f64 {
        match how {
            NumberAggregation::Min => self.min,
            NumberAggregation::Max => self.max,
            NumberAggregation::Avg => self.avg,
        }
    }
}

/// One number of several; there is at least one.
pub(crate) fn fold(numbers: &[f64], choose: fn(f64, f64) -> f64) -> f64 {
    numbers.iter().copied().reduce(choose).unwrap_or(f64::NAN)
}

/// The mean of at least one number.
pub(crate) fn mean(numbers: &[f64]) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    // The sum of huge numbers may be infinite. Dividing each is less exact, so it is the second choice.
    if mean.is_finite() { mean } else { numbers.iter().map(|number| number / count).sum() }
}
