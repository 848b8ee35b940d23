//! The emulated Steam of a local world, at which `POST /sign_in` exchanges tickets.
//!
//! - `emulated`: the server, and the settings with which the function `sign_in` asks it;
//! - `ticket`: what a developer may choose about a ticket;
//! - `route`: `GET /_local/steam_ticket`, which makes tickets.

pub(crate) mod emulated;
pub(crate) mod route;
mod ticket;
