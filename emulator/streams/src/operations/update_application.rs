use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{
    operation::Operation,
    state::whole::State,
    types::{ApplicationLogs, Identifier, Label},
    views::application::ApplicationView,
};

/// Changes the description and the logs of an application (`UpdateApplication`).
pub(crate) struct UpdateApplication;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    description: Option<Label>,
    #[serde(flatten)]
    #[garde(dive)]
    logs: ApplicationLogs,
}

impl Operation for UpdateApplication {
    const NAME: &'static str = "UpdateApplication";
    const METHOD: MethodFilter = MethodFilter::PATCH;
    const PATH: &'static str = "/applications/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = ApplicationView;

    fn run(state: &mut State, input: Input) -> Result<ApplicationView, ServiceError> {
        let id = state.update_application(&input.identifier, input.description.map(|it| it.0), input.logs)?;
        Ok(ApplicationView::new(state, &state.applications[&id]))
    }
}
