//! One file per API operation. A new operation is a new file and a line in `table`.
//!
//! An operation is a function from its input and the state to its output or a
//! [`ServiceError`](emulator_core::model::error::ServiceError). Files whose names end in `settings` or `strategy` hold
//! members that several inputs share.

pub(crate) mod claim_game_server;
pub(crate) mod create_alias;
pub(crate) mod create_fleet;
pub(crate) mod create_game_server_group;
pub(crate) mod create_game_session;
pub(crate) mod create_game_session_queue;
pub(crate) mod create_location;
pub(crate) mod create_player_session;
pub(crate) mod create_player_sessions;
pub(crate) mod delete_alias;
pub(crate) mod delete_fleet;
pub(crate) mod delete_game_server_group;
pub(crate) mod delete_game_session_queue;
pub(crate) mod delete_location;
pub(crate) mod deregister_compute;
pub(crate) mod deregister_game_server;
pub(crate) mod describe_alias;
pub(crate) mod describe_compute;
pub(crate) mod describe_fleet_attributes;
pub(crate) mod describe_fleet_location_utilization;
pub(crate) mod describe_fleet_utilization;
pub(crate) mod describe_game_server;
pub(crate) mod describe_game_server_group;
pub(crate) mod describe_game_server_instances;
pub(crate) mod describe_game_session_details;
pub(crate) mod describe_game_session_placement;
pub(crate) mod describe_game_session_queues;
pub(crate) mod describe_game_sessions;
pub(crate) mod describe_player_sessions;
pub(crate) mod fleet_settings;
pub(crate) mod game_server_group_settings;
pub(crate) mod get_compute_auth_token;
pub(crate) mod list_aliases;
pub(crate) mod list_compute;
pub(crate) mod list_fleets;
pub(crate) mod list_game_server_groups;
pub(crate) mod list_game_servers;
pub(crate) mod list_locations;
pub(crate) mod list_tags_for_resource;
pub(crate) mod queue_settings;
pub(crate) mod register_compute;
pub(crate) mod register_game_server;
pub(crate) mod resolve_alias;
pub(crate) mod resume_game_server_group;
pub(crate) mod routing_strategy;
pub(crate) mod search_game_sessions;
pub(crate) mod start_game_session_placement;
pub(crate) mod stop_game_session_placement;
pub(crate) mod suspend_game_server_group;
pub(crate) mod table;
pub(crate) mod tag_resource;
pub(crate) mod terminate_game_session;
pub(crate) mod untag_resource;
pub(crate) mod update_alias;
pub(crate) mod update_fleet_attributes;
pub(crate) mod update_game_server;
pub(crate) mod update_game_server_group;
pub(crate) mod update_game_session;
pub(crate) mod update_game_session_queue;
