//! The issuer behind `/sign_in`, as the authorizer and a developer see it.
//!
//! - [`settings`]: its settings, where the environment has none;
//! - `own`: its keys, and tokens of any player;
//! - `route`: `GET /_local/token`, which hands them out.

pub(crate) mod own;
pub(crate) mod route;
pub mod settings;
