//! What the service knows of: nouns, with what they say of themselves. The verbs are in `state`.
//!
//! A status changes in one function of `state` only.

pub(crate) mod alias;
pub(crate) mod compute;
pub(crate) mod connect_request;
pub(crate) mod fleet;
pub(crate) mod game_server;
pub(crate) mod game_server_group;
pub(crate) mod game_session;
pub(crate) mod health;
pub(crate) mod instance;
pub(crate) mod line;
pub(crate) mod location;
pub(crate) mod placement;
pub(crate) mod player_session;
pub(crate) mod queue;
pub(crate) mod server_process;
pub(crate) mod server_push;
