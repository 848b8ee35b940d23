//! The same cases by every SDK: here by the Rust SDK.
//!
//! The cases and the suites for the other SDKs are in `tests/conformance`.

mod sdk;
mod table;
