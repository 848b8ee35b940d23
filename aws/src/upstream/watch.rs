//! Reports a request's calls to AWS to [`shared::watch`], including the SDK's own retries.

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
use shared::{
    Error,
    watch::{came_back, sent},
};

use crate::upstream::{
    failure::{failure, root_cause, was_tried},
    operation::Operation,
    outcome::Outcome,
    table::table,
};

/// An interceptor that sees every try of every call of a client.
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
        sent(operation.name());
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
        came_back(operation.name(), failure);
        Ok(())
    }
}

fn operation(config: &ConfigBag) -> Option<Operation> {
    let name = config.load::<Metadata>()?.name();
    Operation::ALL.iter().copied().find(|operation| operation.name() == name)
}

fn of_attempt(operation: Operation, error: &OrchestratorError<OperationError>, status: Option<u16>) -> Error {
    let outcome = match (error.as_connector_error(), status) {
        _ if error.is_operation_error() => Outcome::Refusal(status.unwrap_or_default()),
        _ if error.is_timeout_error() => Outcome::Nothing,
        (Some(connector), _) if was_tried(connector.is_io(), connector.is_timeout(), connector.as_other()) => {
            Outcome::Nothing
        }
        (Some(_), _) | (None, None) => Outcome::NotSent,
        (None, Some(_)) => Outcome::Unreadable,
    };
    let metadata = error.as_operation_error().and_then(metadata);
    failure(operation, outcome, metadata, || root_cause(error))
}

macro_rules! metadata {
    ($($sdk:ident :: $module:ident $operation:ident $error:ident { $($exception:ident => $code:ident $($sentence:literal)?,)* })*) => {
        /// The service's part of an error whose type the SDK has erased.
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
