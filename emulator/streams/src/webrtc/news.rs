//! The reports of a peer to the service, and its last message to the client.

use std::sync::Arc;

/// A report of a peer about its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "webrtc"), expect(dead_code, reason = "without peers there are no news"))]
pub(crate) enum News {
    /// ICE and DTLS are up.
    Connected,
    /// The user sent input: data arrived on the channel for input.
    Input,
    /// The client closed the connection, or was silent for too long.
    Lost,
}

/// The last message of a peer to its client, as the Web SDK's `serverDisconnect` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// The session continues without this connection: no message is sent.
    CutOff,
    /// The session has ended.
    Terminated,
    /// The session has ended because of missing user input.
    Idle,
}

/// The receiver of reports: gets the session's id, the peer's number and the report.
pub(crate) type Tell = Arc<dyn Fn(&str, u64, News) + Send + Sync>;

/// The way of a peer's reports to the service.
#[cfg(feature = "webrtc")]
pub(crate) struct Reporter {
    pub(crate) tell: Tell,
    pub(crate) session: String,
    pub(crate) number: u64,
}

#[cfg(feature = "webrtc")]
impl Reporter {
    /// Sends a report.
    pub(crate) fn tell(&self, news: News) {
        (self.tell)(&self.session, self.number, news);
    }
}
