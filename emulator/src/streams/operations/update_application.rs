use axum::routing::MethodFilter;
use garde::Validate;
use serde::Deserialize;

use crate::{
    ServiceError,
    streams::{
        Operation,
        admin::{ApplicationLogs, Label},
        described::ApplicationDescription,
        state::State,
        types::Identifier,
    },
};

/// Changes the description and the logs of an application (`UpdateApplication`).
pub(super) struct UpdateApplication;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
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
    type Output = ApplicationDescription;

    fn run(state: &mut State, input: Input) -> Result<ApplicationDescription, ServiceError> {
        let id = state.update_application(&input.identifier, input.description.map(|it| it.0), input.logs)?;
        Ok(ApplicationDescription::new(state, &state.applications[&id]))
    }
}
