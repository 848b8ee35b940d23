//! What it costs on AWS that players wait for a match or a placement: the counts of each way, times the prices.
//!
//! - `counts`: what one player of each way takes, as a test counts it;
//! - `prices`: AWS's prices; `formula`: both together; `report`: tables of all ways, which pages of `docs/` have.

mod counts;
mod formula;
mod prices;
mod report;

pub use self::{
    counts::{Counts, LONG_WAIT, SHORT_WAIT, WAYS, Way},
    formula::{Cost, Deployment},
    prices::{PRICES, Prices},
    report::{by_way, prices, table},
};
