//! The rules of Amazon GameLift Servers, free of any wire format.
//!
//! `operations/` holds one file per API operation. An operation is a function from its input and
//! the `State` to its output or a [`ServiceError`]; both protocols call it through `route`.
//! `processes` is the other side: what a game server does. Both change the state only through the
//! functions in `state/`.

mod exceptions;
#[cfg(test)]
mod invariants;
mod operations;
mod processes;
mod search;
mod state;
mod types;
mod views;

use std::sync::{Mutex, PoisonError};

use axum::{body::Body, http::Response};
use serde::{Serialize, de::DeserializeOwned};

use self::state::State;
pub use self::{
    processes::{ProcessConnection, ServerPush},
    state::{PlayerSessionCreationPolicy, ProcessId},
};
use crate::{Clock, ServiceError, Settings, wire::Protocol};

/// The service: its state behind one lock, and the clock that state changes are timed by.
#[derive(Debug)]
pub struct GameLift {
    state: Mutex<State>,
    clock: Clock,
}

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
    pub(crate) fn new(settings: &Settings, clock: Clock) -> Self {
        Self { state: Mutex::new(State::new(settings, clock.now())), clock }
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // A panic in an operation is a bug, but the next request should still be answered.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.run_until(self.clock.now());
        change(&mut state)
    }

    /// Validates `input` and runs the operation `O` on it.
    fn run<O: Operation>(&self, input: O::Input) -> Result<O::Output, ServiceError> {
        garde::Validate::validate(&input).map_err(|report| exceptions::constraints_violated(&report))?;
        self.with_state(|state| O::run(state, input))
    }
}

/// Decodes, validates, runs and encodes the operation `O`.
fn serve<O: Operation>(gamelift: &GameLift, protocol: Protocol, body: &[u8]) -> Response<Body> {
    match protocol.decode::<O::Input>(body).and_then(|input| gamelift.run::<O>(input)) {
        Ok(output) => protocol.success(&output),
        Err(error) => {
            tracing::info!(operation = O::NAME, exception = error.exception, "{}", error.message);
            protocol.error(&error)
        }
    }
}
