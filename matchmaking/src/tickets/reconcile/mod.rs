//! Looks after open tickets of which nothing was heard for a while: events get lost, and calls end before their time.
//!
//! - `run`: what a run has and counts; `pace`: how often GameLift is called;
//! - `searches`, `placements`: what is done for a ticket of each kind;
//! - `rounds`: the whole run, over all quiet tickets;
//! - `lines`: beside it, tickets that wait before GameLift's rates.

pub(crate) mod lines;
mod pace;
mod placements;
pub(crate) mod rounds;
pub(crate) mod run;
mod searches;
