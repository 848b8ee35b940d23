//! Tickets: searches for a match and placements, as the store knows them.
//!
//! - `record`: events of GameLift into the store.

mod record;

pub use self::record::{Recorded, record};
