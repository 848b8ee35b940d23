//! The oracle: says of a match whether it is legal, by reading the rule set's JSON anew. It shares no code with the
//! crate, is slow, and knows nothing of how matches are built.
//!
//! - [`verdict`]: the whole match: structure, sizes, rules;
//! - [`state`]: the rule set at an age;
//! - [`seated`]: who is in which team, and what a player's values are;
//! - [`formula`]: property expressions;
//! - [`rule`]: the rules.

pub(crate) mod formula;
pub(crate) mod rule;
pub(crate) mod seated;
pub(crate) mod state;
pub(crate) mod verdict;
