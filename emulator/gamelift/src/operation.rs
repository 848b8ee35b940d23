//! The trait of an API operation: how it is decoded, validated, run and encoded.

use axum::{body::Body, http::Response};
use emulator_core::{
    model::{error::ServiceError, exceptions::gamelift::constraints_violated},
    service::Shared,
    wire::protocol::Protocol,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::state::whole::State;

/// One operation of the GameLift API.
pub(crate) trait Operation {
    /// The name in the API model, for example `ListFleets`.
    const NAME: &'static str;
    /// Its members carry the model's constraints; a violation is an `InvalidRequestException`.
    type Input: DeserializeOwned + garde::Validate<Context = ()>;
    type Output: Serialize;

    /// Runs on a valid input, after everything due by `state.now` has happened.
    fn run(state: &mut State, input: Self::Input) -> Result<Self::Output, ServiceError>;
}

/// Serves a request whose protocol and operation are known.
pub(crate) type Handler = fn(&Shared<State>, Protocol, &[u8]) -> Response<Body>;

/// Validates `input` and runs the operation `O` on it.
pub(crate) fn run<O: Operation>(shared: &Shared<State>, input: O::Input) -> Result<O::Output, ServiceError> {
    garde::Validate::validate(&input).map_err(|report| constraints_violated(&report))?;
    shared.with(|state| O::run(state, input))
}

/// Decodes, validates, runs and encodes the operation `O`.
pub(crate) fn serve<O: Operation>(shared: &Shared<State>, protocol: Protocol, body: &[u8]) -> Response<Body> {
    match protocol.decode::<O::Input>(body).and_then(|input| run::<O>(shared, input)) {
        Ok(output) => protocol.success(&output),
        Err(error) => {
            // The error's message quotes the input, which only concerns the caller: it is not logged.
            tracing::info!(operation = O::NAME, exception = error.exception, "refused");
            protocol.error(&error)
        }
    }
}
