//! FlexMatch's operations.

use aws_sdk_gamelift::types::{AttributeValue, Player};
use serde_json::Value;

use crate::conformance::sdk::{
    operations::operations,
    values::{choice, entries, list, number, properties, tags, text, texts, yes_or_no},
};

operations! {
    "StartMatchmaking" => start_matchmaking {
        set_ticket_id: text "TicketId",
        set_configuration_name: text "ConfigurationName",
        set_players: players "Players",
    }
    "StartMatchBackfill" => start_match_backfill {
        set_ticket_id: text "TicketId",
        set_configuration_name: text "ConfigurationName",
        set_game_session_arn: text "GameSessionArn",
        set_players: players "Players",
    }
    "DescribeMatchmaking" => describe_matchmaking { set_ticket_ids: texts "TicketIds", }
    "StopMatchmaking" => stop_matchmaking { set_ticket_id: text "TicketId", }
    "AcceptMatch" => accept_match {
        set_ticket_id: text "TicketId", set_player_ids: texts "PlayerIds", set_acceptance_type: choice "AcceptanceType",
    }
    "CreateMatchmakingConfiguration" => create_matchmaking_configuration {
        set_name: text "Name",
        set_description: text "Description",
        set_game_session_queue_arns: texts "GameSessionQueueArns",
        set_request_timeout_seconds: number "RequestTimeoutSeconds",
        set_acceptance_timeout_seconds: number "AcceptanceTimeoutSeconds",
        set_acceptance_required: yes_or_no "AcceptanceRequired",
        set_rule_set_name: text "RuleSetName",
        set_notification_target: text "NotificationTarget",
        set_additional_player_count: number "AdditionalPlayerCount",
        set_custom_event_data: text "CustomEventData",
        set_game_properties: properties "GameProperties",
        set_game_session_data: text "GameSessionData",
        set_backfill_mode: choice "BackfillMode",
        set_flex_match_mode: choice "FlexMatchMode",
        set_tags: tags "Tags",
    }
    "UpdateMatchmakingConfiguration" => update_matchmaking_configuration {
        set_name: text "Name",
        set_description: text "Description",
        set_game_session_queue_arns: texts "GameSessionQueueArns",
        set_request_timeout_seconds: number "RequestTimeoutSeconds",
        set_acceptance_timeout_seconds: number "AcceptanceTimeoutSeconds",
        set_acceptance_required: yes_or_no "AcceptanceRequired",
        set_rule_set_name: text "RuleSetName",
        set_custom_event_data: text "CustomEventData",
        set_backfill_mode: choice "BackfillMode",
        set_flex_match_mode: choice "FlexMatchMode",
    }
    "DescribeMatchmakingConfigurations" => describe_matchmaking_configurations {
        set_names: texts "Names",
        set_rule_set_name: text "RuleSetName",
        set_limit: number "Limit",
        set_next_token: text "NextToken",
    }
    "DeleteMatchmakingConfiguration" => delete_matchmaking_configuration { set_name: text "Name", }
    "CreateMatchmakingRuleSet" => create_matchmaking_rule_set {
        set_name: text "Name", set_rule_set_body: text "RuleSetBody", set_tags: tags "Tags",
    }
    "DescribeMatchmakingRuleSets" => describe_matchmaking_rule_sets {
        set_names: texts "Names", set_limit: number "Limit", set_next_token: text "NextToken",
    }
    "DeleteMatchmakingRuleSet" => delete_matchmaking_rule_set { set_name: text "Name", }
    "ValidateMatchmakingRuleSet" => validate_matchmaking_rule_set { set_rule_set_body: text "RuleSetBody", }
}

fn players(value: &Value) -> Option<Vec<Player>> {
    list(value, |player| {
        Player::builder()
            .set_player_id(text(&player["PlayerId"]))
            .set_player_attributes(entries(&player["PlayerAttributes"], attribute))
            .set_team(text(&player["Team"]))
            .set_latency_in_ms(entries(&player["LatencyInMs"], |value| number(value).unwrap()))
            .build()
    })
}

fn attribute(value: &Value) -> AttributeValue {
    AttributeValue::builder()
        .set_s(text(&value["S"]))
        .set_n(value["N"].as_f64())
        .set_sl(texts(&value["SL"]))
        .set_sdm(entries(&value["SDM"], |value| value.as_f64().unwrap()))
        .build()
}
