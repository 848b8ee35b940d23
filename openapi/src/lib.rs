//! The OpenAPI 3.1 document of the HTTP API.
//!
//! Its facts stand elsewhere, once: the routes in `shared/src/routes.rs`, the members of requests with their bounds where
//! they are read ([`shared::request::members`]), the errors in `shared/src/problem.rs`, the examples of requests in
//! `README.md`, `examples/` and `events/`. Here are the shapes of the answers ([`answers`]), and which errors a route can
//! answer with ([`errors`]). No function uses this crate.
//!
//! - [`answers`]: the objects of the answers;
//! - [`breaking`]: what may not change from a release to the next;
//! - [`document`]: the whole document;
//! - [`errors`]: the errors of each route;
//! - `examples`: requests that work;
//! - [`fits`]: whether a value is as the document says;
//! - `headers`: the headers of answers;
//! - [`operations`]: what each route takes and answers;
//! - `problem`: the object of an error;
//! - `schema`: members of requests as JSON Schema.

pub mod answers;
pub mod breaking;
pub mod document;
pub mod errors;
mod examples;
pub mod fits;
mod headers;
pub mod operations;
mod problem;
mod schema;
