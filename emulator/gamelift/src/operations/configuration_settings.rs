//! The members that `CreateMatchmakingConfiguration` and `UpdateMatchmakingConfiguration` share.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    gamelift::{BackfillMode, FlexMatchMode},
};

use crate::{
    resources::matchmaking_configuration::MatchmakingSettings,
    state::whole::State,
    types::{Arn, GameProperty, REQUIRED, RuleSetNameOrArn, Text, by_key},
};

/// The shared members, taken out of either input; see [`configuration_input`].
pub(crate) struct Settings {
    pub(crate) description: Option<Text>,
    pub(crate) game_session_queue_arns: Option<Vec<Arn>>,
    pub(crate) request_timeout_seconds: Option<i32>,
    pub(crate) acceptance_timeout_seconds: Option<i32>,
    pub(crate) acceptance_required: Option<bool>,
    pub(crate) rule_set_name: Option<RuleSetNameOrArn>,
    pub(crate) notification_target: Option<String>,
    pub(crate) additional_player_count: Option<i32>,
    pub(crate) custom_event_data: Option<String>,
    pub(crate) game_properties: Option<Vec<GameProperty>>,
    pub(crate) game_session_data: Option<String>,
    pub(crate) backfill_mode: Option<String>,
    pub(crate) flex_match_mode: Option<String>,
}

/// Defines an operation's input: its own members, the members of [`Settings`] in the place of `..settings`, and a
/// function that takes these out. `required` makes those required that a configuration cannot be without. The inputs do
/// not flatten [`Settings`]: serde would buffer their unknown members, however deep.
macro_rules! configuration_input {
    (
        $($(#[$before_is:meta])* $before:ident: $before_type:ty,)*
        ..settings $(($required:ident))?,
        $($(#[$after_is:meta])* $after:ident: $after_type:ty,)*
    ) => {
        #[derive(serde::Deserialize, garde::Validate)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct Input {
            $($(#[$before_is])* $before: $before_type,)*
            #[garde(dive)]
            description: Option<$crate::types::Text>,
            #[garde(dive)]
            game_session_queue_arns: Option<Vec<$crate::types::Arn>>,
            #[garde($($required,)? range(min = 1, max = 43_200))]
            request_timeout_seconds: Option<i32>,
            #[garde(range(min = 1, max = 600))]
            acceptance_timeout_seconds: Option<i32>,
            #[garde($($required,)? custom($crate::operations::configuration_settings::yes_or_no))]
            acceptance_required: Option<bool>,
            #[garde($($required,)? dive)]
            rule_set_name: Option<$crate::types::RuleSetNameOrArn>,
            #[garde(length(chars, max = 300), pattern(r"^[a-zA-Z0-9:_/-]*(\.fifo)?$"))]
            notification_target: Option<String>,
            #[garde(range(min = 0))]
            additional_player_count: Option<i32>,
            #[garde(length(chars, max = 256))]
            custom_event_data: Option<String>,
            #[garde(length(max = $crate::types::MAX_PROPERTIES), dive)]
            game_properties: Option<Vec<$crate::types::GameProperty>>,
            #[garde(length(chars, min = 1, max = 4096))]
            game_session_data: Option<String>,
            #[garde(pattern("^(AUTOMATIC|MANUAL)$"))]
            backfill_mode: Option<String>,
            #[garde(pattern("^(STANDALONE|WITH_QUEUE)$"))]
            flex_match_mode: Option<String>,
            $($(#[$after_is])* $after: $after_type,)*
        }

        impl Input {
            /// Takes the configuration's settings out of the input.
            fn settings(&mut self) -> $crate::operations::configuration_settings::Settings {
                $crate::operations::configuration_settings::Settings {
                    description: self.description.take(),
                    game_session_queue_arns: self.game_session_queue_arns.take(),
                    request_timeout_seconds: self.request_timeout_seconds.take(),
                    acceptance_timeout_seconds: self.acceptance_timeout_seconds.take(),
                    acceptance_required: self.acceptance_required.take(),
                    rule_set_name: self.rule_set_name.take(),
                    notification_target: self.notification_target.take(),
                    additional_player_count: self.additional_player_count.take(),
                    custom_event_data: self.custom_event_data.take(),
                    game_properties: self.game_properties.take(),
                    game_session_data: self.game_session_data.take(),
                    backfill_mode: self.backfill_mode.take(),
                    flex_match_mode: self.flex_match_mode.take(),
                }
            }
        }
    };
}
pub(crate) use configuration_input;

/// Both values are valid. garde wants a rule for each member, and only `required` in one of the inputs is none.
pub(crate) fn yes_or_no(_: &Option<bool>, (): &()) -> garde::Result {
    Ok(())
}

impl Settings {
    /// Makes the settings of a new configuration. Without a mode, a queue decides (inferred).
    pub(crate) fn create(self, state: &State) -> Result<MatchmakingSettings, ServiceError> {
        let has_queue = self.game_session_queue_arns.as_ref().is_some_and(|queues| !queues.is_empty());
        let mut settings = MatchmakingSettings {
            description: None,
            queues: Vec::new(),
            request_timeout_seconds: 0,
            acceptance_required: false,
            acceptance_timeout_seconds: None,
            rule_set: String::new(),
            notification_target: None,
            additional_players: None,
            custom_event_data: None,
            properties: BTreeMap::new(),
            data: None,
            // The default is not documented; this one is inferred.
            backfill: BackfillMode::Manual,
            mode: if has_queue { FlexMatchMode::WithQueue } else { FlexMatchMode::Standalone },
        };
        self.apply(&mut settings, state)?;
        Ok(settings)
    }

    /// Replaces the settings that the request gives.
    pub(crate) fn apply(self, settings: &mut MatchmakingSettings, state: &State) -> Result<(), ServiceError> {
        let number = |number| u32::try_from(number).expect(REQUIRED);
        if let Some(id) = self.rule_set_name {
            settings.rule_set.clone_from(&state.rule_set(&id)?.name);
        }
        if let Some(queues) = self.game_session_queue_arns {
            settings.queues = queues.into_iter().map(|arn| arn.0).collect();
        }
        if let Some(properties) = self.game_properties {
            settings.properties = by_key(properties)?;
        }
        if let Some(mode) = self.flex_match_mode {
            settings.mode = mode.parse().expect(REQUIRED);
        }
        if let Some(mode) = self.backfill_mode {
            settings.backfill = mode.parse().expect(REQUIRED);
        }
        settings.request_timeout_seconds =
            self.request_timeout_seconds.map_or(settings.request_timeout_seconds, number);
        settings.acceptance_required = self.acceptance_required.unwrap_or(settings.acceptance_required);
        replace(&mut settings.acceptance_timeout_seconds, self.acceptance_timeout_seconds.map(number));
        replace(&mut settings.additional_players, self.additional_player_count.map(number));
        replace(&mut settings.description, self.description.map(|text| text.0));
        replace(&mut settings.notification_target, self.notification_target);
        replace(&mut settings.custom_event_data, self.custom_event_data);
        replace(&mut settings.data, self.game_session_data);
        Ok(())
    }
}

fn replace<T>(setting: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *setting = given;
    }
}
