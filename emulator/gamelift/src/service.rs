//! The service as the program, game servers and tests call it.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use axum::{body::Body, http::Response};
use emulator_core::{
    clock::Clock,
    events::EventBus,
    faults::set::Faults,
    model::{error::ServiceError, exceptions::common::throttled_game_server},
    rate_limits::RateLimits,
    service::Shared,
    settings::Settings,
    wire::protocol::Protocol,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    operations::table::route,
    resources::server_process::ProcessId,
    state::{patience::Patience, whole::State},
};

/// Amazon GameLift Servers.
#[derive(Debug)]
pub struct GameLift {
    pub(crate) shared: Arc<Shared<State>>,
    /// Whether every well-formed fleet id names a fleet (`--lenient`).
    lenient: bool,
    /// The limits on the requests of game servers, if limits apply.
    rate_limits: Option<RateLimits>,
}

/// A state that was read from a file.
#[derive(Debug)]
pub struct SavedState(State);

impl GameLift {
    /// Creates the service with the resources of the settings.
    pub fn new(settings: &Settings, clock: Clock, faults: Faults, events: EventBus) -> Self {
        let mut state = State::new(settings, clock.now());
        state.faults = faults;
        state.events = events;
        state.patience = Patience::on(&clock);
        let rate_limits = settings.rate_limits.then(RateLimits::default);
        Self { shared: Arc::new(Shared::new(state, clock)), lenient: settings.lenient, rate_limits }
    }

    /// Answers a call of the operation `name`. An unknown name is answered with an error.
    pub fn answer(&self, name: &str, protocol: Protocol, body: &[u8]) -> Response<Body> {
        let Some(handler) = route(name) else {
            return protocol.error(&ServiceError::unknown_operation(name));
        };
        self.admit_fleets(protocol, body);
        handler(&self.shared, protocol, body)
    }

    /// Refuses a request of a game server that sends too many.
    ///
    /// # Errors
    /// `ThrottlingException`.
    pub fn admit_request(
        &self,
        process: &ProcessId,
        action: Option<&str>,
        player_session: Option<&str>,
    ) -> Result<(), ServiceError> {
        match (&self.rate_limits, action) {
            (Some(limits), Some(action))
                if !limits.admit_request(&process.0, action, player_session, self.shared.clock().now()) =>
            {
                Err(throttled_game_server())
            }
            _ => Ok(()),
        }
    }

    /// Makes the emulator's own UDP ping beacons those of AWS's locations.
    pub fn set_beacons(&self, beacons: BTreeMap<&'static str, u16>) {
        self.with_state(|state| state.beacons = beacons);
    }

    /// Lets everything happen that is due by now.
    pub fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Resets the state to the resources of the settings. Game servers are told to end.
    pub fn reset(&self, settings: &Settings) {
        self.shared.replace(|state| {
            state.end_everything();
            let mut fresh = State::new(settings, state.now);
            fresh.replace(state);
            *state = fresh;
        });
    }

    /// Returns the part of the state that a state file keeps.
    pub fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Decodes the text of a state file.
    ///
    /// # Errors
    /// The text is not a state, belongs to another Region or account, or contradicts itself.
    pub fn decode_state(&self, text: &str) -> Result<SavedState, String> {
        self.with_state(|state| state.decode(text)).map(SavedState)
    }

    /// Replaces the state with one from a state file.
    pub fn restore(&self, SavedState(saved): SavedState) {
        self.shared.replace(|state| state.restore(saved));
    }

    /// Runs until the service is dropped and lets everything due happen on time. Requests see the right state without
    /// the driver; game servers need it for timely pushes.
    pub fn driver(&self) -> impl Future<Output = ()> + use<> {
        self.shared.driver()
    }

    /// Runs `change` on the current state, after everything due has happened.
    pub(crate) fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.shared.with(change)
    }

    /// With `--lenient`, creates the fleets that a request names, before the request.
    fn admit_fleets(&self, protocol: Protocol, body: &[u8]) {
        if !self.lenient {
            return;
        }
        // The operation itself refuses a body that cannot be decoded.
        if let Ok(NamedFleets { fleet_id, fleet_ids }) = protocol.decode(body) {
            self.with_state(|state| fleet_ids.iter().chain(&fleet_id).for_each(|id| state.admit_fleet(id)));
        }
    }
}

/// The fleets that a request of any operation names.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NamedFleets {
    fleet_id: Option<String>,
    fleet_ids: Vec<String>,
}
