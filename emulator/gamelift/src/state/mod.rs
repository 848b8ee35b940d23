//! Everything the service remembers, and the only functions that change it.
//!
//! A status changes in exactly one function per kind of resource; it also writes the log. Nothing
//! of a player and no game session data is logged.
//!
//! `whole` is the state itself and lets time change it; `event` is what time brings, `patience` how long game servers
//! are waited for. The other files are verbs: each has what can be done with the noun of its name in `resources`.

mod alias;
mod announce;
mod backfill;
mod compute;
mod consistency;
pub(crate) mod event;
mod fleet;
mod game_server;
pub(crate) mod game_server_group;
mod game_session;
mod health;
mod instance;
mod lenient;
mod line;
mod location;
pub(crate) mod patience;
mod placement;
mod player_session;
mod queue;
pub(crate) mod quota;
mod saved;
mod seeding;
mod server_process;
mod tag;
pub(crate) mod whole;
