//! Events of GameLift: what they tell of tickets.
//!
//! - `envelope`: an event in its envelope, from `EventBridge` or from SNS;
//! - `reading`: what it tells, as `news` of tickets for the store;
//! - `matchmaking`, `placement`: the details of the two types of events that GameLift has.
//!
//! Events are hints. They come twice, late, in any order or not at all, so nothing here decides anything: the store
//! compares the news with what it knows.

pub(crate) mod envelope;
mod matchmaking;
pub(crate) mod news;
pub(crate) mod placement;
pub(crate) mod reading;

pub use self::{
    envelope::{Envelope, events},
    news::TicketNews,
    reading::news,
};
