//! HTTP: which request is which operation, and what stands in front of all of them: the guard against web pages, the
//! signature, the rate limits and the faults.

mod call;
mod inflict;
pub(crate) mod refuse;
pub(crate) mod router;
