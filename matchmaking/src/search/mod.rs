//! Finds game sessions that a player can enter, over all fleets and locations as if they were one.
//!
//! GameLift searches one fleet a call and returns pages of 20. [`page`] searches all fleets at once and merges the
//! results. Its token tells how far each fleet was read, so that nothing has to be kept between two calls.
//!
//! - [`criteria`](Criteria): which game sessions, and in which order; reads parameters, writes GameLift's
//!   expressions;
//! - `hold`: new game sessions without players, kept for the parties that started them;
//! - `reader`: the pages of one fleet and location;
//! - [`merge`](page): the pages of all targets together;
//! - `token`: the position where the next page starts.

pub(crate) mod criteria;
pub(crate) mod hold;
pub(crate) mod merge;
pub(crate) mod reader;
pub(crate) mod token;

pub use self::{
    criteria::{Criteria, Sort},
    hold::Hold,
    merge::{Manner, Page, page},
    token::MAX_TOKEN,
};
