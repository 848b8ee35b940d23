//! The health of a server process.

use std::time::Duration;

use emulator_core::clock::after;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The health reports of a process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    /// When the next heartbeat is due.
    expected: Timestamp,
    strikes: u8,
}

impl Health {
    pub(crate) fn new(expected: Timestamp) -> Self {
        Self { expected, strikes: 0 }
    }

    /// Returns when the next heartbeat is due.
    pub(crate) fn expected(&self) -> Timestamp {
        self.expected
    }

    /// Sets when the next heartbeat is due.
    pub(crate) fn expect(&mut self, by: Timestamp) {
        self.expected = by;
    }

    /// Postpones the next heartbeat.
    pub(crate) fn forgive(&mut self, step: Duration) {
        self.expected = after(self.expected, step);
    }

    /// Records a healthy heartbeat.
    pub(crate) fn recover(&mut self) {
        self.strikes = 0;
    }

    /// Counts one heartbeat that was unhealthy or did not come. Returns how many there are in a row.
    pub(crate) fn strike(&mut self) -> u8 {
        self.strikes = self.strikes.saturating_add(1);
        self.strikes
    }

    #[cfg(test)]
    pub(crate) fn strikes(&self) -> u8 {
        self.strikes
    }
}
