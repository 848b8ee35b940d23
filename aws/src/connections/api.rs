//! The capabilities: one trait for each call to `@connections`.

use shared::Error;

/// What became of a message to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// API Gateway has it. Whether the player's client got it, nobody tells.
    Sent,
    /// The connection is closed, or is not open yet: until the function has answered `$connect`, API Gateway calls it
    /// gone.
    Gone,
}

/// Sends messages to connections (`PostToConnection`).
pub trait PostToConnection: Send + Sync {
    /// Sends a text to the connection. It may arrive twice. API Gateway takes 128 KB.
    ///
    /// `RATE_LIMITED`: the account sends too much, or the client reads too slowly.
    fn post(&self, connection: &str, text: &str) -> impl Future<Output = Result<Posted, Error>> + Send;
}

/// Closes connections (`DeleteConnection`).
pub trait DeleteConnection: Send + Sync {
    /// Closes the connection. Nothing happens if it is closed.
    fn close(&self, connection: &str) -> impl Future<Output = Result<(), Error>> + Send;
}
