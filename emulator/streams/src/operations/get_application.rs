use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier, views::application::ApplicationView};

/// Describes an application (`GetApplication`).
pub(crate) struct GetApplication;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

impl Operation for GetApplication {
    const NAME: &'static str = "GetApplication";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/applications/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = ApplicationView;

    fn run(state: &mut State, input: Input) -> Result<ApplicationView, ServiceError> {
        Ok(ApplicationView::new(state, state.application(&input.identifier)?))
    }
}
