//! The state of the service, and the only functions that change it.
//!
//! `whole` is the state itself, and lets time pass in it. `saved` is what a state file keeps, `pages` are the lists
//! that the API cuts into pages. The other files are verbs: each acts on the noun of its name in `resources`.

pub(crate) mod application;
pub(crate) mod group;
pub(crate) mod pages;
mod placement;
pub(crate) mod saved;
mod seeding;
mod session;
mod tag;
pub(crate) mod whole;
