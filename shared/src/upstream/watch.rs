//! What has come of the calls to AWS that a request has made so far, tries that the SDK repeats by itself
//! included. A call that the time budget cuts off has no result of its own; what its error says is known from
//! here, and not guessed.

use std::{cell::RefCell, time::Duration};

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

use super::{Came, Operation, failure, root_cause, was_tried};
use crate::error::{Code, Error, Upstream};

/// Less time than this is none for a call.
const BRIEF: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
struct Seen {
    /// What AWS has been asked, and has not answered yet.
    under_way: Option<Operation>,
    /// How the last try ended, if it failed for a passing reason.
    failure: Option<Error>,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
}

/// Runs a request's call, and remembers what comes of its calls to AWS.
pub(crate) async fn watched<T>(call: impl Future<Output = T>) -> T {
    SEEN.scope(RefCell::default(), call).await
}

/// The last failure, where there is no time to ask again.
pub(crate) fn last_failure() -> Option<Error> {
    SEEN.try_with(|seen| seen.borrow().failure.clone()).ok().flatten()
}

/// The error of a call that had `time`, and was cut off.
pub(crate) fn cut_off(time: Duration) -> Error {
    let (under_way, failure) = SEEN
        .try_with(|seen| {
            let seen = seen.borrow();
            (seen.under_way, seen.failure.clone())
        })
        .unwrap_or_default();
    match (under_way, failure) {
        // Nobody knows what becomes of what is under way: the code says so, whatever went before.
        (Some(operation), Some(failure)) if time < BRIEF || is_of(&failure, operation) => failed_until_the_end(failure),
        (Some(operation), _) => not_answered(operation, time),
        (None, Some(failure)) => failure,
        (None, None) => {
            Error::new(Code::UpstreamUnavailable, "The call's time budget was over before AWS was done. Try again.")
        }
    }
}

fn is_of(failure: &Error, operation: Operation) -> bool {
    failure.upstream().is_some_and(|upstream| upstream.operation == operation.name())
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
        message: "No answer came in the time that the call had left.".to_owned(),
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
        let operation = operation(config);
        // Without a request to answer, as at a function's start, there is nobody to tell.
        let _ = SEEN.try_with(|seen| seen.borrow_mut().under_way = operation);
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
        let _ = SEEN.try_with(|seen| {
            let mut seen = seen.borrow_mut();
            seen.under_way = None;
            // What worked now does not excuse another operation.
            if failure.is_some() || seen.failure.as_ref().is_some_and(|earlier| is_of(earlier, operation)) {
                seen.failure = failure;
            }
        });
        Ok(())
    }
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
