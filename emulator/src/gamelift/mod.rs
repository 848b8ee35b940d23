//! The rules of Amazon GameLift Servers, free of any wire format.
//!
//! `operations/` holds one file per API operation. An operation is a function from its input and
//! the `State` to its output or a [`ServiceError`]; both protocols call it through `route`.
//! `processes` is the other side: what a game server does. Both change the state only through the
//! functions in `state/`.

#[cfg(test)]
mod game_server_invariants;
mod game_server_views;
mod instances;
#[cfg(test)]
mod invariants;
mod operations;
mod processes;
mod search;
mod snapshot;
mod state;
mod types;
mod views;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, http::Response};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::Notify;

pub(crate) use self::state::Order;
use self::state::{Patience, State};
pub use self::{
    processes::{ConnectRequest, HostedGameSession, ProcessConnection, ServerPush},
    state::{InstanceStatus, PlayerSessionCreationPolicy, ProcessId},
};
pub use emulator_core::model::gamelift_rules as rules;
pub(crate) use emulator_core::model::{aws_locations, exceptions::gamelift as exceptions};

use crate::{
    Clock, ServiceError, Settings, events::EventBus, faults::Faults, rate_limits::RateLimits, wire::protocol::Protocol,
};

/// The service: its state behind one lock, and the clock that state changes are timed by.
#[derive(Debug)]
pub struct GameLift {
    state: Mutex<State>,
    clock: Clock,
    /// Whether any fleet id is a fleet.
    lenient: bool,
    /// Those of game servers' requests, if they hold.
    rate_limits: Option<RateLimits>,
    /// Wakes [`GameLift::driver`]: something is due earlier than it knew, or the service is gone.
    timers_changed: Arc<Notify>,
}

impl Drop for GameLift {
    fn drop(&mut self) {
        self.timers_changed.notify_one();
    }
}

/// A state that was read from a file.
pub(crate) struct SavedState(State);

/// One operation of the GameLift API.
trait Operation {
    /// The name in the API model, for example `ListFleets`.
    const NAME: &'static str;
    /// Its members carry the model's constraints; a violation is an `InvalidRequestException`.
    type Input: DeserializeOwned + garde::Validate<Context = ()>;
    type Output: Serialize;

    /// Runs on a valid input. Everything due by `state.now` has happened.
    fn run(state: &mut State, input: Self::Input) -> Result<Self::Output, ServiceError>;
}

/// A request for an operation whose protocol and name are known.
pub(crate) type Handler = fn(&GameLift, Protocol, &[u8]) -> Response<Body>;

/// The handler of the operation `name`, if the emulator has it.
pub(crate) fn route(name: &str) -> Option<Handler> {
    operations::TABLE.iter().find(|(operation, _)| *operation == name).map(|(_, handler)| *handler)
}

impl GameLift {
    pub(crate) fn new(settings: &Settings, clock: Clock, faults: Faults, events: EventBus) -> Self {
        let mut state = State::new(settings, clock.now());
        state.faults = faults;
        state.events = events;
        state.patience = Patience::on(&clock);
        let rate_limits = settings.rate_limits.then(RateLimits::default);
        let lenient = settings.lenient;
        Self { state: Mutex::new(state), clock, lenient, rate_limits, timers_changed: Arc::default() }
    }

    /// Refuses a request of a game server that makes too many.
    pub(crate) fn admit_request(
        &self,
        process: &ProcessId,
        action: Option<&str>,
        player_session: Option<&str>,
    ) -> Result<(), ServiceError> {
        match (&self.rate_limits, action) {
            (Some(limits), Some(action))
                if !limits.admit_request(&process.0, action, player_session, self.clock.now()) =>
            {
                Err(ServiceError::new("ThrottlingException", 429, "Rate exceeded"))
            }
            _ => Ok(()),
        }
    }

    /// From now on the emulator's own beacons are those of AWS's locations.
    pub(crate) fn set_beacons(&self, beacons: BTreeMap<&'static str, u16>) {
        self.with_state(|state| state.beacons = beacons);
    }

    /// Lets everything happen that is due by now.
    pub(crate) fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Forgets everything but the resources of the settings. Game servers are told to end.
    pub(crate) fn reset(&self, settings: &Settings) {
        self.with_state(|state| {
            state.end_everything();
            let mut fresh = State::new(settings, state.now);
            fresh.replace(state);
            *state = fresh;
        });
        // The fresh state's timers are not those that the driver waits for.
        self.timers_changed.notify_one();
    }

    /// What a state file keeps.
    pub(crate) fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Reads what a state file kept.
    pub(crate) fn decode_state(&self, text: &str) -> Result<SavedState, String> {
        self.with_state(|state| state.decode(text)).map(SavedState)
    }

    /// Turns into what a state file kept.
    pub(crate) fn restore(&self, SavedState(saved): SavedState) {
        self.with_state(|state| state.restore(saved));
        self.timers_changed.notify_one();
    }

    /// Lets what is due happen when it is due, until the service is gone. Requests see the right
    /// state without this too; it is for the game servers, which are told things.
    pub(crate) fn driver(self: &Arc<Self>) -> impl Future<Output = ()> + use<> {
        let (service, clock) = (Arc::downgrade(self), self.clock.clone());
        let timers_changed = Arc::clone(&self.timers_changed);
        async move {
            while let Some(next_due) = service.upgrade().map(|service| service.with_state(|state| state.next_due())) {
                let due = async {
                    match next_due {
                        Some(due) => clock.sleep_until(due).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = due => {}
                    () = timers_changed.notified() => {}
                }
            }
        }
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // A panic in an operation is a bug, but the next request should still be answered.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // In this order, a step in between makes heartbeats due too late, never too early.
        let now = self.clock.now();
        state.forgive_steps(self.clock.stepped());
        state.run_until(now);
        let due_before = state.next_due();
        let result = change(&mut state);
        // The driver knows of what was due before. `None` is later than everything.
        if state.next_due().is_some_and(|due| due_before.is_none_or(|before| due < before)) {
            self.timers_changed.notify_one();
        }
        result
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

    /// Validates `input` and runs the operation `O` on it.
    fn run<O: Operation>(&self, input: O::Input) -> Result<O::Output, ServiceError> {
        garde::Validate::validate(&input).map_err(|report| exceptions::constraints_violated(&report))?;
        self.with_state(|state| O::run(state, input))
    }
}

/// The fleets that a request names, whatever its operation.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NamedFleets {
    fleet_id: Option<String>,
    fleet_ids: Vec<String>,
}

/// Decodes, validates, runs and encodes the operation `O`.
fn serve<O: Operation>(gamelift: &GameLift, protocol: Protocol, body: &[u8]) -> Response<Body> {
    gamelift.admit_fleets(protocol, body);
    match protocol.decode::<O::Input>(body).and_then(|input| gamelift.run::<O>(input)) {
        Ok(output) => protocol.success(&output),
        Err(error) => {
            // What is wrong with the input is said in its words, which are the caller's business alone.
            tracing::info!(operation = O::NAME, exception = error.exception, "refused");
            protocol.error(&error)
        }
    }
}
