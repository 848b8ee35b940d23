//! One file per API operation. A new operation is a new file and a line in the table.

mod claim_game_server;
mod create_alias;
mod create_fleet;
mod create_game_server_group;
mod create_game_session;
mod create_game_session_queue;
mod create_location;
mod create_player_session;
mod create_player_sessions;
mod delete_alias;
mod delete_fleet;
mod delete_game_server_group;
mod delete_game_session_queue;
mod delete_location;
mod deregister_compute;
mod deregister_game_server;
mod describe_alias;
mod describe_compute;
mod describe_fleet_attributes;
mod describe_fleet_location_utilization;
mod describe_fleet_utilization;
mod describe_game_server;
mod describe_game_server_group;
mod describe_game_server_instances;
mod describe_game_session_details;
mod describe_game_session_placement;
mod describe_game_session_queues;
mod describe_game_sessions;
mod describe_player_sessions;
mod game_server_group_settings;
mod get_compute_auth_token;
mod list_aliases;
mod list_compute;
mod list_fleets;
mod list_game_server_groups;
mod list_game_servers;
mod list_locations;
mod list_tags_for_resource;
mod queue_settings;
mod register_compute;
mod register_game_server;
mod resolve_alias;
mod resume_game_server_group;
mod search_game_sessions;
mod start_game_session_placement;
mod stop_game_session_placement;
mod suspend_game_server_group;
mod tag_resource;
mod terminate_game_session;
mod untag_resource;
mod update_alias;
mod update_fleet_attributes;
mod update_game_server;
mod update_game_server_group;
mod update_game_session;
mod update_game_session_queue;

// The tests of the invariants run these without a protocol.
#[cfg(test)]
pub(super) use self::{
    claim_game_server::ClaimGameServer, create_game_server_group::CreateGameServerGroup,
    create_game_session::CreateGameSession, create_game_session_queue::CreateGameSessionQueue,
    create_player_sessions::CreatePlayerSessions, delete_game_server_group::DeleteGameServerGroup,
    deregister_compute::DeregisterCompute, deregister_game_server::DeregisterGameServer,
    register_compute::RegisterCompute, register_game_server::RegisterGameServer,
    start_game_session_placement::StartGameSessionPlacement, stop_game_session_placement::StopGameSessionPlacement,
    terminate_game_session::TerminateGameSession, update_game_server::UpdateGameServer,
    update_game_session::UpdateGameSession,
};
// A game server asks for player sessions too.
pub(super) use self::describe_player_sessions::DescribePlayerSessions;
use super::{Handler, Operation, serve};

macro_rules! table {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by its name in the API model.
        pub(super) const TABLE: &[(&str, Handler)] = &[
            $((<$module::$operation as Operation>::NAME, serve::<$module::$operation>)),*
        ];
    };
}

table! {
    claim_game_server::ClaimGameServer,
    create_alias::CreateAlias,
    create_fleet::CreateFleet,
    create_game_server_group::CreateGameServerGroup,
    create_game_session::CreateGameSession,
    create_game_session_queue::CreateGameSessionQueue,
    create_location::CreateLocation,
    create_player_session::CreatePlayerSession,
    create_player_sessions::CreatePlayerSessions,
    delete_alias::DeleteAlias,
    delete_fleet::DeleteFleet,
    delete_game_server_group::DeleteGameServerGroup,
    delete_game_session_queue::DeleteGameSessionQueue,
    delete_location::DeleteLocation,
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
    stop_game_session_placement::StopGameSessionPlacement,
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
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use emulator_core::model::operations;

    use super::TABLE;
    use crate::{Clock, Settings, events::EventBus, faults::Faults, gamelift::GameLift, wire::protocol::Protocol};

    #[test]
    fn there_is_a_handler_for_each_operation_that_is_named_and_no_other() {
        let mut handled: Vec<_> = TABLE.iter().map(|(name, _)| *name).collect();
        let mut named: Vec<_> = operations::names(operations::GAMELIFT).collect();
        handled.sort_unstable();
        named.sort_unstable();
        assert_eq!(handled, named);
    }

    /// serde keeps the unknown members of an input with flattened ones, level by level on the stack.
    #[test]
    fn no_operation_follows_an_unknown_member_down_a_megabyte() {
        let gamelift = GameLift::new(&Settings::default(), Clock::stopped(), Faults::default(), EventBus::default());
        let depth = 1_000_000;
        let deep = [&[0xa1, 0x61, b'X'][..], &vec![0x81; depth], &[0xf6]].concat();
        for (name, handler) in TABLE {
            assert_eq!(handler(&gamelift, Protocol::RpcV2Cbor, &deep).status(), StatusCode::BAD_REQUEST, "{name}");
            let deep = format!("{{\"X\":{}", "[".repeat(depth));
            let answer = handler(&gamelift, Protocol::AwsJson, deep.as_bytes());
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{name}");
        }
    }
}
