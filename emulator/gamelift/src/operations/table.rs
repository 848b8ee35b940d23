//! The table of the operations and their handlers.

use crate::{
    operation::{Handler, Operation, serve},
    operations::{
        accept_match, claim_game_server, create_alias, create_fleet, create_game_server_group, create_game_session,
        create_game_session_queue, create_location, create_matchmaking_configuration, create_matchmaking_rule_set,
        create_player_session, create_player_sessions, delete_alias, delete_fleet, delete_game_server_group,
        delete_game_session_queue, delete_location, delete_matchmaking_configuration, delete_matchmaking_rule_set,
        deregister_compute, deregister_game_server, describe_alias, describe_compute, describe_fleet_attributes,
        describe_fleet_location_utilization, describe_fleet_utilization, describe_game_server,
        describe_game_server_group, describe_game_server_instances, describe_game_session_details,
        describe_game_session_placement, describe_game_session_queues, describe_game_sessions, describe_matchmaking,
        describe_matchmaking_configurations, describe_matchmaking_rule_sets, describe_player_sessions,
        get_compute_auth_token, list_aliases, list_compute, list_fleets, list_game_server_groups, list_game_servers,
        list_locations, list_tags_for_resource, register_compute, register_game_server, resolve_alias,
        resume_game_server_group, search_game_sessions, start_game_session_placement, start_match_backfill,
        start_matchmaking, stop_game_session_placement, stop_matchmaking, suspend_game_server_group, tag_resource,
        terminate_game_session, untag_resource, update_alias, update_fleet_attributes, update_game_server,
        update_game_server_group, update_game_session, update_game_session_queue, update_matchmaking_configuration,
        validate_matchmaking_rule_set,
    },
};

/// Returns the handler of the operation `name`, if the emulator has it.
pub(crate) fn route(name: &str) -> Option<Handler> {
    TABLE.iter().find(|(operation, _)| *operation == name).map(|(_, handler)| *handler)
}

macro_rules! table {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by its name in the API model.
        const TABLE: &[(&str, Handler)] = &[
            $((<$module::$operation as Operation>::NAME, serve::<$module::$operation>)),*
        ];
    };
}

table! {
    accept_match::AcceptMatch,
    claim_game_server::ClaimGameServer,
    create_alias::CreateAlias,
    create_fleet::CreateFleet,
    create_game_server_group::CreateGameServerGroup,
    create_game_session::CreateGameSession,
    create_game_session_queue::CreateGameSessionQueue,
    create_location::CreateLocation,
    create_matchmaking_configuration::CreateMatchmakingConfiguration,
    create_matchmaking_rule_set::CreateMatchmakingRuleSet,
    create_player_session::CreatePlayerSession,
    create_player_sessions::CreatePlayerSessions,
    delete_alias::DeleteAlias,
    delete_fleet::DeleteFleet,
    delete_game_server_group::DeleteGameServerGroup,
    delete_game_session_queue::DeleteGameSessionQueue,
    delete_location::DeleteLocation,
    delete_matchmaking_configuration::DeleteMatchmakingConfiguration,
    delete_matchmaking_rule_set::DeleteMatchmakingRuleSet,
    deregister_compute::DeregisterCompute,
    deregister_game_server::DeregisterGameServer,
    describe_alias::DescribeAlias,
    describe_compute::DescribeCompute,
    describe_fleet_attributes::DescribeFleetAttributes,
    describe_fleet_location_utilization::DescribeFleetLocationUtilization,
    describe_fleet_utilization::DescribeFleetUtilization,
    describe_game_server::DescribeGameServer,
    describe_game_server_group::DescribeGameServerGroup,
    describe_game_server_instances::DescribeGameServerInstances,
    describe_game_session_details::DescribeGameSessionDetails,
    describe_game_session_placement::DescribeGameSessionPlacement,
    describe_game_session_queues::DescribeGameSessionQueues,
    describe_game_sessions::DescribeGameSessions,
    describe_matchmaking::DescribeMatchmaking,
    describe_matchmaking_configurations::DescribeMatchmakingConfigurations,
    describe_matchmaking_rule_sets::DescribeMatchmakingRuleSets,
    describe_player_sessions::DescribePlayerSessions,
    get_compute_auth_token::GetComputeAuthToken,
    list_aliases::ListAliases,
    list_compute::ListCompute,
    list_fleets::ListFleets,
    list_game_server_groups::ListGameServerGroups,
    list_game_servers::ListGameServers,
    list_locations::ListLocations,
    list_tags_for_resource::ListTagsForResource,
    register_compute::RegisterCompute,
    register_game_server::RegisterGameServer,
    resolve_alias::ResolveAlias,
    resume_game_server_group::ResumeGameServerGroup,
    search_game_sessions::SearchGameSessions,
    start_game_session_placement::StartGameSessionPlacement,
    start_match_backfill::StartMatchBackfill,
    start_matchmaking::StartMatchmaking,
    stop_game_session_placement::StopGameSessionPlacement,
    stop_matchmaking::StopMatchmaking,
    suspend_game_server_group::SuspendGameServerGroup,
    tag_resource::TagResource,
    terminate_game_session::TerminateGameSession,
    untag_resource::UntagResource,
    update_alias::UpdateAlias,
    update_fleet_attributes::UpdateFleetAttributes,
    update_game_server::UpdateGameServer,
    update_game_server_group::UpdateGameServerGroup,
    update_game_session::UpdateGameSession,
    update_game_session_queue::UpdateGameSessionQueue,
    update_matchmaking_configuration::UpdateMatchmakingConfiguration,
    validate_matchmaking_rule_set::ValidateMatchmakingRuleSet,
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use emulator_core::{
        clock::Clock, events::EventBus, faults::set::Faults, model::operations, settings::Settings,
        wire::protocol::Protocol,
    };

    use super::TABLE;
    use crate::service::GameLift;

    #[test]
    fn there_is_a_handler_for_each_operation_that_is_named_and_no_other() {
        let mut handled: Vec<_> = TABLE.iter().map(|(name, _)| *name).collect();
        let mut named: Vec<_> = operations::names(operations::GAMELIFT).collect();
        handled.sort_unstable();
        named.sort_unstable();
        assert_eq!(handled, named);
    }

    /// If an input had flattened members, serde would buffer unknown members, one level of nesting a stack frame.
    #[test]
    fn no_operation_follows_an_unknown_member_down_a_megabyte() {
        let gamelift = GameLift::new(&Settings::default(), Clock::stopped(), Faults::default(), EventBus::default());
        let depth = 1_000_000;
        let deep = [&[0xa1, 0x61, b'X'][..], &vec![0x81; depth], &[0xf6]].concat();
        for (name, _) in TABLE {
            assert_eq!(gamelift.answer(name, Protocol::RpcV2Cbor, &deep).status(), StatusCode::BAD_REQUEST, "{name}");
            let deep = format!("{{\"X\":{}", "[".repeat(depth));
            let answer = gamelift.answer(name, Protocol::AwsJson, deep.as_bytes());
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{name}");
        }
    }
}
