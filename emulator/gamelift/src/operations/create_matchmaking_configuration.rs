use emulator_core::model::error::ServiceError;
use serde::Serialize;

use crate::{
    operation::Operation,
    operations::configuration_settings::configuration_input,
    state::whole::State,
    types::{MAX_TAGS, MatchmakingName, REQUIRED, Tag, tags_by_key},
    views::matchmaking_configuration::ConfigurationView,
};

/// Adds a matchmaking configuration (`CreateMatchmakingConfiguration`).
pub(crate) struct CreateMatchmakingConfiguration;

configuration_input! {
    #[garde(required, dive)]
    name: Option<MatchmakingName>,
    ..settings (required),
    #[garde(length(max = MAX_TAGS), dive)]
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configuration: ConfigurationView,
}

impl Operation for CreateMatchmakingConfiguration {
    const NAME: &'static str = "CreateMatchmakingConfiguration";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, mut input: Input) -> Result<Output, ServiceError> {
        let settings = input.settings().create(state)?;
        let MatchmakingName(name) = input.name.expect(REQUIRED);
        let configuration = state.create_configuration(name, settings, tags_by_key(input.tags)?)?.clone();
        Ok(Output { configuration: ConfigurationView::of(&configuration, state) })
    }
}
