//! The match builder through the crate's face.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod anchors;
mod backfill;
mod bounds;
mod examples;
mod filling;
mod frozen;
mod generate;
mod large;
mod large_examples;
mod metrics;
mod oracle;
mod properties;
mod rule_sets;
mod sorting;
mod support;
mod verdicts;
