//! Looks that all waiting calls share, where GameLift sends no events: at a fleet's game sessions that are starting, and
//! at a stream group's stream sessions.
//!
//! GameLift allows an account 20 looks a second. If each waiting call looks for itself, these are spent on a few dozen
//! players. With a store, one call lists for all who wait: whoever gets a short lease reads the list and writes what it
//! saw, and the others read that.
//!
//! - `list` is what can be listed: one page after the other, each of things that somebody waits for;
//! - `sweep`: a list from its first page to its last, in the form in which the store has it;
//! - `shared_look`: takes turns at one list, by a lease, and reads and writes its sweeps;
//! - `waiter`: one call's use of it, with a way out when the store fails;
//! - `sharing`: whether the function has a store to share them in.
//!
//! # What holds
//!
//! *At most four pages a second are read of a list of game sessions, however many wait, and of both lists of a stream
//! group together, while each of these has one page.* A lease is not given back: it is taken for a quarter of a
//! second, or half a second for a list of stream sessions, and a moment for the store to answer. So whoever dies while
//! it looks is replaced when its share is over. A sweep of several pages of stream sessions reads one after the other,
//! and the next one begins when their shares are over: four a second of those that are starting, and 13 of all that
//! live.
//!
//! *Only a whole sweep tells that something is not listed.* It counts for a call if it began after what the call waits for
//! was made, and a moment later for something that was never listed: GameLift does not say how soon it lists a thing.
//! Where a sweep takes several leases, the list changes meanwhile, and a page may begin too late. So something counts as
//! listed if it is in this sweep or in the one before.
//!
//! *What is seen is a hint.* Whoever acts on it finds out by the next call to GameLift whether it is true.
//!
//! *Without a store, or while it fails, each call looks for itself*, at its own growing intervals.

pub(crate) mod list;
mod shared_look;
pub(crate) mod sharing;
pub(crate) mod sweep;
pub(crate) mod waiter;

#[cfg(test)]
mod tests;

pub use self::sharing::Looks;
