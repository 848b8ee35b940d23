//! The search over all targets, on a GameLift of a test's making.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod failures;
mod pages;
mod world;
