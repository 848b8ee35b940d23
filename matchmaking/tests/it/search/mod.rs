//! The search over all targets, on a fake GameLift.

mod emulated;
mod failures;
mod lobby;
mod pages;
mod world;
