//! An emulated Steam Web API: the one call that tells whose a ticket is, `ISteamUserAuth/AuthenticateUserTicket`.
//!
//! - [`SteamServer`]: the server;
//! - [`Ticket`], [`Player`]: what it knows;
//! - [`Reply`]: what it answers, where that is scripted.
//!
//! The tests of the exchange and the local world share it. It stands in a crate of its own so that neither is built
//! with the other.

mod reply;
mod server;
mod ticket;

pub use self::{
    reply::Reply,
    server::SteamServer,
    ticket::{Player, Ticket},
};
