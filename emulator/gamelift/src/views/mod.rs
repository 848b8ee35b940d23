//! Resources as the API shows them, one file a noun. Several operations answer with them.

pub(crate) mod alias;
pub(crate) mod compute;
pub(crate) mod fleet;
pub(crate) mod game_property;
pub(crate) mod game_server;
pub(crate) mod game_server_group;
pub(crate) mod game_session;
pub(crate) mod location;
pub(crate) mod matchmaking_configuration;
pub(crate) mod matchmaking_ticket;
pub(crate) mod placement;
pub(crate) mod player_session;
pub(crate) mod queue;
pub(crate) mod rule_set;
pub(crate) mod tag;
pub(crate) mod ticket_search;
