//! How long the service waits for a game server.

use std::time::Duration;

use emulator_core::clock::Clock;

/// How long the service waits for a game server that has nothing to do with a request.
#[derive(Debug)]
pub(crate) struct Patience {
    /// Between two heartbeats.
    pub(crate) heartbeat: Duration,
    /// How much later than that a heartbeat may come: the SDKs' jitter.
    pub(crate) jitter: Duration,
    /// From the connection to `ProcessReady`.
    pub(crate) process_ready: Duration,
    /// From `TerminateProcess` to the end of a process that has to end.
    pub(crate) termination: Duration,
    /// From one report of a registered game server's health to the next.
    pub(crate) health_report: Duration,
}

/// In real time.
impl Default for Patience {
    fn default() -> Self {
        Self::on(&Clock::stopped())
    }
}

impl Patience {
    /// What AWS documents, though never less than that in real time: a game server does not run
    /// faster because the emulator's clock does.
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
