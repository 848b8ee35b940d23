//! The code that all functions share, from a request to an answer. Read the modules in this order:
//!
//! - [`routes`]: every route, in one table;
//! - [`route`]: a function's part of a route ([`Route`]), and everything around it ([`Endpoint`]);
//! - [`request`], [`parameters`], [`answer`]: reading JSON fields and queries, and a handler's answer;
//! - [`error`], [`problem`]: the failures, and their form over HTTP;
//! - [`authorizer`], [`player`], [`terms`]: what an authorizer says, the caller, and the terms of the call;
//! - [`invitation`]: a player's consent to be in a party; [`claims`]: attributes that the authorizer knows;
//! - [`clock`]: the time of day, which tests set;
//! - [`deadline`], [`watch`]: a call's time budget, and the state of its AWS calls;
//! - [`cache`], [`recent`]: saved look-ups, and a short memory of one client's results;
//! - [`rate`]: how often a caller may do something;
//! - [`config`]: reading environment variables; [`cors`]: the web pages that may call;
//! - [`lambda`], [`log`]: the start of a function, and the limits of its log;
//! - [`hash`], [`quote`]: hashes, and a client's text in an answer.

pub mod answer;
pub mod authorizer;
pub mod cache;
pub mod claims;
pub mod clock;
pub mod config;
pub mod cors;
pub mod deadline;
pub mod error;
pub mod hash;
pub mod invitation;
pub mod lambda;
pub mod log;
pub mod parameters;
pub mod player;
pub mod problem;
pub mod quote;
pub mod rate;
pub mod recent;
pub mod request;
pub mod route;
pub mod routes;
pub mod terms;
pub mod watch;

pub use crate::{
    answer::Answer,
    error::{Code, Error},
    route::{Call, Endpoint, Route, Service},
    routes::RouteId,
};
