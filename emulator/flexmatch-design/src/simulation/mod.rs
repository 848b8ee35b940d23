//! A simulation: tickets arrive at a matchmaker, and passes over its pool go by in virtual time.
//!
//! - [`simulate`]: the loop;
//! - [`played`]: what became of every ticket and match;
//! - [`quality`]: how good a match is;
//! - [`reason`]: why a ticket was never matched;
//! - [`quantiles`], [`report`], [`timeline`]: what a designer reads of it.

pub(crate) mod played;
pub(crate) mod quality;
pub(crate) mod quantiles;
pub(crate) mod reason;
pub(crate) mod report;
pub(crate) mod simulate;
pub(crate) mod timeline;
