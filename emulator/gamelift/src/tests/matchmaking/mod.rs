//! Matchmaking: the life of tickets, from the request to a game session.

mod acceptance;
mod events;
mod metrics;
mod passes;
mod placing;
mod pools;
mod rules;
mod state_file;
pub(crate) mod support;
mod tickets;
