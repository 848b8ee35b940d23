//! Finding game sessions that a player can enter, over all fleets and locations as if they were one.
//!
//! GameLift searches one fleet a call and gives pages of 20. [`page`] searches all at once, merges
//! what comes, and gives a token that tells how far each was read, so that nothing has to be kept
//! between two calls.
//!
//! - [`criteria`](Criteria): which ones, and in which order; reads parameters, writes GameLift's expressions;
//! - `hold`: new game sessions without players, kept for whoever has started them;
//! - `reader`: the pages of one fleet and location;
//! - [`merge`](page): all of them together;
//! - `token`: where the next page starts.

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
