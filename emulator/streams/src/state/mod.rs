//! The state, and the verbs of each resource in its own file.

pub(crate) mod application;
pub(crate) mod group;
pub(crate) mod pages;
mod placement;
pub(crate) mod saved;
mod seeding;
mod session;
mod tag;
pub(crate) mod whole;
