//! Limits for one peer.

use std::time::Duration;

/// Limits for one peer. The defaults are generous to every well-behaved peer.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Number of connections that are open at once. One more waits until a silent one has given way or another has
    /// ended.
    pub connections: usize,
    /// Longest time from the connection to its first byte, and to the end of the TLS handshake.
    pub handshake: Duration,
    /// Longest time to the end of a request's head, also of the next one on the same connection, and from there to the
    /// end of its body.
    pub request: Duration,
    /// Longest time that a peer may take to read the data that it is sent.
    pub send: Duration,
    /// Longest time that a game server may take to answer a ping. It is pinged when its process id connects again, as
    /// the network may have lost the old connection.
    pub pong: Duration,
    /// Longest time that a game server may take to say `ProcessEnding` and to close its connection, after its process
    /// has ended.
    pub farewell: Duration,
    /// Most bytes of a WebSocket message.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(60),
            send: Duration::from_secs(10),
            // The C# SDK limits an attempt to connect to two seconds.
            pong: Duration::from_secs(1),
            farewell: Duration::from_secs(10),
            message: 1024 * 1024,
        }
    }
}
