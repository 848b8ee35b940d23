//! How long the service waits for a game server.

use std::time::Duration;

use emulator_core::clock::Clock;

/// How long the service waits for a game server's messages that answer no request.
#[derive(Debug)]
pub(crate) struct Patience {
    /// The time between two heartbeats.
    pub(crate) heartbeat: Duration,
    /// How much later a heartbeat may come: the SDKs' jitter.
    pub(crate) jitter: Duration,
    /// The time from the connection to `ProcessReady`.
    pub(crate) process_ready: Duration,
    /// The time from `TerminateProcess` to the forced end of a process.
    pub(crate) termination: Duration,
    /// The time between two health reports of a registered game server.
    pub(crate) health_report: Duration,
}

/// The times in real time.
impl Default for Patience {
    fn default() -> Self {
        Self::on(&Clock::stopped())
    }
}

impl Patience {
    /// Returns AWS's documented times, but never less than them in real time: a game server does not run faster because
    /// the emulator's clock does.
    pub(crate) fn on(clock: &Clock) -> Self {
        Self {
            heartbeat: clock.at_least_real(Duration::from_secs(60)),
            jitter: clock.at_least_real(Duration::from_secs(10)),
            process_ready: clock.at_least_real(Duration::from_secs(5 * 60)),
            termination: clock.at_least_real(Duration::from_secs(5 * 60)),
            health_report: clock.at_least_real(Duration::from_secs(3 * 60)),
        }
    }
}
