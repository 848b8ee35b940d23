//! Example players: one ticket a line, as the `Players` of a `StartMatchmaking` request are written.

pub(crate) mod arriving;
pub(crate) mod example;
pub(crate) mod line;
pub(crate) mod read;
