//! The service: what the program, game servers and tests call.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use axum::{body::Body, http::Response};
use emulator_core::{
    clock::Clock, events::EventBus, faults::set::Faults, model::error::ServiceError, rate_limits::RateLimits,
    service::Shared, settings::Settings, wire::protocol::Protocol,
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
    /// Whether any fleet id is a fleet.
    lenient: bool,
    /// Those of game servers' requests, if they hold.
    rate_limits: Option<RateLimits>,
}

/// A state that was read from a file.
#[derive(Debug)]
pub struct SavedState(State);

impl GameLift {
    /// With the resources of the settings.
    pub fn new(settings: &Settings, clock: Clock, faults: Faults, events: EventBus) -> Self {
        let mut state = State::new(settings, clock.now());
        state.faults = faults;
        state.events = events;
        state.patience = Patience::on(&clock);
        let rate_limits = settings.rate_limits.then(RateLimits::default);
        Self { shared: Arc::new(Shared::new(state, clock)), lenient: settings.lenient, rate_limits }
    }

    /// Answers a call of the operation `name`, or that there is none of this name.
    pub fn answer(&self, name: &str, protocol: Protocol, body: &[u8]) -> Response<Body> {
        let Some(handler) = route(name) else {
            return protocol.error(&ServiceError::unknown_operation(name));
        };
        self.admit_fleets(protocol, body);
        handler(&self.shared, protocol, body)
    }

    /// Refuses a request of a game server that makes too many.
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
                Err(ServiceError::new("ThrottlingException", 429, "Rate exceeded"))
            }
            _ => Ok(()),
        }
    }

    /// From now on the emulator's own beacons are those of AWS's locations.
    pub fn set_beacons(&self, beacons: BTreeMap<&'static str, u16>) {
        self.with_state(|state| state.beacons = beacons);
    }

    /// Lets everything happen that is due by now.
    pub fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Forgets everything but the resources of the settings. Game servers are told to end.
    pub fn reset(&self, settings: &Settings) {
        self.shared.replace(|state| {
            state.end_everything();
            let mut fresh = State::new(settings, state.now);
            fresh.replace(state);
            *state = fresh;
        });
    }

    /// What a state file keeps.
    pub fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Reads what a state file kept.
    ///
    /// # Errors
    /// It is no state, one of another Region or account, or one that no emulator can have come to.
    pub fn decode_state(&self, text: &str) -> Result<SavedState, String> {
        self.with_state(|state| state.decode(text)).map(SavedState)
    }

    /// Turns into what a state file kept.
    pub fn restore(&self, SavedState(saved): SavedState) {
        self.shared.replace(|state| state.restore(saved));
    }

    /// Lets what is due happen when it is due, until the service is gone. Requests see the right
    /// state without this too; it is for the game servers, which are told things.
    pub fn driver(&self) -> impl Future<Output = ()> + use<> {
        self.shared.driver()
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    pub(crate) fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.shared.with(change)
    }

    /// Before a request: with `--lenient`, the fleets that it names exist.
    fn admit_fleets(&self, protocol: Protocol, body: &[u8]) {
        if !self.lenient {
            return;
        }
        // What cannot be read is the operation's to refuse.
        if let Ok(NamedFleets { fleet_id, fleet_ids }) = protocol.decode(body) {
            self.with_state(|state| fleet_ids.iter().chain(&fleet_id).for_each(|id| state.admit_fleet(id)));
        }
    }
}

/// The fleets that a request names, whatever its operation.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NamedFleets {
    fleet_id: Option<String>,
    fleet_ids: Vec<String>,
}
