//! Push: players hear of their tickets over sockets, and need not poll.
//!
//! - `offer`: the `Socket` member of an answer, which has the address and a one-time token;
//! - `open`: a player's new connection, and the oldest ones that give way;
//! - `close`: a connection that has to go;
//! - `push`: a ticket's state to all sockets of its players.
//!
//! # What holds
//!
//! - A push has the body of `GET /describe_matchmaking`, made for the player who gets it; `body` has the one exception.
//!   So whoever hears a push late or twice, or asks over HTTP, reads the same.
//! - A push is a hint and may be lost: a client sends `resume` after connecting, and polls slowly without a socket.
//! - No push fails its caller. What could not be sent is logged by its code.

pub mod body;
pub(crate) mod close;
pub(crate) mod offer;
pub(crate) mod open;
pub(crate) mod pusher;

pub use self::{
    close::close,
    offer::{SocketOffer, TOKEN_PARAMETER},
    open::{MOST_SOCKETS, open},
    pusher::{Push, Pushed},
};
