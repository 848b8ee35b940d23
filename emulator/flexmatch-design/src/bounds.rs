//! Bounds, so that no file fills the memory.

/// The most players of a file of examples.
pub(crate) const MOST_PLAYERS: usize = 200_000;
