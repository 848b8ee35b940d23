//! Operations of game sessions and player sessions.

use std::collections::HashMap;

use serde_json::Value;

use crate::conformance::sdk::{
    operations::operations,
    values::{choice, entries, number, properties, text, texts},
};

operations! {
    "CreateGameSession" => create_game_session {
        set_fleet_id: text "FleetId",
        set_alias_id: text "AliasId",
        set_location: text "Location",
        set_maximum_player_session_count: number "MaximumPlayerSessionCount",
        set_name: text "Name",
        set_game_properties: properties "GameProperties",
        set_game_session_data: text "GameSessionData",
        set_creator_id: text "CreatorId",
        set_idempotency_token: text "IdempotencyToken",
    }
    "DescribeGameSessions" => describe_game_sessions {
        set_fleet_id: text "FleetId", set_alias_id: text "AliasId", set_game_session_id: text "GameSessionId",
    }
    "DescribeGameSessionDetails" => describe_game_session_details {
        set_fleet_id: text "FleetId",
        set_alias_id: text "AliasId",
        set_game_session_id: text "GameSessionId",
        set_status_filter: text "StatusFilter",
        set_location: text "Location",
    }
    "SearchGameSessions" => search_game_sessions {
        set_fleet_id: text "FleetId",
        set_alias_id: text "AliasId",
        set_filter_expression: text "FilterExpression",
        set_sort_expression: text "SortExpression",
    }
    "UpdateGameSession" => update_game_session {
        set_game_session_id: text "GameSessionId",
        set_maximum_player_session_count: number "MaximumPlayerSessionCount",
        set_name: text "Name",
        set_player_session_creation_policy: choice "PlayerSessionCreationPolicy",
        set_protection_policy: choice "ProtectionPolicy",
        set_game_properties: properties "GameProperties",
    }
    "TerminateGameSession" => terminate_game_session {
        set_game_session_id: text "GameSessionId", set_termination_mode: choice "TerminationMode",
    }
    "CreatePlayerSession" => create_player_session {
        set_game_session_id: text "GameSessionId", set_player_id: text "PlayerId", set_player_data: text "PlayerData",
    }
    "CreatePlayerSessions" => create_player_sessions {
        set_game_session_id: text "GameSessionId", set_player_ids: texts "PlayerIds", set_player_data_map: map "PlayerDataMap",
    }
    "DescribePlayerSessions" => describe_player_sessions {
        set_game_session_id: text "GameSessionId",
        set_player_id: text "PlayerId",
        set_player_session_id: text "PlayerSessionId",
        set_player_session_status_filter: text "PlayerSessionStatusFilter",
        set_limit: number "Limit",
        set_next_token: text "NextToken",
    }
}

fn map(value: &Value) -> Option<HashMap<String, String>> {
    entries(value, |value| text(value).unwrap())
}
