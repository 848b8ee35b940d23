//! The search over all targets, on a GameLift of a test's making.

mod failures;
mod pages;
mod world;
