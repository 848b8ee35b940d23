//! The features that all development builds of this workspace have in common.
//!
//! Cargo gives a dependency the features that the packages of one command ask for. Without this crate `cargo run`,
//! `cargo test --workspace` and `cargo run -p gamelift-emulator` would each have another Tokio, and each would compile
//! hundreds of dependencies again. The emulator depends on this crate, and every development build on the emulator:
//! the local world, the tests, `bench`. So all of them have the same dependencies.
//!
//! The functions do not depend on it: a function that is shipped has no feature that only tests need. Neither has an
//! emulator that is built with `--no-default-features --features webrtc`.
