//! The sockets of players behind an API Gateway WebSocket API: its `@connections`, with which a function reaches a
//! connection that another call has opened.
//!
//! - `api`: the capabilities;
//! - `client`: the same by the AWS SDK.

pub(crate) mod api;
pub(crate) mod client;

pub use self::api::{DeleteConnection, PostToConnection, Posted};
