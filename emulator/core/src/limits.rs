//! What one peer can take up.

use std::time::Duration;

/// What one peer can take up. The default is generous to everything that behaves.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections are open at once. One more waits, until a silent one has given way or another has
    /// ended.
    pub connections: usize,
    /// From the connection to its first byte, and to the end of the TLS handshake.
    pub handshake: Duration,
    /// To the end of a request's head, also of the next one on the same connection, and from there
    /// to the end of its body.
    pub request: Duration,
    /// How long a peer may take to read what it is sent.
    pub send: Duration,
    /// How long a game server may take to answer a ping. It gets one when its process id connects
    /// again, as the connection may be one that the network has lost.
    pub pong: Duration,
    /// How long a game server whose process has ended may take to say `ProcessEnding` and to close its
    /// connection.
    pub farewell: Duration,
    /// The largest WebSocket message.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(60),
            send: Duration::from_secs(10),
            // The C# SDK gives an attempt to connect two seconds.
            pong: Duration::from_secs(1),
            farewell: Duration::from_secs(10),
            message: 1024 * 1024,
        }
    }
}
