//! Places in a rule set's lists.

/// A team of a match: its place in [`RuleSet::teams`](crate::RuleSet::teams).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeamId(pub(crate) usize);

/// A rule: its place in [`RuleSet::rules`](crate::RuleSet::rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) usize);

/// An attribute: its place in [`RuleSet::attributes`](crate::RuleSet::attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(pub(crate) usize);

impl TeamId {
    /// The place, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

impl RuleId {
    /// The place, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

impl AttributeId {
    /// The place, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}
