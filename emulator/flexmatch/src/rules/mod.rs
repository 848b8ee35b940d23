//! The eight kinds of rules (`match-rules-reference-ruletype`), one file each.
//!
//! - [`rule`], [`kind`]: a rule of a rule set, and which of the eight it is;
//! - [`reading`]: the members that several kinds have;
//! - [`judge`]: numbers compared with numbers that may still change.

pub(crate) mod absolute_sort;
pub(crate) mod batch_distance;
pub(crate) mod collection;
pub(crate) mod comparison;
pub(crate) mod compound;
pub(crate) mod distance;
pub(crate) mod distance_sort;
pub(crate) mod judge;
pub(crate) mod kind;
pub(crate) mod latency;
pub(crate) mod reading;
pub(crate) mod rule;
pub(crate) mod sort;
