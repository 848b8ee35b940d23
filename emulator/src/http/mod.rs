//! HTTP: the operation of each request, and the checks before all operations: the guard against web pages, the
//! signature, the rate limits and the faults.

mod call;
mod inflict;
pub(crate) mod router;
