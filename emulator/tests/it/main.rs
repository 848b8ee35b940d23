//! The integration tests of the emulator: one binary, one module for each topic.

#![expect(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod conformance;
mod gamelift_aws_json;
mod gamelift_rust_sdk;
mod product;
mod server_sdk;
mod streams;
