//! Matchmaking configurations as the API shows them.

use emulator_core::{
    model::gamelift::{BackfillMode, FlexMatchMode},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::matchmaking_configuration::MatchmakingConfiguration,
    state::whole::State,
    views::game_property::{GamePropertyView, game_properties},
};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfigurationView {
    name: String,
    configuration_arn: String,
    description: Option<String>,
    game_session_queue_arns: Vec<String>,
    request_timeout_seconds: u32,
    acceptance_timeout_seconds: Option<u32>,
    acceptance_required: bool,
    rule_set_name: String,
    rule_set_arn: String,
    notification_target: Option<String>,
    additional_player_count: Option<u32>,
    custom_event_data: Option<String>,
    creation_time: Epoch,
    game_properties: Vec<GamePropertyView>,
    game_session_data: Option<String>,
    backfill_mode: BackfillMode,
    flex_match_mode: FlexMatchMode,
}

impl ConfigurationView {
    pub(crate) fn of(configuration: &MatchmakingConfiguration, state: &State) -> Self {
        let settings = configuration.settings.clone();
        Self {
            name: configuration.name.clone(),
            configuration_arn: configuration.arn.clone(),
            description: settings.description,
            game_session_queue_arns: settings.queues,
            request_timeout_seconds: settings.request_timeout_seconds,
            acceptance_timeout_seconds: settings.acceptance_timeout_seconds,
            acceptance_required: settings.acceptance_required,
            rule_set_arn: state.rule_set_arn(&settings.rule_set),
            rule_set_name: settings.rule_set,
            notification_target: settings.notification_target,
            additional_player_count: settings.additional_players,
            custom_event_data: settings.custom_event_data,
            creation_time: configuration.creation_time.into(),
            game_properties: game_properties(&settings.properties),
            game_session_data: settings.data,
            backfill_mode: settings.backfill,
            flex_match_mode: settings.mode,
        }
    }
}
