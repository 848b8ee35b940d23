//! The tests of the designers' crate: one binary, one module for each topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod charts;
mod examples;
mod simulation;
mod warnings;
