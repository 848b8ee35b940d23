//! What has come of the calls to AWS that a request has made so far, tries that the SDK repeats by itself
//! included. A call that the time budget cuts off has no result of its own; what its error says is known from
//! here, and not guessed.

use std::{cell::RefCell, pin::pin, time::Duration};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeTransmitInterceptorContextRef, Error as OperationError, FinalizerInterceptorContextRef},
            dyn_dispatch_hint,
        },
        orchestrator::{Metadata, OrchestratorError},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{config_bag::ConfigBag, error::ErrorMetadata};
use tokio::time::{Instant, timeout_at};

use super::{Came, Operation, failure, root_cause, was_tried};
use crate::error::{Code, Error, Upstream};

/// Less time than this is none for a call.
const BRIEF: Duration = Duration::from_millis(250);

/// What stands in for AWS's words where none came.
const UNANSWERED: &str = "No answer came in the time that the call had left.";

/// What a request has seen of its calls.
#[derive(Debug, Default)]
struct Seen {
    /// How many scopes there have been.
    scopes: u32,
    /// What AWS has been asked and has not answered yet, with the scopes it is in. Calls run side by side.
    under_way: Vec<(Vec<u32>, Operation)>,
    /// How the last try ended, if it failed for a passing reason.
    failure: Option<Error>,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
    /// The scopes of [`until`] that a call is in, the outermost first.
    static SCOPES: Vec<u32>;
}

/// Runs a request's call, and remembers what comes of its calls to AWS.
pub(crate) async fn watched<T>(call: impl Future<Output = T>) -> T {
    SEEN.scope(RefCell::default(), call).await
}

/// Runs `call` until `deadline`, for which it has `time`.
///
/// # Errors
/// What is known of a call that is cut off.
pub(crate) async fn until<T>(deadline: Instant, time: Duration, call: impl Future<Output = T>) -> Result<T, Error> {
    let scope = Scope::enter();
    let scopes = [scopes(), vec![scope.0]].concat();
    // It has to be there still when it is asked what is under way.
    let call = pin!(SCOPES.scope(scopes, call));
    timeout_at(deadline, call).await.map_err(|_| scope.cut_off(time))
}

/// The last failure, where there is no time to ask again.
pub(crate) fn last_failure() -> Option<Error> {
    SEEN.try_with(|seen| seen.borrow().failure.clone()).ok().flatten()
}

/// One use of [`until`]. At its end nothing in it is under way any more, dropped calls included.
struct Scope(u32);

impl Scope {
    fn enter() -> Self {
        let number = SEEN.try_with(|seen| {
            let mut seen = seen.borrow_mut();
            seen.scopes += 1;
            seen.scopes
        });
        Self(number.unwrap_or_default())
    }

    /// The error of a call that had `time`, and was cut off.
    fn cut_off(&self, time: Duration) -> Error {
        let (under_way, failure) = SEEN
            .try_with(|seen| {
                let seen = seen.borrow();
                let own = seen.under_way.iter().rfind(|(scopes, _)| scopes.contains(&self.0));
                (own.map(|(_, operation)| *operation), seen.failure.clone())
            })
            .unwrap_or_default();
        match (under_way, failure) {
            // Nobody knows what becomes of what is under way: the code says so, whatever went before.
            (Some(operation), Some(failure))
                if !is_unanswered(&failure) && (time < BRIEF || is_of(&failure, operation)) =>
            {
                failed_until_the_end(failure)
            }
            (Some(operation), _) => {
                let error = not_answered(operation, time);
                let _ = SEEN.try_with(|seen| seen.borrow_mut().failure = Some(error.clone()));
                error
            }
            (None, Some(failure)) => failure,
            (None, None) => {
                Error::new(Code::UpstreamUnavailable, "The call's time budget was over before AWS was done. Try again.")
            }
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let _ = SEEN.try_with(|seen| seen.borrow_mut().under_way.retain(|(scopes, _)| !scopes.contains(&self.0)));
    }
}

fn is_of(failure: &Error, operation: Operation) -> bool {
    failure.upstream().is_some_and(|upstream| upstream.operation == operation.name())
}

fn is_unanswered(failure: &Error) -> bool {
    failure.upstream().is_some_and(|upstream| upstream.message == UNANSWERED)
}

fn failed_until_the_end(failure: Error) -> Error {
    let Some(upstream) = failure.upstream() else { return failure };
    let how = match &upstream.exception {
        Some(exception) => format!("AWS answered {} with {exception}", upstream.operation),
        None => format!("{} failed", upstream.operation),
    };
    let detail = format!("{how} until the call's time budget was over. Try again.");
    failure.with_code(Code::UpstreamUnavailable, detail)
}

fn not_answered(operation: Operation, time: Duration) -> Error {
    let name = operation.name();
    let detail = if time < BRIEF {
        format!("There was no time left for {name}: the call's time budget was over. Try again.")
    } else {
        format!("AWS has not answered {name} before the call's time budget was over. Try again.")
    };
    Error::new(Code::UpstreamUnavailable, detail).with_upstream(Upstream {
        operation: name,
        exception: None,
        message: UNANSWERED.to_owned(),
        request_id: None,
    })
}

/// Sees every try of every call that a client makes.
#[derive(Debug)]
pub(crate) struct Watch;

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(operation) = operation(config) else { return Ok(()) };
        sent(operation);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(operation) = operation(config) else { return Ok(()) };
        let status = context.response().map(|response| response.status().as_u16());
        let failure = match context.output_or_error() {
            Some(Err(error)) => Some(of_attempt(operation, error, status)).filter(|error| error.code().is_passing()),
            _ => None,
        };
        came_back(operation, failure);
        Ok(())
    }
}

/// A try is under way.
fn sent(operation: Operation) {
    // Without a request to answer, as at a function's start, there is nobody to tell.
    let _ = SEEN.try_with(|seen| seen.borrow_mut().under_way.push((scopes(), operation)));
}

/// A try is over, perhaps with a `failure` that may pass.
fn came_back(operation: Operation, failure: Option<Error>) {
    let _ = SEEN.try_with(|seen| {
        let mut seen = seen.borrow_mut();
        let own = (scopes(), operation);
        if let Some(index) = seen.under_way.iter().position(|one| *one == own) {
            seen.under_way.remove(index);
        }
        // What worked now does not excuse another operation.
        if failure.is_some() || seen.failure.as_ref().is_some_and(|earlier| is_of(earlier, operation)) {
            seen.failure = failure;
        }
    });
}

/// The scopes that the running call is in.
fn scopes() -> Vec<u32> {
    SCOPES.try_with(Clone::clone).unwrap_or_default()
}

fn operation(config: &ConfigBag) -> Option<Operation> {
    let name = config.load::<Metadata>()?.name();
    Operation::ALL.iter().copied().find(|operation| operation.name() == name)
}

fn of_attempt(operation: Operation, error: &OrchestratorError<OperationError>, status: Option<u16>) -> Error {
    let came = match (error.as_connector_error(), status) {
        _ if error.is_operation_error() => Came::Refusal(status.unwrap_or_default()),
        _ if error.is_timeout_error() => Came::Nothing,
        (Some(connector), _) if was_tried(connector.is_io(), connector.is_timeout(), connector.as_other()) => {
            Came::Nothing
        }
        (Some(_), _) | (None, None) => Came::NotSent,
        (None, Some(_)) => Came::Unreadable,
    };
    let metadata = error.as_operation_error().and_then(metadata);
    failure(operation, came, metadata, || root_cause(error))
}

macro_rules! metadata {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident,)* })*) => {
        /// What the service has said in an error of which the SDK has hidden the type.
        fn metadata(error: &OperationError) -> Option<&ErrorMetadata> {
            $(
                if let Some(error) = error.downcast_ref::<$sdk::operation::$module::$error>() {
                    return Some(error.meta());
                }
            )*
            None
        }
    };
}

table!(metadata);

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::join;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A call that AWS never answers, for `seconds`.
    async fn unanswered(operation: Operation, seconds: u32) -> Error {
        let call = async {
            sent(operation);
            pending::<()>().await;
        };
        until(Instant::now() + SECOND * seconds, SECOND * seconds, call).await.unwrap_err()
    }

    fn named(error: &Error) -> &str {
        error.upstream().map_or("none", |upstream| upstream.operation)
    }

    #[tokio::test(start_paused = true)]
    async fn of_calls_side_by_side_each_is_blamed_for_itself() {
        let answered = async {
            sent(Operation::ListFleets);
            tokio::time::sleep(SECOND).await;
            came_back(Operation::ListFleets, None);
        };
        let (search, list) = watched(async {
            let search = unanswered(Operation::SearchGameSessions, 2);
            join!(search, until(Instant::now() + SECOND * 3, SECOND * 3, answered))
        })
        .await;
        assert_eq!(named(&search), "SearchGameSessions");
        assert!(list.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_was_cut_off_or_dropped_is_not_blamed_for_what_comes_later() {
        let later = watched(async {
            let whole = async {
                drop(tokio::time::timeout(SECOND, unanswered(Operation::ListCompute, 9)).await);
                sent(Operation::ListFleets);
                let throttled = Error::new(Code::RateLimited, "Scripted.").with_upstream(Upstream {
                    operation: Operation::ListFleets.name(),
                    exception: Some("ThrottlingException".to_owned()),
                    message: String::new(),
                    request_id: None,
                });
                came_back(Operation::ListFleets, Some(throttled));
                pending::<()>().await;
            };
            until(Instant::now() + SECOND * 4, SECOND * 4, whole).await
        })
        .await
        .unwrap_err();
        assert_eq!((later.code(), named(&later)), (Code::RateLimited, "ListFleets"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_call_that_is_cut_off_knows_what_was_under_way_inside() {
        let whole = until(Instant::now() + SECOND, SECOND, unanswered(Operation::CreateGameSession, 9));
        let error = watched(whole).await.unwrap_err();
        assert_eq!((error.code(), named(&error)), (Code::UpstreamUnavailable, "CreateGameSession"));
    }
}
