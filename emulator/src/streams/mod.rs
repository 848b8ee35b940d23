//! The rules of Amazon GameLift Streams, free of any wire format.
//!
//! - `operations/` holds one file per API operation: a function from its input and the state to
//!   its output or a [`ServiceError`];
//! - `state/` is what exists, and the state machine of a stream session with its timers;
//! - `signal` reads the WebRTC offer and writes an answer with nothing behind it; with the feature
//!   `webrtc`, the module of that name writes one with a connection behind it;
//! - [`Streams`] also has what no API call can do: a client connects, an application exits.
//!
//! What AWS does not document is marked "inferred" where it is decided.

mod admin;
mod described;
mod operations;
mod outside;
mod signal;
mod state;
mod types;
#[cfg(feature = "webrtc")]
mod webrtc;
#[cfg(not(feature = "webrtc"))]
#[path = "without_webrtc.rs"]
mod webrtc;

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Query, State as Shared, rejection::PathRejection},
    http::{Method, Response},
    routing::MethodFilter,
};
pub use emulator_core::model::{
    stream_compute::Compute,
    stream_rules as rules,
    streams::{RuntimeType, StatusReason, StreamClass},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::Notify;

pub(crate) use self::state::Saved;
use self::{
    described::{ApplicationDescription, GroupDescription},
    state::State,
    types::{Description, validation},
    webrtc::Peers,
};
use crate::{Clock, ServiceError, Settings, faults::Faults, wire::rest_json};

/// Members of a session that its description in the API has and a snapshot has not.
const SECRETS: [&str; 4] =
    ["SignalRequest", "SignalResponse", "AdditionalLaunchArgs", "AdditionalEnvironmentVariables"];

/// The service: its state behind one lock, and the clock that state changes are timed by.
pub struct Streams {
    state: Mutex<State>,
    clock: Clock,
    /// Wakes [`Streams::driver`]: something is due earlier than it knew, or the service is gone.
    timers_changed: Arc<Notify>,
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

/// The operation that is called with this method and path, if the emulator has it.
pub(crate) fn operation_at(method: &Method, path: &str) -> Option<&'static str> {
    let method = MethodFilter::try_from(method.clone()).ok()?;
    let fits = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(part, given)| part.starts_with('{') || part == given)
    };
    operations::TABLE.iter().find(|(by, pattern, _)| *by == method && fits(pattern)).map(|(.., name)| *name)
}

impl Streams {
    pub(crate) fn new(settings: &Settings, clock: Clock, faults: Faults) -> Arc<Self> {
        Arc::new_cyclic(|this| {
            let peers = Peers::new(Weak::clone(this), settings.host());
            let state = State::new(settings, clock.now(), faults, peers);
            Self { state: Mutex::new(state), clock, timers_changed: Arc::default() }
        })
    }

    /// Lets what is due happen when it is due, until the service is gone. Calls see the right state
    /// without this too; it is for connected clients, whose connections end with their sessions.
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

    /// Lets everything happen that is due by now.
    pub(crate) fn settle(&self) {
        self.with_state(|_| ());
    }

    /// Forgets all stream sessions.
    pub(crate) fn reset(&self, settings: &Settings) {
        self.with_state(|state| *state = State::new(settings, state.now, state.faults.clone(), state.peers.anew()));
    }

    /// What a state file keeps.
    pub(crate) fn encode_state(&self) -> Value {
        self.with_state(|state| state.encode())
    }

    /// Reads what a state file kept.
    pub(crate) fn decode_state(&self, text: &str) -> Result<Saved, String> {
        self.with_state(|state| state.decode(text))
    }

    /// Turns into what a state file kept.
    pub(crate) fn restore(&self, saved: Saved) {
        self.with_state(|state| state.restore(saved));
    }

    /// Everything there is, as the API describes it, but for what may be secret.
    pub(crate) fn snapshot(&self) -> Value {
        self.with_state(|state| {
            let sessions: Vec<_> = state
                .sessions
                .values()
                .map(|session| {
                    let mut session = json!(Description::new(state, session));
                    for secret in SECRETS {
                        if let Some(value) = session.get_mut(secret) {
                            *value = "redacted".into();
                        }
                    }
                    session
                })
                .collect();
            let applications = state.applications.values().map(|it| json!(ApplicationDescription::new(state, it)));
            let groups = state.groups.values().map(|group| json!(GroupDescription::new(state, group)));
            json!({
                "applications": applications.collect::<Vec<_>>(),
                "stream_groups": groups.collect::<Vec<_>>(),
                "stream_sessions": sessions,
                "webrtc_peers": state.peers.count(),
            })
        })
    }

    /// The result of the operation `O`, and when it answers if not at once.
    fn run<O: Operation>(
        &self,
        labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
        query: Vec<(String, String)>,
        body: &[u8],
    ) -> (Result<O::Output, ServiceError>, Option<Timestamp>) {
        match read::<O>(labels, query, body) {
            Ok(input) => self.with_state(|state| (O::run(state, input), state.answer_at.take())),
            Err(error) => (Err(error), None),
        }
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // A panic in an operation is a bug, but the next request should still be answered.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.run_until(self.clock.now());
        let due_before = state.next_due();
        let result = change(&mut state);
        // The driver knows of what was due before. `None` is later than everything.
        if state.next_due().is_some_and(|due| due_before.is_none_or(|before| due < before)) {
            self.timers_changed.notify_one();
        }
        result
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.timers_changed.notify_one();
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
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Response<Body> {
    let (result, answer_at) = streams.run::<O>(labels, query, &body);
    if let Some(answer_at) = answer_at {
        streams.clock.sleep_until(answer_at).await;
    }
    match result {
        Ok(output) => rest_json::success(O::STATUS, &output),
        Err(error) => {
            // Without the message: that of an undecodable member quotes it, a launch argument say.
            tracing::info!(operation = O::NAME, exception = error.exception, "refused");
            rest_json::error(&error)
        }
    }
}

/// Decodes and validates the input of the operation `O`.
fn read<O: Operation>(
    labels: Result<Path<BTreeMap<String, String>>, PathRejection>,
    query: Vec<(String, String)>,
    body: &[u8],
) -> Result<O::Input, ServiceError> {
    // A label that is not UTF-8 matches no identifier's pattern.
    let Path(labels) = labels.map_err(|rejection| validation(rejection.body_text()))?;
    let input: O::Input = rest_json::decode(labels, query, body)?;
    garde::Validate::validate(&input).map_err(|report| validation(report.to_string().trim_end()))?;
    Ok(input)
}
