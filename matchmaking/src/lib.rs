//! Liftgate's use cases, which the functions serve. Read the modules in this order:
//!
//! - [`wanted`], [`party`]: the game session that a client asks for, and the players who come;
//! - [`attributes`]: what FlexMatch learns of a player;
//! - [`fleets`], [`config`]: where game sessions can be, and the settings;
//! - [`looks`]: looks at GameLift that all waiting calls share;
//! - [`limits`]: what one player may take;
//! - [`search`]: finding game sessions over all fleets;
//! - [`sessions`]: the steps that several functions share: place a game session, wait for it, reserve slots;
//! - [`game_servers`]: the same on the game servers of a FleetIQ group;
//! - [`start`]: a whole start, on fleets or on a group, as configured;
//! - [`last`]: where a player was last, as far as the store knows;
//! - [`same_key`]: calls with the same `Idempotency-Key` at the same moment;
//! - [`streams`]: a player's stream, from its start to its end;
//! - [`streaming`]: a stream for the game session of the same call;
//! - [`events`]: what GameLift's events tell of tickets; [`tickets`]: searches for a match, and placements;
//! - [`push`]: what is sent over sockets;
//! - [`ticket_function`]: the start of a function whose route is about tickets;
//! - [`present`]: a use case's result as an answer; [`session_route!`]: declares the routes about game sessions.
//!
//! Nothing here names an HTTP status: a use case fails with a [`Code`](shared::Code).

mod all_of;
pub mod attributes;
pub mod config;
pub mod events;
pub mod fleets;
pub mod game_servers;
pub mod last;
pub mod limits;
pub mod looks;
mod ours;
pub mod party;
pub mod present;
pub mod push;
pub mod same_key;
pub mod search;
mod session_route;
pub mod sessions;
pub mod start;
pub mod streaming;
pub mod streams;
pub mod ticket_function;
pub mod tickets;
mod turn;
pub mod wanted;
