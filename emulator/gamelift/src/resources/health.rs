//! How a server process has been.

use std::time::Duration;

use emulator_core::clock::after;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a process has been.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    /// When the next heartbeat should have come.
    expected: Timestamp,
    strikes: u8,
}

impl Health {
    pub(crate) fn new(expected: Timestamp) -> Self {
        Self { expected, strikes: 0 }
    }

    /// When the next heartbeat should have come.
    pub(crate) fn expected(&self) -> Timestamp {
        self.expected
    }

    /// The next heartbeat should have come by then.
    pub(crate) fn expect(&mut self, by: Timestamp) {
        self.expected = by;
    }

    /// Gives it so much longer.
    pub(crate) fn forgive(&mut self, step: Duration) {
        self.expected = after(self.expected, step);
    }

    /// It is well.
    pub(crate) fn recover(&mut self) {
        self.strikes = 0;
    }

    /// One more heartbeat that says unhealthy, or has not come. Returns how many there are in a row.
    pub(crate) fn strike(&mut self) -> u8 {
        self.strikes = self.strikes.saturating_add(1);
        self.strikes
    }

    #[cfg(test)]
    pub(crate) fn strikes(&self) -> u8 {
        self.strikes
    }
}
