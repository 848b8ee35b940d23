//! Queues as the API shows them.

use emulator_core::model::gamelift::PriorityType;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::resources::queue::Queue;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueueView {
    name: String,
    game_session_queue_arn: String,
    timeout_in_seconds: u32,
    player_latency_policies: Vec<LatencyPolicyView>,
    destinations: Vec<DestinationView>,
    filter_configuration: Option<FilterConfigurationView>,
    priority_configuration: Option<PriorityConfigurationView>,
    custom_event_data: Option<String>,
    notification_target: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LatencyPolicyView {
    maximum_individual_player_latency_milliseconds: u32,
    policy_duration_seconds: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationView {
    destination_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterConfigurationView {
    allowed_locations: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PriorityConfigurationView {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    priority_order: Vec<PriorityType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    location_order: Vec<String>,
}

impl From<&Queue> for QueueView {
    fn from(queue: &Queue) -> Self {
        let settings = queue.settings.clone();
        let latency_policies = settings.latency_policies.into_iter();
        Self {
            name: queue.name.clone(),
            game_session_queue_arn: queue.arn.clone(),
            timeout_in_seconds: settings.timeout_seconds,
            player_latency_policies: latency_policies
                .map(|policy| LatencyPolicyView {
                    maximum_individual_player_latency_milliseconds: policy.maximum_milliseconds,
                    policy_duration_seconds: policy.seconds,
                })
                .collect(),
            destinations: settings
                .destinations
                .into_iter()
                .map(|destination_arn| DestinationView { destination_arn })
                .collect(),
            filter_configuration: settings
                .allowed_locations
                .map(|allowed_locations| FilterConfigurationView { allowed_locations }),
            priority_configuration: settings.priority.map(|priority| PriorityConfigurationView {
                priority_order: priority.order,
                location_order: priority.locations,
            }),
            custom_event_data: settings.custom_event_data,
            notification_target: settings.notification_target,
        }
    }
}
