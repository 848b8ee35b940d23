//! What the store asks of a table, and nothing that only one of its two back ends could do.
//!
//! - [`api`]: the trait, and the writes and queries that it takes;
//! - [`item`]: keys, items and their attributes;
//! - [`condition`]: what has to hold of an item for it to be written.

pub mod api;
pub mod condition;
pub mod item;
