//! What Liftgate's functions have in common. Read it in this order:
//!
//! - [`routes`]: every route, in one table;
//! - [`route`]: what a function implements ([`Route`]) and what surrounds it ([`Endpoint`]);
//! - [`request`], [`parameters`] and [`answer`]: reading JSON fields and queries, writing GameLift's objects;
//! - [`error`], [`problem`], [`upstream`]: what can go wrong, how it looks over HTTP, and what an
//!   AWS exception means;
//! - [`gamelift`], [`streams`]: what the functions need of AWS, one capability a trait;
//! - [`search`]: finding game sessions over all fleets;
//! - [`fleets`], [`cache`], [`deadline`], [`terms`], [`player`], [`party`], [`config`]: where, how long, on what
//!   terms, who, and what is configured;
//! - [`sessions`]: what several functions do with game sessions: start one, wait for it, reserve;
//! - [`ticket`]: a stream for the game session of the same call;
//! - [`aws`], [`lambda`], [`log`]: clients, a function's start, and what it may log.

pub mod answer;
pub mod arns;
pub mod aws;
pub mod cache;
pub mod config;
pub mod cors;
pub mod deadline;
pub mod error;
pub mod fleets;
pub mod game_servers;
pub mod gamelift;
pub mod hash;
pub mod lambda;
pub mod log;
pub mod parameters;
pub mod party;
pub mod player;
pub mod present;
pub mod problem;
mod quote;
pub mod request;
pub mod route;
pub mod routes;
pub mod search;
pub mod sessions;
pub mod streams;
pub mod terms;
pub mod ticket;
pub mod upstream;
pub mod watch;

pub use crate::{
    answer::Answer,
    error::{Code, Error},
    route::{Call, Endpoint, Route, Service},
    routes::RouteId,
};
