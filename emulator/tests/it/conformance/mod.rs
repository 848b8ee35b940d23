//! The same cases with every SDK: here with the Rust SDK.
//!
//! The cases and the suites for the other SDKs are in `tests/conformance`.

mod flexmatch;
mod sdk;
mod steps;
mod table;
