//! The parts of keys that more than one kind of record has, and the life that several have.

use std::time::Duration;

use shared::hash::hex_sha256;

/// How long tickets and answers are remembered. No ticket lives that long in GameLift.
pub(crate) const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// The partition of a player. Its id is hashed: a client may have chosen it, at a length that is no key's.
pub(crate) fn of_player(player: &str) -> String {
    format!("PLR#{}", hex_sha256(&[player.as_bytes()]))
}

/// A time since 1970 in microseconds as the beginning of a key that sorts by it.
pub(crate) fn sorted(micros: u64) -> String {
    format!("{micros:020}")
}
