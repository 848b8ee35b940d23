//! The issuer behind `/sign_in`, as the authorizer and a developer see it.
//!
//! - `own`: its keys, and tokens of any player;
//! - `route`: `GET /_local/token`, which hands them out.

pub(crate) mod own;
pub(crate) mod route;
