//! The resources of the service: nouns, with questions about themselves. The verbs are in `state`.
//!
//! Each status is changed by exactly one function of `state`.

pub(crate) mod alias;
pub(crate) mod compute;
pub(crate) mod connect_request;
pub(crate) mod fleet;
pub(crate) mod formed_match;
pub(crate) mod game_server;
pub(crate) mod game_server_group;
pub(crate) mod game_session;
pub(crate) mod health;
pub(crate) mod instance;
pub(crate) mod line;
pub(crate) mod location;
pub(crate) mod matchmaker_data;
pub(crate) mod matchmaking_configuration;
pub(crate) mod matchmaking_pool;
pub(crate) mod matchmaking_ticket;
pub(crate) mod placement;
pub(crate) mod player_session;
pub(crate) mod queue;
pub(crate) mod rule_set;
pub(crate) mod search_history;
pub(crate) mod server_process;
pub(crate) mod server_push;
