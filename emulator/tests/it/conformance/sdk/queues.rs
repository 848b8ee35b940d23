//! Operations of queues and placements.

use aws_sdk_gamelift::types::{
    DesiredPlayerSession, FilterConfiguration, GameSessionQueueDestination, PlayerLatency, PlayerLatencyPolicy,
    PriorityConfiguration, PriorityConfigurationOverride,
};
use serde_json::Value;

use crate::conformance::sdk::{
    operations::operations,
    values::{choice, choices, list, number, properties, structure, tags, text, texts},
};

operations! {
    "CreateGameSessionQueue" => create_game_session_queue {
        set_name: text "Name",
        set_timeout_in_seconds: number "TimeoutInSeconds",
        set_player_latency_policies: latency_policies "PlayerLatencyPolicies",
        set_destinations: destinations "Destinations",
        set_filter_configuration: filter "FilterConfiguration",
        set_priority_configuration: priority "PriorityConfiguration",
        set_custom_event_data: text "CustomEventData",
        set_notification_target: text "NotificationTarget",
        set_tags: tags "Tags",
    }
    "UpdateGameSessionQueue" => update_game_session_queue {
        set_name: text "Name",
        set_timeout_in_seconds: number "TimeoutInSeconds",
        set_destinations: destinations "Destinations",
        set_filter_configuration: filter "FilterConfiguration",
        set_priority_configuration: priority "PriorityConfiguration",
    }
    "DescribeGameSessionQueues" => describe_game_session_queues {
        set_names: texts "Names", set_limit: number "Limit", set_next_token: text "NextToken",
    }
    "DeleteGameSessionQueue" => delete_game_session_queue { set_name: text "Name", }
    "StartGameSessionPlacement" => start_game_session_placement {
        set_placement_id: text "PlacementId",
        set_game_session_queue_name: text "GameSessionQueueName",
        set_maximum_player_session_count: number "MaximumPlayerSessionCount",
        set_game_session_name: text "GameSessionName",
        set_game_properties: properties "GameProperties",
        set_game_session_data: text "GameSessionData",
        set_player_latencies: latencies "PlayerLatencies",
        set_desired_player_sessions: desired "DesiredPlayerSessions",
        set_priority_configuration_override: priority_override "PriorityConfigurationOverride",
    }
    "DescribeGameSessionPlacement" => describe_game_session_placement { set_placement_id: text "PlacementId", }
    "StopGameSessionPlacement" => stop_game_session_placement { set_placement_id: text "PlacementId", }
}

fn latency_policies(value: &Value) -> Option<Vec<PlayerLatencyPolicy>> {
    list(value, |policy| {
        PlayerLatencyPolicy::builder()
            .set_maximum_individual_player_latency_milliseconds(number(
                &policy["MaximumIndividualPlayerLatencyMilliseconds"],
            ))
            .set_policy_duration_seconds(number(&policy["PolicyDurationSeconds"]))
            .build()
    })
}

fn destinations(value: &Value) -> Option<Vec<GameSessionQueueDestination>> {
    list(value, |item| {
        GameSessionQueueDestination::builder().set_destination_arn(text(&item["DestinationArn"])).build()
    })
}

fn filter(value: &Value) -> Option<FilterConfiguration> {
    structure(value, |value| {
        FilterConfiguration::builder().set_allowed_locations(texts(&value["AllowedLocations"])).build()
    })
}

fn priority(value: &Value) -> Option<PriorityConfiguration> {
    structure(value, |value| {
        PriorityConfiguration::builder()
            .set_priority_order(choices(&value["PriorityOrder"]))
            .set_location_order(texts(&value["LocationOrder"]))
            .build()
    })
}

fn latencies(value: &Value) -> Option<Vec<PlayerLatency>> {
    list(value, |latency| {
        #[expect(clippy::cast_possible_truncation, reason = "the SDK has single precision here")]
        let milliseconds = latency["LatencyInMilliseconds"].as_f64().map(|value| value as f32);
        PlayerLatency::builder()
            .set_player_id(text(&latency["PlayerId"]))
            .set_region_identifier(text(&latency["RegionIdentifier"]))
            .set_latency_in_milliseconds(milliseconds)
            .build()
    })
}

fn desired(value: &Value) -> Option<Vec<DesiredPlayerSession>> {
    list(value, |player| {
        DesiredPlayerSession::builder()
            .set_player_id(text(&player["PlayerId"]))
            .set_player_data(text(&player["PlayerData"]))
            .build()
    })
}

fn priority_override(value: &Value) -> Option<PriorityConfigurationOverride> {
    structure(value, |value| {
        PriorityConfigurationOverride::builder()
            .set_placement_fallback_strategy(choice(&value["PlacementFallbackStrategy"]))
            .set_location_order(texts(&value["LocationOrder"]))
            .build()
    })
}
