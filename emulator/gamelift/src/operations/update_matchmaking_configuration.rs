use emulator_core::model::error::ServiceError;
use serde::Serialize;

use crate::{
    operation::Operation,
    operations::configuration_settings::configuration_input,
    state::whole::State,
    types::{ConfigurationNameOrArn, REQUIRED},
    views::matchmaking_configuration::ConfigurationView,
};

/// Changes the given settings of a matchmaking configuration (`UpdateMatchmakingConfiguration`).
pub(crate) struct UpdateMatchmakingConfiguration;

configuration_input! {
    #[garde(required, dive)]
    name: Option<ConfigurationNameOrArn>,
    ..settings,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configuration: ConfigurationView,
}

impl Operation for UpdateMatchmakingConfiguration {
    const NAME: &'static str = "UpdateMatchmakingConfiguration";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, mut input: Input) -> Result<Output, ServiceError> {
        let id = input.name.take().expect(REQUIRED);
        let mut settings = state.configuration(&id)?.settings.clone();
        input.settings().apply(&mut settings, state)?;
        let configuration = state.update_configuration(&id, settings)?.clone();
        Ok(Output { configuration: ConfigurationView::of(&configuration, state) })
    }
}
