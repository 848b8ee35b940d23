//! The service: its state, and the clock that times the state's changes.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Weak},
};

use axum::Router;
use emulator_core::{clock::Clock, faults::Faults, service::Shared, settings::Settings};
use serde_json::Value;

use crate::{
    operations::table::routes,
    state::{saved::SavedState, whole::State},
    webrtc::{Peers, news::Tell},
};

/// Amazon GameLift Streams: applications, stream groups and stream sessions.
pub struct Streams {
    shared: Arc<Shared<State>>,
}

impl Streams {
    /// Creates the service with the resources of the settings.
    pub fn new(settings: &Settings, clock: Clock, faults: Faults) -> Self {
        let shared = Arc::new_cyclic(|this| {
            let peers = Peers::new(tell(Weak::clone(this)), settings.host());
            Shared::new(State::new(settings, clock.now(), faults, peers), clock)
        });
        Self { shared }
    }

    /// Returns the routes of all operations.
    pub fn router(&self) -> Router {
        routes().with_state(Arc::clone(&self.shared))
    }

    /// Runs until the service is dropped and lets everything due happen on time. Calls see the right state without the
    /// driver; connected clients need it, because their connections end with their sessions.
    pub fn driver(&self) -> impl Future<Output = ()> + use<> {
        self.shared.driver()
    }

    /// Lets everything happen that is due by now.
    pub fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Resets the state to the resources of the settings; stream sessions are forgotten.
    pub fn reset(&self, settings: &Settings) {
        self.shared
            .replace(|state| *state = State::new(settings, state.now, state.faults.clone(), state.peers.emptied()));
    }

    /// Returns the part of the state that a state file keeps.
    pub fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Decodes the text of a state file.
    ///
    /// # Errors
    /// The text is not a state of this version; the error says why.
    pub fn decode_state(&self, text: &str) -> Result<SavedState, String> {
        self.with_state(|state| state.decode(text))
    }

    /// Replaces the state with one from a state file.
    pub fn restore(&self, saved: SavedState) {
        self.shared.replace(|state| state.restore(saved));
    }

    /// Runs `change` on the current state, after everything due has happened.
    pub(crate) fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.shared.with(change)
    }
}

/// Returns the receiver of WebRTC peers' news. It does nothing once the service is dropped.
fn tell(service: Weak<Shared<State>>) -> Tell {
    Arc::new(move |session, peer, news| {
        if let Some(service) = service.upgrade() {
            service.with(|state| state.client_news(session, peer, news));
        }
    })
}

/// Leaves out the state: it holds signal requests and launch arguments, which must not be logged.
impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("clock", self.shared.clock()).finish_non_exhaustive()
    }
}
