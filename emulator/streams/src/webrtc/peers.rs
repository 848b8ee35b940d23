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

/// How many peers run at once, those included that are saying goodbye.
const MAX_PEERS: usize = 256;

/// The peers of all sessions.
pub(crate) struct Peers {
    /// Whom they tell their news.
    tell: Tell,
    /// The host candidate: where clients find a peer.
    host: IpAddr,
    permits: Arc<Semaphore>,
    /// By the id of the session.
    current: BTreeMap<String, Current>,
    next_number: u64,
}

/// The newest peer of a session. It is cut off when this is dropped.
struct Current {
    number: u64,
    stop: oneshot::Sender<Farewell>,
}

impl Peers {
    pub(crate) fn new(tell: Tell, host: IpAddr) -> Self {
        let permits = Arc::new(Semaphore::new(MAX_PEERS));
        Self { tell, host, permits, current: BTreeMap::new(), next_number: 0 }
    }

    /// The same without any peer, for other sessions.
    pub(crate) fn anew(&self) -> Self {
        Self { tell: Arc::clone(&self.tell), permits: Arc::clone(&self.permits), current: BTreeMap::new(), ..*self }
    }

    /// The answer of a new peer, which takes the place of the session's. None if the offer is not one
    /// that a client can connect with, or there are too many peers.
    pub(crate) fn answer(&mut self, session: &str, offer: &str) -> Option<String> {
        // Only a session without a runtime has nobody to run a peer.
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

    /// Lets the session's peer, if it has one, say goodbye.
    pub(crate) fn remove(&mut self, session: &str, farewell: Farewell) {
        if let Some(current) = self.current.remove(session) {
            // A peer that has ended hears nothing.
            let _ = current.stop.send(farewell);
        }
    }

    /// Whether this peer is still the session's.
    pub(crate) fn is_current(&self, session: &str, number: u64) -> bool {
        self.current.get(session).is_some_and(|current| current.number == number)
    }

    /// How many run, those included that are saying goodbye.
    pub(crate) fn count(&self) -> usize {
        MAX_PEERS - self.permits.available_permits()
    }
}
