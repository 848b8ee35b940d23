//! How a match in the making stands with a rule.

/// What a rule says of a match to which tickets may still be added.
///
/// Two questions are answered at once. [`refuses`](Self::refuses): no further ticket can mend it, so the last one has
/// to go. [`is_legal`](Self::is_legal): the rule holds if the match stays as it is.
///
/// The better one is the lesser one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It holds, whoever joins.
    Holds,
    /// It holds now.
    HoldsSoFar,
    /// There is nothing to judge yet, such as the average of an empty team. A match that stays so breaks no rule.
    Open,
    /// It does not hold now. Further players may mend it, such as one more in the smaller of two teams.
    BrokenSoFar,
    /// It does not hold, whoever joins.
    Broken,
}

impl Standing {
    /// Whether no further ticket can make the rule hold.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Broken)
    }

    /// Whether the rule holds for the match as it is.
    #[must_use]
    pub const fn is_legal(self) -> bool {
        !matches!(self, Self::Broken | Self::BrokenSoFar)
    }

    /// From what holds now, and whether further players could change that.
    pub(crate) const fn new(holds: bool, may_change: bool) -> Self {
        match (holds, may_change) {
            (true, false) => Self::Holds,
            (true, true) => Self::HoldsSoFar,
            (false, true) => Self::BrokenSoFar,
            (false, false) => Self::Broken,
        }
    }

    /// Both have to hold.
    pub(crate) fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// One has to hold.
    pub(crate) fn or(self, other: Self) -> Self {
        self.min(other)
    }

    /// It holds so far only: there may come more to judge.
    pub(crate) fn and_more_may_come(self) -> Self {
        self.and(Self::HoldsSoFar)
    }

    /// It must not hold.
    pub(crate) const fn not(self) -> Self {
        match self {
            Self::Holds => Self::Broken,
            Self::HoldsSoFar => Self::BrokenSoFar,
            Self::Open => Self::Open,
            Self::BrokenSoFar => Self::HoldsSoFar,
            Self::Broken => Self::Holds,
        }
    }
}
