//! The rules of Amazon GameLift Streams, free of any wire format.
//!
//! - `operations/` holds one file per API operation: a function from its input and the state to
//!   its output or a [`ServiceError`];
//! - `state/` is what exists, and the state machine of a stream session with its timers;
//! - `signal` writes the WebRTC answer;
//! - [`Streams`] also has what no API call can do: a client connects, an application exits.
//!
//! What AWS does not document is marked "inferred" where it is decided.

mod compute;
mod operations;
mod outside;
mod signal;
mod state;
mod types;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Query, State as Shared, rejection::PathRejection},
    http::Response,
    routing::MethodFilter,
};
use serde::{Serialize, de::DeserializeOwned};

pub use self::{compute::Compute, state::StatusReason};
use self::{state::State, types::validation};
use crate::{Clock, ServiceError, Settings, wire::rest_json};

/// The service: its state behind one lock, and the clock that state changes are timed by.
pub struct Streams {
    state: Mutex<State>,
    clock: Clock,
}

/// One operation of the GameLift Streams API.
pub(crate) trait Operation: 'static {
    /// The name in the API model, for example `GetStreamSession`.
    const NAME: &'static str;
    const METHOD: MethodFilter;
    /// The labels are named as in the API model.
    const PATH: &'static str;
    /// The HTTP status of success.
    const STATUS: u16;
    /// Its members carry the model's constraints; a violation is a `ValidationException`.
    type Input: DeserializeOwned + garde::Validate<Context = ()>;
    type Output: Serialize;

    /// Runs on a valid input. Everything due by `state.now` has happened.
    fn run(state: &mut State, input: Self::Input) -> Result<Self::Output, ServiceError>;
}

/// The routes of every operation the emulator has.
pub(crate) fn router(streams: Arc<Streams>) -> Router {
    operations::routes().with_state(streams)
}

impl Streams {
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
}

/// Without the state: it holds signal requests and launch arguments, which must not reach a log.
impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Decodes, validates, runs and encodes the operation `O`.
async fn serve<O: Operation>(
    Shared(streams): Shared<Arc<Streams>>,
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response<Body> {
    match run::<O>(&streams, labels, query, &body) {
        Ok(output) => rest_json::success(O::STATUS, &output),
        Err(error) => {
            // Without the message: that of an undecodable member quotes it, a launch argument say.
            tracing::info!(operation = O::NAME, exception = error.exception, "refused");
            rest_json::error(&error)
        }
    }
}

fn run<O: Operation>(
    streams: &Streams,
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    query: BTreeMap<String, String>,
    body: &[u8],
) -> Result<O::Output, ServiceError> {
    // A label that is not UTF-8 matches no identifier's pattern.
    let Path(labels) = labels.map_err(|rejection| validation(rejection.body_text()))?;
    let input: O::Input = rest_json::decode(labels, query, body)?;
    garde::Validate::validate(&input).map_err(|report| validation(report.to_string().trim_end()))?;
    streams.with_state(|state| O::run(state, input))
}
