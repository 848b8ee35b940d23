//! The WebRTC peers of all sessions.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
};

use super::{
    negotiation,
    news::{Farewell, Reporter, Tell},
    peer::Peer,
};

/// The most peers at once, including those that are sending a farewell.
const MAX_PEERS: usize = 256;

/// The peers of all sessions.
pub(crate) struct Peers {
    /// The receiver of their reports.
    tell: Tell,
    /// The host candidate: the address at which clients reach a peer.
    host: IpAddr,
    permits: Arc<Semaphore>,
    /// The peers by the id of their session.
    current: BTreeMap<String, Current>,
    next_number: u64,
}

/// The newest peer of a session. Dropping this cuts the peer off.
struct Current {
    number: u64,
    stop: oneshot::Sender<Farewell>,
}

impl Peers {
    pub(crate) fn new(tell: Tell, host: IpAddr) -> Self {
        let permits = Arc::new(Semaphore::new(MAX_PEERS));
        Self { tell, host, permits, current: BTreeMap::new(), next_number: 0 }
    }

    /// Returns the same without any peers, for a new state.
    pub(crate) fn emptied(&self) -> Self {
        Self { tell: Arc::clone(&self.tell), permits: Arc::clone(&self.permits), current: BTreeMap::new(), ..*self }
    }

    /// Returns the answer of a new peer, which replaces the session's. Returns `None` if a client cannot connect with
    /// the offer, or if there are too many peers.
    pub(crate) fn answer(&mut self, session: &str, offer: &str) -> Option<String> {
        // Without a runtime, no task can run a peer.
        let runtime = Handle::try_current().ok()?;
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            tracing::warn!(session, limit = MAX_PEERS, "too many WebRTC peers: this client cannot connect");
            return None;
        };
        let negotiated = negotiation::answer(offer, self.host);
        let (answer, connection) =
            negotiated.inspect_err(|error| tracing::debug!(session, error, "no WebRTC peer")).ok()?;
        let number = self.next_number;
        self.next_number += 1;
        let reporter = Reporter { tell: Arc::clone(&self.tell), session: session.to_owned(), number };
        let (stop, stopped) = oneshot::channel();
        let peer = Peer::new(connection, reporter);
        runtime.spawn(async move {
            peer.run(stopped).await;
            drop(permit);
        });
        self.current.insert(session.to_owned(), Current { number, stop });
        Some(answer)
    }

    /// Ends the session's peer, if it has one, with this farewell.
    pub(crate) fn remove(&mut self, session: &str, farewell: Farewell) {
        if let Some(current) = self.current.remove(session) {
            // A peer that has ended gets nothing.
            let _ = current.stop.send(farewell);
        }
    }

    /// Whether this peer is still the session's.
    pub(crate) fn is_current(&self, session: &str, number: u64) -> bool {
        self.current.get(session).is_some_and(|current| current.number == number)
    }

    /// Returns the number of running peers, including those that are sending a farewell.
    pub(crate) fn count(&self) -> usize {
        MAX_PEERS - self.permits.available_permits()
    }
}
