//! What a peer has to say, to the service and to its client.

use std::sync::Arc;

/// What a peer sees of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "webrtc"), expect(dead_code, reason = "without peers there are no news"))]
pub(crate) enum News {
    /// ICE and DTLS are up.
    Connected,
    /// The user did something: there is data on the channel for input.
    Input,
    /// The client has said goodbye, or nothing for too long.
    Lost,
}

/// What a peer tells its client at the end, as the Web SDK's `serverDisconnect` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The session goes on without this connection: nothing is said.
    CutOff,
    /// The session has ended.
    Terminated,
    /// The session has ended because the user did nothing.
    Idle,
}

/// Takes the news of a session's peer, which has this number.
pub(crate) type Tell = Arc<dyn Fn(&str, u64, News) + Send + Sync>;

/// Whom a peer tells its news.
#[cfg(feature = "webrtc")]
pub(crate) struct Reporter {
    pub(crate) tell: Tell,
    pub(crate) session: String,
    pub(crate) number: u64,
}

#[cfg(feature = "webrtc")]
impl Reporter {
    /// Tells it.
    pub(crate) fn tell(&self, news: News) {
        (self.tell)(&self.session, self.number, news);
    }
}
