//! Real WebRTC: a peer answers the client's offer, connects, shows a test pattern and echoes the data channels.
//!
//! - `negotiation` turns an offer into an answer and the data of a connection;
//! - `peer` is one client's connection: a task with a UDP socket;
//! - `clip` is the test pattern;
//! - `peers` holds the peers of all sessions; `news` is what a peer reports, through a callback without knowledge of
//!   the receiver;
//! - `no_peers` replaces them in a build without the feature `webrtc`: no peer answers.
//!
//! A session has at most one peer, and its status follows the peer's view of the client. A peer ends with its session,
//! with its client, or when a newer one replaces it. Its times are real, not the emulated clock's, because they are the
//! network's.

#[cfg(feature = "webrtc")]
mod clip;
#[cfg(feature = "webrtc")]
mod negotiation;
pub(crate) mod news;
#[cfg(not(feature = "webrtc"))]
mod no_peers;
#[cfg(feature = "webrtc")]
mod peer;
#[cfg(feature = "webrtc")]
mod peers;

#[cfg(not(feature = "webrtc"))]
pub(crate) use self::no_peers::Peers;
#[cfg(feature = "webrtc")]
pub(crate) use self::peers::Peers;
