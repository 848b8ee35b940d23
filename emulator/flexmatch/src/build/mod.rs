//! The match builder: a pool of waiting tickets, and passes over it that propose matches.
//!
//! - [`matchmaker`]: the pool and a pass over it, which is all that a program uses;
//! - [`settings`]: what a rule set does not say;
//! - [`pool`], [`waiting`]: the tickets by age, and what is known of each;
//! - [`plan`], [`alike`], [`refusals`]: a rule set as the builder reads it, made once;
//! - [`batches`]: the pool cut into batches, and the order in a batch;
//! - [`field`]: what a pass looks at;
//! - [`pass`]: one anchor after the other, until the work of a pass is done;
//! - [`grow`]: small matches, one ticket after the other around the anchor;
//! - [`population`], [`compatible`], [`fill`]: large matches, of all tickets that go together;
//! - [`balance`], [`even`]: teams whose totals are as even as possible;
//! - [`found`], [`proposal`]: a match inside a pass, and as it is handed out;
//! - [`tally`], [`history`]: how often rules passed and failed, and what goes on when a ticket comes back;
//! - [`budget`]: the bounds of a pass.
//!
//! What always holds:
//!
//! 1. A proposal is legal at the age of its own tickets: it was judged by [`Stage`](crate::Stage) as a whole.
//! 2. A ticket is in one proposal at most, leaves the pool with it, and has all its players in one team.
//! 3. A match has one backfill at most, whose players keep their teams, and at least one other ticket.
//! 4. The same calls with the same seed have the same results.
//! 5. A pass ends: its work is counted, and what it did not come to is first in the next pass.

pub(crate) mod alike;
pub(crate) mod balance;
pub(crate) mod batches;
pub(crate) mod budget;
pub(crate) mod compatible;
pub(crate) mod even;
pub(crate) mod field;
pub(crate) mod fill;
pub(crate) mod found;
pub(crate) mod grow;
pub(crate) mod history;
pub(crate) mod matchmaker;
pub(crate) mod pass;
pub(crate) mod plan;
pub(crate) mod pool;
pub(crate) mod population;
pub(crate) mod proposal;
pub(crate) mod refusals;
pub(crate) mod settings;
pub(crate) mod tally;
pub(crate) mod waiting;
