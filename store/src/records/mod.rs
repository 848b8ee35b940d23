//! The kinds of records, one a file with its keys, attributes and methods:
//!
//! | item | key | file |
//! |---|---|---|
//! | a ticket | `TKT#{ticket}` | [`ticket`], [`news`]; written by [`starts`], [`tickets`], [`looks`] and [`line`](mod@line) |
//! | a player's newest ticket: the lock of "one live search" | `PLR#{player}`, `LAST` | [`ticket`] |
//! | a ticket of a match | `MATCH#{match}`, `TKT#{ticket}` | [`tickets`] |
//! | a place in a line | `LINE#{line}`, `{time}#{ticket}` | [`line`](mod@line) |
//! | how many have come into a line | `COUNT#{line}` | [`line`](mod@line) |
//! | an idempotency key | `IDEM#{player and key}` | [`keys`] |
//! | a lease | `LEASE#{name}` | [`leases`] |
//! | what a look saw of one thing | `SEEN#{thing}` | [`readings`] |
//! | a one-time token | `TOK#{token}` | [`sockets`] |
//! | a socket | `CONN#{connection}`, and `PLR#{player}`, `CONN#{time}#{connection}` | [`sockets`] |
//! | a token bucket | `RATE#{scope and who}` | [`limits`] |
//! | one of a player's slots | `PLR#{player}`, `SLOT#{kind}#{number}` | [`slots`] |
//!
//! `player` and the like in braces are hashes where a client has chosen them.

pub mod keys;
pub mod leases;
pub mod limits;
pub mod line;
pub mod looks;
pub(crate) mod names;
pub mod news;
pub mod readings;
pub mod slots;
pub mod sockets;
pub mod starts;
pub mod ticket;
pub mod tickets;
