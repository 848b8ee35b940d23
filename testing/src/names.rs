//! The names of the routes and of all their inputs, for tests that go through all of them.

use std::collections::BTreeSet;

use shared::RouteId;

/// The routes.
pub const ROUTES: [&str; RouteId::ALL.len()] = {
    let mut names = [""; RouteId::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = RouteId::ALL[at].name();
        at += 1;
    }
    names
};

/// The members of the bodies, by route.
pub const BODIES: [(&str, &[&str]); 13] = [
    (
        "create_session",
        &[
            "session_name",
            "num_connections",
            "uuid",
            "uuids",
            "invitations",
            "location",
            "game_properties",
            "game_session_data",
            "latencies_ms",
            "build_id",
            "stream",
        ],
    ),
    (
        "find_or_create_session",
        &[
            "session_name",
            "num_connections",
            "uuid",
            "uuids",
            "invitations",
            "location",
            "game_properties",
            "game_session_data",
            "latencies_ms",
            "build_id",
            "filter",
            "stream",
        ],
    ),
    (
        "join_session",
        &["GameSessionId", "PlacementId", "GameServerId", "uuid", "uuids", "invitations", "build_id", "stream"],
    ),
    ("create_invitation", &["uuid", "leader"]),
    ("start_matchmaking", &["uuid", "uuids", "invitations", "configuration", "attributes", "latencies_ms"]),
    ("accept_match", &["TicketId", "accept", "uuid"]),
    ("stop_matchmaking", &["TicketId", "uuid"]),
    ("reconnect_stream", &STREAM),
    ("terminate_stream", &["stream_session_id", "uuid"]),
    ("sign_in", &["provider", "ticket", "guest_id", "guest_secret", "refresh_token"]),
    (
        "register_game_server",
        &["game_server_group_name", "game_server_id", "instance_id", "connection_info", "game_server_data"],
    ),
    (
        "update_game_server",
        &["game_server_group_name", "game_server_id", "utilization_status", "health_check", "game_server_data"],
    ),
    ("deregister_game_server", &["game_server_group_name", "game_server_id"]),
];

/// The members of `stream`, which are also members of a body of `reconnect_stream`.
pub const STREAM: [&str; 11] = [
    "signal_request",
    "stream_session_id",
    "intent",
    "application",
    "locations",
    "description",
    "connection_timeout_seconds",
    "session_length_seconds",
    "launch_args",
    "environment",
    "share_performance_stats",
];

/// The members of `filter`, without `property.<key>`.
pub const FILTER: [&str; 4] = ["name", "min_free_slots", "location", "sort"];

/// The parameters of the queries, by route, without `property.<key>`.
pub const QUERIES: [(&str, &[&str]); 5] = [
    ("find_session", &["name", "min_free_slots", "location", "sort", "limit", "next_token", "build_id"]),
    ("describe_matchmaking", &["TicketId", "wait", "uuid"]),
    ("jwks", &[]),
    ("health", &[]),
    ("game_servers", &["game_server_group_name", "game_server_id", "sort_order", "limit", "next_token"]),
];

/// Returns the names of all members of bodies.
pub fn members() -> Vec<&'static str> {
    of(&BODIES).chain(STREAM).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns the names of all parameters of queries.
pub fn parameters() -> Vec<&'static str> {
    of(&QUERIES).collect::<BTreeSet<_>>().into_iter().collect()
}

fn of(routes: &[(&str, &[&'static str])]) -> impl Iterator<Item = &'static str> {
    routes.iter().flat_map(|(_, names)| names.iter().copied())
}
