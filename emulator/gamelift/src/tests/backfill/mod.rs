//! Match backfill: from the request to the new players in the game session.

mod automatic;
mod ends;
mod matches;
mod requests;
mod state_file;
mod support;
