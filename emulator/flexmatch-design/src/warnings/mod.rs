//! What is legal in a rule set and surely not meant: one file for each kind.
//!
//! [`attributes`], [`tickets`] and [`fillable`] ask the example players, the others the rule set alone.

pub(crate) mod attributes;
pub(crate) mod expansions;
pub(crate) mod fillable;
pub(crate) mod latency;
pub(crate) mod sizes;
pub(crate) mod tickets;
pub(crate) mod warn;
