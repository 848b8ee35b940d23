//! What rules say of a match, and how property expressions are read.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod batch_distance;
mod collection;
mod comparison;
mod compound;
mod distance;
mod expansions;
mod expressions;
mod identities;
mod latency;
mod sorts;
mod support;
