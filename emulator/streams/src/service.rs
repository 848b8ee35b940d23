//! The service: its state, and the clock that changes of the state are timed by.

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
    /// The service with what the settings say exists.
    pub fn new(settings: &Settings, clock: Clock, faults: Faults) -> Self {
        let shared = Arc::new_cyclic(|this| {
            let peers = Peers::new(tell(Weak::clone(this)), settings.host());
            Shared::new(State::new(settings, clock.now(), faults, peers), clock)
        });
        Self { shared }
    }

    /// All operations over HTTP.
    pub fn router(&self) -> Router {
        routes().with_state(Arc::clone(&self.shared))
    }

    /// Lets what is due happen when it is due, until the service is gone. Calls see the right state
    /// without this too; it is for connected clients, whose connections end with their sessions.
    pub fn driver(&self) -> impl Future<Output = ()> + use<> {
        self.shared.driver()
    }

    /// Lets everything happen that is due by now.
    pub fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Forgets all stream sessions.
    pub fn reset(&self, settings: &Settings) {
        self.shared.replace(|state| *state = State::new(settings, state.now, state.faults.clone(), state.peers.anew()));
    }

    /// What a state file keeps.
    pub fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Reads what a state file kept.
    ///
    /// # Errors
    /// It is not what an emulator of this version keeps; says why.
    pub fn decode_state(&self, text: &str) -> Result<SavedState, String> {
        self.with_state(|state| state.decode(text))
    }

    /// Turns into what a state file kept.
    pub fn restore(&self, saved: SavedState) {
        self.shared.replace(|state| state.restore(saved));
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    pub(crate) fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.shared.with(change)
    }
}

/// Takes the news of WebRTC peers, as long as the service is there.
fn tell(service: Weak<Shared<State>>) -> Tell {
    Arc::new(move |session, peer, news| {
        if let Some(service) = service.upgrade() {
            service.with(|state| state.client_news(session, peer, news));
        }
    })
}

/// Without the state: it holds signal requests and launch arguments, which must not reach a log.
impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("clock", self.shared.clock()).finish_non_exhaustive()
    }
}
