//! Synthetic players: whose values are drawn from distributions, and who arrive by chance.
//!
//! - [`numbers`]: distributions of numbers, such as `normal(1500,300)`;
//! - [`weights`]: one of several things, such as `ctf:0.7,duel:0.3`;
//! - [`source`]: where the values of an attribute are from;
//! - [`arrivals`]: how many tickets come;
//! - [`crowd`]: all of these together, checked against a rule set;
//! - [`tickets`]: the tickets of a crowd, one after the other.

pub(crate) mod arrivals;
pub(crate) mod crowd;
pub(crate) mod numbers;
pub(crate) mod source;
pub(crate) mod tickets;
pub(crate) mod weights;
