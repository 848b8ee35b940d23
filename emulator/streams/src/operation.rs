//! What an operation is.

use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use serde::{Serialize, de::DeserializeOwned};

use crate::state::store::State;

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
