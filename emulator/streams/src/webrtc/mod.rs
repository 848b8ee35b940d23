//! Real WebRTC: the client's offer is answered by a peer that connects, shows a test pattern and
//! echoes what data channels carry.
//!
//! - `negotiation` turns an offer into an answer and what it takes to connect;
//! - `peer` is one client's connection: a task with a UDP socket of its own;
//! - `clip` is the test pattern;
//! - `peers` are those of all sessions; `news` is what a peer has to say: it calls back, and does not know whom;
//! - `no_peers` is in their place in a build without the feature `webrtc`: no offer is answered by a peer.
//!
//! A session has at most one peer, and its status follows what the peer sees of the client. A peer ends
//! with its session, with its client, or when a newer one replaces it. Its times are the network's, so
//! they are real and not the emulated clock's.

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
