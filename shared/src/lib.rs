//! What all functions have in common, from a request to an answer. Read it in this order:
//!
//! - [`routes`]: every route, in one table;
//! - [`route`]: what a function implements ([`Route`]) and what surrounds it ([`Endpoint`]);
//! - [`request`], [`parameters`], [`answer`]: reading JSON fields and queries, and what a handler answers;
//! - [`error`], [`problem`]: what can go wrong, and how it looks over HTTP;
//! - [`player`], [`terms`]: who calls, and on what terms;
//! - [`deadline`], [`watch`], [`cache`]: how long a call may take, what it has seen of AWS, what it need not ask again;
//! - [`config`]: reading environment variables; [`cors`]: which web pages may call;
//! - [`lambda`], [`log`]: a function's start, and what it may log;
//! - [`hash`], [`quote`]: hashes, and a client's text in an answer.

pub mod answer;
pub mod cache;
pub mod config;
pub mod cors;
pub mod deadline;
pub mod error;
pub mod hash;
pub mod lambda;
pub mod log;
pub mod parameters;
pub mod player;
pub mod problem;
pub mod quote;
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
