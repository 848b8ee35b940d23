//! Teams of a match.

/// One team of a match. A team of the rule set with `quantity` 2 is two of these (`match-ruleset-property-definitions`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub(crate) name: String,
    pub(crate) definition: usize,
}

impl Team {
    /// The name: that of the rule set, with `_1`, `_2` and so on behind it if the quantity is more than 1.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place of its definition in the rule set's `teams`. Teams with one definition are alike.
    #[must_use]
    pub const fn definition(&self) -> usize {
        self.definition
    }
}

/// How many players a team has. It always has room for one: `min` ≤ `max`, and `max` ≥ 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamSize {
    pub(crate) min: u32,
    pub(crate) max: u32,
}

impl TeamSize {
    /// `minPlayers`.
    #[must_use]
    pub const fn min(self) -> u32 {
        self.min
    }

    /// `maxPlayers`.
    #[must_use]
    pub const fn max(self) -> u32 {
        self.max
    }
}
