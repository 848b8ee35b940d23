//! Liftgate's use cases, which the functions are made of. Read it in this order:
//!
//! - [`wanted`], [`party`]: the game session that a client asks for, and who comes;
//! - [`fleets`], [`config`]: where game sessions can be, and what is configured;
//! - [`search`]: finding game sessions over all fleets;
//! - [`sessions`]: what several functions do with game sessions: place one, wait for it, reserve;
//! - [`game_servers`]: the same on the game servers of a FleetIQ group;
//! - [`start`]: the whole of it, on whichever of the two is configured;
//! - [`streams`]: a player's stream, from its start to its end;
//! - [`ticket`]: a stream for the game session of the same call;
//! - [`present`]: what a use case came to, as an answer; [`session_route!`]: what the routes about game sessions are
//!   made of.
//!
//! Nothing here names an HTTP status: a use case fails with a [`Code`](shared::Code).

mod calls;
pub mod config;
pub mod fleets;
pub mod game_servers;
pub mod party;
pub mod present;
pub mod search;
mod session_route;
pub mod sessions;
pub mod start;
pub mod streams;
pub mod ticket;
pub mod wanted;
