//! The two services.

/// A service of the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Amazon GameLift Servers.
    GameLift,
    /// Amazon GameLift Streams.
    Streams,
}
