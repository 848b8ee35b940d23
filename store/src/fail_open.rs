//! What a store that fails may cost a player: a moment, and a limit that does not hold.

use std::time::Duration;

use shared::{
    Error,
    deadline::{Deadline, within},
    watch::watched,
};

/// How long a call waits for the store if it can go on without it. DynamoDB answers within some 10 ms.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// What the store says, if it says so within [`PATIENCE`]. Otherwise the caller goes on without it, which the log
/// counts: `what` names what was asked for, such as `limit`. For limits of a player ([`Store::pass`](crate::Store::pass),
/// [`Store::hold`](crate::Store::hold)) and all else that protects nothing but fairness.
pub async fn fail_open<T>(what: &'static str, call: impl Future<Output = Result<T, Error>>) -> Option<T> {
    fail_open_within(PATIENCE, what, call).await
}

/// [`fail_open`] with more patience, where it costs GameLift something to go on without the store.
pub async fn fail_open_within<T>(
    patience: Duration,
    what: &'static str,
    call: impl Future<Output = Result<T, Error>>,
) -> Option<T> {
    // Watched by itself: a failure of the store is not the reason for what GameLift fails to do later in the request.
    let answer = watched(within(Deadline::after(patience), call)).await;
    let report = |error: &Error| tracing::warn!(what, code = error.code().as_str(), "went on without the store");
    answer.inspect_err(report).ok()
}
