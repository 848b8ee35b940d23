//! What exists, and what changes it: the verbs of each resource in a file of its own.

pub(crate) mod application;
pub(crate) mod group;
pub(crate) mod pages;
mod placement;
pub(crate) mod saved;
mod seeding;
mod session;
mod tag;
pub(crate) mod whole;
