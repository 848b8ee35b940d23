use axum::routing::MethodFilter;
use garde::Validate;
use serde::Deserialize;

use crate::{
    ServiceError,
    streams::{Operation, described::ApplicationDescription, state::State, types::Identifier},
};

/// Describes an application (`GetApplication`).
pub(super) struct GetApplication;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for GetApplication {
    const NAME: &'static str = "GetApplication";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/applications/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = ApplicationDescription;

    fn run(state: &mut State, input: Input) -> Result<ApplicationDescription, ServiceError> {
        Ok(ApplicationDescription::new(state, state.application(&input.identifier)?))
    }
}
