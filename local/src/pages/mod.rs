//! The web pages of the local world, which use its HTTP API as a game client does. On AWS there are none.
//!
//! - `play`: `/play` starts a stream, shows it, loses it and comes back;
//! - `matches`: `/match` finds a match, and hears of it over a socket;
//! - `files`: how a page and its files are answered, and what they may load.

mod files;
pub(crate) mod matches;
pub(crate) mod play;

pub(crate) use self::files::router;
