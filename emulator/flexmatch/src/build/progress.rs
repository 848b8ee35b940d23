//! How far a ticket has come in the passes over a pool that does not change.

/// What became of a ticket as an anchor in the round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tried {
    /// No pass has come to it.
    #[default]
    Not,
    /// The bounds have ended its search.
    CutShort,
    /// A search to its end has found nothing.
    InVain,
}

/// How far a ticket has come in the rounds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// How many passes in a row did not come to it.
    pub(crate) missed: u32,
    /// Its position in the order in which the pool is cut.
    pub(crate) position: usize,
    pub(crate) tried: Tried,
}
