use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::tokens::Repeatable,
    state::{application::NewApplication, whole::State},
    types::{ApplicationLogs, ClientToken, Label, RuntimeEnvironment, Tags},
    views::application::ApplicationView,
};

/// Starts to set up an application (`CreateApplication`). INITIALIZED and PROCESSING become READY with time; the files
/// are never read.
pub(crate) struct CreateApplication;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    description: Label,
    #[garde(dive)]
    runtime_environment: RuntimeEnvironment,
    #[garde(length(chars, min = 1, max = 1024))]
    executable_path: String,
    #[garde(length(chars, min = 1, max = 1024))]
    application_source_uri: String,
    #[serde(flatten)]
    #[garde(dive)]
    logs: ApplicationLogs,
    #[garde(dive)]
    tags: Option<Tags>,
    #[garde(dive)]
    client_token: Option<ClientToken>,
}

impl Operation for CreateApplication {
    const NAME: &'static str = "CreateApplication";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/applications";
    const STATUS: u16 = 201;
    type Input = Input;
    type Output = ApplicationView;

    fn run(state: &mut State, input: Input) -> Result<ApplicationView, ServiceError> {
        let request = Repeatable::new(input.client_token.as_ref(), &input);
        if let Some(id) = state.created_applications.repeated(&request, &state.rules, state.now)? {
            return Ok(ApplicationView::new(state, &state.applications[id]));
        }
        let id = state.create_application(NewApplication {
            description: input.description.0,
            runtime: input.runtime_environment,
            executable_path: input.executable_path,
            source_uri: input.application_source_uri,
            logs: input.logs,
            tags: input.tags.map(|tags| tags.0).unwrap_or_default(),
        })?;
        state.created_applications.remember(request, id.clone(), state.now);
        Ok(ApplicationView::new(state, &state.applications[&id]))
    }
}
