//! The behaviour that AWS leaves open: each point is a choice, with the best guess as its default.

/// The choices with which a rule set is read and evaluated. All are inferred: AWS documents none of these points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Members that no page of AWS names.
    pub unknown_keys: UnknownKeys,
    /// A latency that equals `maxLatency`.
    pub latency_boundary: LatencyBoundary,
    /// The function `stddev`.
    pub standard_deviation: StandardDeviation,
    /// How often a party's aggregated value counts in a list.
    pub party_weight: PartyWeight,
    /// When a rule over averages refuses a ticket.
    pub averages: Averages,
}

/// What becomes of members that no page of AWS names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownKeys {
    /// Ignored, with a warning.
    #[default]
    Accept,
    /// A problem.
    Refuse,
}

/// Whether a latency that equals `maxLatency` is acceptable. `match-rules-reference-ruletype` ignores locations
/// "higher than the maximum" in one sentence, and asks for a value "below the maximum" in the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatencyBoundary {
    /// It is.
    #[default]
    Inclusive,
    /// It is not.
    Exclusive,
}

/// What `stddev` divides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StandardDeviation {
    /// By the number of values.
    #[default]
    Population,
    /// By the number of values less one. It is undefined for one value.
    Sample,
}

/// How often a party's aggregated value counts in the list of a team's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartyWeight {
    /// Once for each of its players: averages are weighted by heads.
    #[default]
    PerPlayer,
    /// Once for the party.
    PerParty,
}

/// When a rule over averages, medians or deviations refuses a ticket. Later players could still mend such a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Averages {
    /// At once: AWS computes the averages with the ticket in, and does not add it if they fail (`match-examples-1`).
    #[default]
    Greedy,
    /// Not before the match is complete. A matcher that searches all of a small pool needs this.
    Patient,
}
