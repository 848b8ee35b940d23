//! The bounds of a simulation, so that none fills the memory or never ends.

/// The most players of a simulation, and of a file of examples.
pub(crate) const MOST_PLAYERS: usize = 200_000;
/// The most tickets that wait at once.
pub(crate) const MOST_WAITING: usize = 50_000;
/// The most passes over the pool.
pub(crate) const MOST_PASSES: u64 = 200_000;
/// The largest number in a distribution, a choice or a file of examples.
pub(crate) const LARGEST: f64 = 1e15;

/// Whether a number is one and not too large, so that the differences of many are finite.
pub(crate) fn is_sound(number: f64) -> bool {
    number.abs() <= LARGEST
}
