//! The members that `CreateGameSessionQueue` and `UpdateGameSessionQueue` share.

use std::collections::BTreeSet;

use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    resources::queue::{LatencyPolicy, Priority, QueueSettings},
    types::{Arn, Location, REQUIRED},
};

/// The shared members, taken out of either input; see [`queue_input`].
pub(crate) struct Settings {
    pub(crate) timeout_in_seconds: Option<i32>,
    pub(crate) player_latency_policies: Option<Vec<PlayerLatencyPolicy>>,
    pub(crate) destinations: Option<Vec<Destination>>,
    pub(crate) filter_configuration: Option<FilterConfiguration>,
    pub(crate) priority_configuration: Option<PriorityConfiguration>,
    pub(crate) custom_event_data: Option<String>,
    pub(crate) notification_target: Option<String>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PlayerLatencyPolicy {
    /// "All policies must have a value set for this property."
    #[garde(required, range(min = 0))]
    maximum_individual_player_latency_milliseconds: Option<i32>,
    #[garde(range(min = 0))]
    policy_duration_seconds: Option<i32>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Destination {
    /// The ARN is required (inferred).
    #[garde(required, dive)]
    destination_arn: Option<Arn>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FilterConfiguration {
    #[garde(length(min = 1, max = 100), dive)]
    allowed_locations: Option<Vec<Location>>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PriorityConfiguration {
    #[garde(length(min = 1, max = 4), inner(inner(pattern("^(LATENCY|COST|DESTINATION|LOCATION)$"))))]
    priority_order: Option<Vec<String>>,
    #[garde(length(min = 1, max = 100), dive)]
    location_order: Option<Vec<Location>>,
}

/// Defines an operation's input: its own members, the members of [`Settings`] in the place of `..settings`, and a
/// function that takes these out. The inputs do not flatten [`Settings`]: serde would buffer their unknown members,
/// however deep.
macro_rules! queue_input {
    (
        $($(#[$before_is:meta])* $before:ident: $before_type:ty,)*
        ..settings,
        $($(#[$after_is:meta])* $after:ident: $after_type:ty,)*
    ) => {
        #[derive(serde::Deserialize, garde::Validate)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct Input {
            $($(#[$before_is])* $before: $before_type,)*
            #[garde(range(min = 0))]
            timeout_in_seconds: Option<i32>,
            #[garde(dive)]
            player_latency_policies: Option<Vec<$crate::operations::queue_settings::PlayerLatencyPolicy>>,
            #[garde(dive)]
            destinations: Option<Vec<$crate::operations::queue_settings::Destination>>,
            #[garde(dive)]
            filter_configuration: Option<$crate::operations::queue_settings::FilterConfiguration>,
            #[garde(dive)]
            priority_configuration: Option<$crate::operations::queue_settings::PriorityConfiguration>,
            #[garde(length(chars, max = 256))]
            custom_event_data: Option<String>,
            #[garde(length(chars, max = 300), pattern(r"^[a-zA-Z0-9:_-]*(\.fifo)?$"))]
            notification_target: Option<String>,
            $($(#[$after_is])* $after: $after_type,)*
        }

        impl Input {
            /// Takes the queue's settings out of the input.
            fn settings(&mut self) -> $crate::operations::queue_settings::Settings {
                $crate::operations::queue_settings::Settings {
                    timeout_in_seconds: self.timeout_in_seconds.take(),
                    player_latency_policies: self.player_latency_policies.take(),
                    destinations: self.destinations.take(),
                    filter_configuration: self.filter_configuration.take(),
                    priority_configuration: self.priority_configuration.take(),
                    custom_event_data: self.custom_event_data.take(),
                    notification_target: self.notification_target.take(),
                }
            }
        }
    };
}
pub(crate) use queue_input;

impl Settings {
    /// Replaces the settings that the request gives. An empty configuration removes the present one.
    pub(crate) fn apply(self, settings: &mut QueueSettings) -> Result<(), ServiceError> {
        if let Some(seconds) = self.timeout_in_seconds {
            // The documentation has this range; the model only has a minimum of 0.
            settings.timeout_seconds = u32::try_from(seconds)
                .ok()
                .filter(|seconds| (10..=600).contains(seconds))
                .ok_or_else(|| invalid_request("TimeoutInSeconds has to be between 10 and 600."))?;
        }
        if let Some(policies) = self.player_latency_policies {
            settings.latency_policies = policies.into_iter().map(LatencyPolicy::from).collect();
        }
        if let Some(destinations) = self.destinations {
            settings.destinations =
                destinations.into_iter().map(|destination| destination.destination_arn.expect(REQUIRED).0).collect();
        }
        if let Some(filter) = self.filter_configuration {
            settings.allowed_locations = filter.allowed_locations.map(names);
        }
        if let Some(PriorityConfiguration { priority_order, location_order }) = self.priority_configuration {
            let order = priority_order.unwrap_or_default();
            let locations = location_order.map(names).unwrap_or_default();
            check_once("PriorityOrder", &order)?;
            check_once("LocationOrder", &locations)?;
            let order: Vec<_> = order.iter().map(|by| by.parse().expect(REQUIRED)).collect();
            let priority = Priority { order, locations };
            settings.priority =
                Some(priority).filter(|priority| !priority.order.is_empty() || !priority.locations.is_empty());
        }
        if self.custom_event_data.is_some() {
            settings.custom_event_data = self.custom_event_data;
        }
        if self.notification_target.is_some() {
            settings.notification_target = self.notification_target;
        }
        Ok(())
    }
}

impl From<PlayerLatencyPolicy> for LatencyPolicy {
    fn from(policy: PlayerLatencyPolicy) -> Self {
        let number = |number| u32::try_from(number).expect(REQUIRED);
        Self {
            maximum_milliseconds: number(policy.maximum_individual_player_latency_milliseconds.expect(REQUIRED)),
            seconds: policy.policy_duration_seconds.map(number),
        }
    }
}

fn names(locations: Vec<Location>) -> Vec<String> {
    locations.into_iter().map(|location| location.0).collect()
}

/// Refuses members that ask for logs of placement decisions.
pub(crate) fn refuse_logs(members: &[(&str, &Option<IgnoredAny>)]) -> Result<(), ServiceError> {
    match members.iter().find(|(_, given)| given.is_some()) {
        Some((member, _)) => Err(invalid_request(format!(
            "The emulator delivers no placement logs and takes no {member}. Leave it out; the events at \
             /_emulator/events say what becomes of placements."
        ))),
        None => Ok(()),
    }
}

/// "Each is listed only once."
pub(crate) fn check_once(member: &str, values: &[String]) -> Result<(), ServiceError> {
    let mut seen = BTreeSet::new();
    match values.iter().find(|value| !seen.insert(*value)) {
        Some(twice) => Err(invalid_request(format!("{member} has {twice} more than once."))),
        None => Ok(()),
    }
}
