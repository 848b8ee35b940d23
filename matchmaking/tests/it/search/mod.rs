//! The search over all targets, on a fake GameLift.

mod failures;
mod pages;
mod world;
