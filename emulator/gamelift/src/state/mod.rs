//! The state of the service, and the only functions that change it.
//!
//! Each kind of resource has exactly one function that changes its status; that function also logs. Data of players and
//! of game sessions is never logged.
//!
//! `whole` is the state itself and lets time pass in it; `event` is what becomes due with time, `patience` how long the
//! service waits for game servers, `search_reason` why a ticket waits, `ticket_changes` what tests see of tickets. The
//! other files are verbs: each acts on the noun of its name in `resources`.

mod alias;
mod announce;
mod announce_matchmaking;
mod backfill;
mod compute;
mod consistency;
pub(crate) mod event;
mod fleet;
mod formed_match;
mod game_server;
pub(crate) mod game_server_group;
mod game_session;
mod health;
mod instance;
mod lenient;
mod line;
mod location;
mod matchmaking_configuration;
mod matchmaking_pool;
pub(crate) mod matchmaking_ticket;
pub(crate) mod patience;
pub(crate) mod placement;
mod player_session;
mod queue;
pub(crate) mod quota;
mod rule_set;
mod saved;
pub(crate) mod search_reason;
mod seeding;
mod server_process;
mod tag;
#[cfg(test)]
pub(crate) mod ticket_changes;
pub(crate) mod whole;
