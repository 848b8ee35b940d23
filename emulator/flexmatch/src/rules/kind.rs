//! The eight kinds.

use crate::rules::{
    absolute_sort::AbsoluteSort, batch_distance::BatchDistance, collection::Collection, comparison::Comparison,
    compound::Compound, distance::Distance, distance_sort::DistanceSort, latency::Latency,
};

/// A rule by its `type`.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// `absoluteSort`.
    AbsoluteSort(AbsoluteSort),
    /// `batchDistance`.
    BatchDistance(BatchDistance),
    /// `collection`.
    Collection(Collection),
    /// `comparison`.
    Comparison(Comparison),
    /// `compound`.
    Compound(Compound),
    /// `distance`.
    Distance(Distance),
    /// `distanceSort`.
    DistanceSort(DistanceSort),
    /// `latency`.
    Latency(Latency),
}

impl RuleKind {
    /// Its `type` in a rule set.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AbsoluteSort(_) => "absoluteSort",
            Self::BatchDistance(_) => "batchDistance",
            Self::Collection(_) => "collection",
            Self::Comparison(_) => "comparison",
            Self::Compound(_) => "compound",
            Self::Distance(_) => "distance",
            Self::DistanceSort(_) => "distanceSort",
            Self::Latency(_) => "latency",
        }
    }

    /// Whether it only sorts.
    #[must_use]
    pub const fn is_sort(&self) -> bool {
        matches!(self, Self::AbsoluteSort(_) | Self::DistanceSort(_))
    }

    /// Whether rule sets for large matches have it.
    #[must_use]
    pub const fn is_for_large_matches(&self) -> bool {
        match self {
            Self::BatchDistance(_) => true,
            Self::Latency(latency) => latency.distance().is_none(),
            _ => false,
        }
    }
}
