//! The `algorithm` of a rule set: how its pool is cut into batches, and how teams are filled.

use crate::ids::AttributeId;

/// How matches are built (`match-rulesets-components-algorithm`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Algorithm {
    pub(crate) strategy: Strategy,
    pub(crate) backfill_priority: BackfillPriority,
    pub(crate) expansion_age: ExpansionAge,
}

impl Algorithm {
    /// `strategy`, with what belongs to it.
    #[must_use]
    pub const fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// `backfillPriority`. It means nothing to `balanced`.
    #[must_use]
    pub const fn backfill_priority(&self) -> BackfillPriority {
        self.backfill_priority
    }

    /// `expansionAgeSelection`.
    #[must_use]
    pub const fn expansion_age(&self) -> ExpansionAge {
        self.expansion_age
    }
}

impl Default for Algorithm {
    fn default() -> Self {
        Self {
            strategy: Strategy::ExhaustiveSearch(ExhaustiveBatches::Random),
            backfill_priority: BackfillPriority::Normal,
            expansion_age: ExpansionAge::Newest,
        }
    }
}

/// `strategy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// `exhaustiveSearch`: other tickets of the batch are tried around the oldest one.
    ExhaustiveSearch(ExhaustiveBatches),
    /// `balanced`: enough players are found, then distributed over the teams.
    Balanced {
        /// `balancedAttribute`: a number whose totals are as even as possible between the teams.
        attribute: AttributeId,
        /// How the pool is grouped.
        batches: BalancedBatches,
    },
}

/// `batchingPreference` of `exhaustiveSearch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExhaustiveBatches {
    /// `random`: the pool is cut into batches at random.
    Random,
    /// `sorted`: the pool is sorted by `sortByAttributes`, texts or numbers, the first attribute first; then it is cut.
    Sorted(Vec<AttributeId>),
}

/// `batchingPreference` of `balanced`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BalancedBatches {
    /// `largestPopulation`: by the locations in which players have acceptable latency. Few large batches.
    #[default]
    LargestPopulation,
    /// `fastestRegion`: by the location of the lowest latency. More small batches.
    FastestRegion,
}

/// `backfillPriority`: the place of backfill tickets in a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackfillPriority {
    /// `normal`: by age, like all others.
    #[default]
    Normal,
    /// `high`: before the others.
    High,
    /// `low`: behind the others.
    Low,
}

/// `expansionAgeSelection`: whose age decides about expansions. It is one of the tickets in the match that is being
/// built, not of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpansionAge {
    /// `newest`: adding a young ticket takes expansions back.
    #[default]
    Newest,
    /// `oldest`.
    Oldest,
}
