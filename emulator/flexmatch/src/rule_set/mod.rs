//! Rule sets: what a rule set is, and how one is read.
//!
//! - [`set`]: the rule set;
//! - [`stage`]: the limits and rules that hold at one age;
//! - [`expansion`]: how one stage becomes the next;
//! - [`admit`]: tickets as a rule set sees them;
//! - [`declared`]: the names that expressions and rules may use;
//! - [`read`], [`read_teams`], [`read_attributes`], [`read_algorithm`], [`read_expansions`]: from JSON to these.

pub(crate) mod admit;
pub(crate) mod declared;
pub(crate) mod expansion;
pub(crate) mod read;
pub(crate) mod read_algorithm;
pub(crate) mod read_attributes;
pub(crate) mod read_expansions;
pub(crate) mod read_teams;
pub(crate) mod set;
pub(crate) mod stage;
