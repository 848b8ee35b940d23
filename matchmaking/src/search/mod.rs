//! Finds game sessions that a player can enter, over all fleets and locations as if they were one.
//!
//! GameLift searches one fleet a call and returns pages of 20. [`page`] searches all fleets at once and merges the
//! results. Its token tells how far each fleet was read, so that nothing has to be kept between two calls.
//! [`SharedSearch`] answers the lists of all clients from one search.
//!
//! - [`criteria`](Criteria): which game sessions, and in which order; reads parameters, writes GameLift's
//!   expressions;
//! - `hold`: new game sessions without players, kept for the parties that started them;
//! - `reader`: the pages of one fleet and location;
//! - [`merge`](page): the pages of all targets together;
//! - `pool`: the open game sessions of all targets, as far as they were read, and the lists made of them;
//! - [`shared_search`](SharedSearch): one pool for all calls of a warm function;
//! - `token`: the position where the next page starts; `after`: the place in the list behind which it starts.

pub(crate) mod after;
pub(crate) mod criteria;
pub(crate) mod hold;
pub(crate) mod merge;
pub(crate) mod pool;
pub(crate) mod reader;
pub(crate) mod shared_search;
pub(crate) mod token;

pub use self::{
    criteria::{Criteria, Sort},
    hold::Hold,
    merge::{Asked, Manner, Page, page},
    shared_search::SharedSearch,
    token::MAX_TOKEN,
};
