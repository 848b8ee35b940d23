//! The bounds of a simulation, so that none fills the memory or never ends.

/// The most players of a simulation, and of a file of examples.
pub(crate) const MOST_PLAYERS: usize = 200_000;
/// The most tickets that wait at once.
pub(crate) const MOST_WAITING: usize = 50_000;
/// The most passes over the pool.
pub(crate) const MOST_PASSES: u64 = 200_000;
