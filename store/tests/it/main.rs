//! The integration tests of `store`: one binary, a module a topic.
//!
//! The conformance suite is the list in `suite`: each case runs on the table in memory, and on a DynamoDB. The second
//! are ignored, because they need one: `.ci/store.py` starts one and runs them.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod answers;
mod definition;
mod keys;
mod leases;
mod limits;
mod line;
mod lost;
mod open;
mod readings;
mod slots;
mod sockets;
mod suite;
mod tickets;
mod tokens;
mod unreadable;
mod world;
