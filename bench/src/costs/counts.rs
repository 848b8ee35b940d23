//! What one player takes.

use std::time::Duration;

/// What one player takes who waits for a match or a placement, on average.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Requests at the HTTP API.
    pub requests: f64,
    /// Messages over the player's socket, in either direction.
    pub messages: f64,
    /// Invocations of functions: for requests, sockets and events.
    pub invocations: f64,
    /// Seconds that functions wait.
    pub waiting: f64,
    /// Write request units of the table and of its index.
    pub write_units: f64,
    /// Read request units.
    pub read_units: f64,
    /// Calls of GameLift.
    pub gamelift: f64,
}

/// The waits that were counted.
pub const SHORT_WAIT: Duration = Duration::from_secs(30);
/// See [`SHORT_WAIT`].
pub const LONG_WAIT: Duration = Duration::from_secs(60);

/// A way of waiting.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The name in the report.
    pub name: &'static str,
    /// The counts of [`SHORT_WAIT`] and of [`LONG_WAIT`].
    pub counted: [Counts; 2],
}

/// All ways, as `local/tests/it/faults/waiting.rs` counts them. It fails where a figure is another one by now, and
/// prints what it is.
pub const WAYS: [Way; 7] = [
    Way {
        name: "match, over a socket",
        counted: [
            Counts {
                requests: 1.0,
                messages: 5.0,
                invocations: 5.375,
                waiting: 0.0,
                write_units: 28.125,
                read_units: 15.75,
                gamelift: 1.0,
            },
            Counts {
                requests: 1.0,
                messages: 5.0,
                invocations: 5.375,
                waiting: 0.0,
                write_units: 28.125,
                read_units: 15.75,
                gamelift: 1.0,
            },
        ],
    },
    Way {
        name: "match, by a call that waits",
        counted: [
            Counts {
                requests: 2.0,
                messages: 0.0,
                invocations: 3.375,
                waiting: 32.5,
                write_units: 24.75,
                read_units: 62.25,
                gamelift: 2.625,
            },
            Counts {
                requests: 3.0,
                messages: 0.0,
                invocations: 4.375,
                waiting: 62.6,
                write_units: 28.125,
                read_units: 105.875,
                gamelift: 3.0,
            },
        ],
    },
    Way {
        name: "match, polls as told",
        counted: [
            Counts {
                requests: 8.0,
                messages: 0.0,
                invocations: 9.375,
                waiting: 0.0,
                write_units: 24.25,
                read_units: 21.125,
                gamelift: 2.125,
            },
            Counts {
                requests: 14.0,
                messages: 0.0,
                invocations: 15.375,
                waiting: 0.0,
                write_units: 27.875,
                read_units: 30.0,
                gamelift: 2.75,
            },
        ],
    },
    Way {
        name: "match, polls of the store each 2 s",
        counted: [
            Counts {
                requests: 17.625,
                messages: 0.0,
                invocations: 19.0,
                waiting: 0.0,
                write_units: 23.875,
                read_units: 29.625,
                gamelift: 1.75,
            },
            Counts {
                requests: 32.625,
                messages: 0.0,
                invocations: 34.0,
                waiting: 0.0,
                write_units: 28.0,
                read_units: 49.0,
                gamelift: 2.875,
            },
        ],
    },
    Way {
        name: "match, polls of GameLift each 2 s",
        counted: [
            Counts {
                requests: 17.5,
                messages: 0.0,
                invocations: 17.5,
                waiting: 0.0,
                write_units: 0.0,
                read_units: 0.0,
                gamelift: 17.5,
            },
            Counts {
                requests: 32.5,
                messages: 0.0,
                invocations: 32.5,
                waiting: 0.0,
                write_units: 0.0,
                read_units: 0.0,
                gamelift: 32.5,
            },
        ],
    },
    Way {
        name: "placement, with a store",
        counted: [
            Counts {
                requests: 2.0,
                messages: 0.0,
                invocations: 3.0,
                waiting: 30.139,
                write_units: 34.0,
                read_units: 84.625,
                gamelift: 8.0,
            },
            Counts {
                requests: 4.0,
                messages: 0.0,
                invocations: 5.0,
                waiting: 60.194,
                write_units: 54.0,
                read_units: 163.5,
                gamelift: 9.0,
            },
        ],
    },
    Way {
        name: "placement, without a store",
        counted: [
            Counts {
                requests: 2.0,
                messages: 0.0,
                invocations: 2.0,
                waiting: 32.275,
                write_units: 0.0,
                read_units: 0.0,
                gamelift: 32.0,
            },
            Counts {
                requests: 4.0,
                messages: 0.0,
                invocations: 4.0,
                waiting: 62.18,
                write_units: 0.0,
                read_units: 0.0,
                gamelift: 55.0,
            },
        ],
    },
];

impl Counts {
    /// Nothing.
    pub const NONE: Self = Self {
        requests: 0.0,
        messages: 0.0,
        invocations: 0.0,
        waiting: 0.0,
        write_units: 0.0,
        read_units: 0.0,
        gamelift: 0.0,
    };

    /// Returns each count with its name.
    pub fn named(&self) -> [(&'static str, f64); 7] {
        [
            ("requests", self.requests),
            ("messages", self.messages),
            ("invocations", self.invocations),
            ("waiting", self.waiting),
            ("write_units", self.write_units),
            ("read_units", self.read_units),
            ("gamelift", self.gamelift),
        ]
    }
}

impl Way {
    /// Returns the counts of a wait of so many seconds, on the line through the two that were counted. A player takes
    /// no less than nothing.
    pub fn counts(&self, wait: f64) -> Counts {
        let [short, long] = &self.counted;
        let share = (wait - SHORT_WAIT.as_secs_f64()) / (LONG_WAIT - SHORT_WAIT).as_secs_f64();
        let at = |short: f64, long: f64| (short + (long - short) * share).max(0.0);
        Counts {
            requests: at(short.requests, long.requests),
            messages: at(short.messages, long.messages),
            invocations: at(short.invocations, long.invocations),
            waiting: at(short.waiting, long.waiting),
            write_units: at(short.write_units, long.write_units),
            read_units: at(short.read_units, long.read_units),
            gamelift: at(short.gamelift, long.gamelift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_waits_are_on_the_line_through_the_counted_ones() {
        let short = Counts { requests: 16.0, waiting: 30.0, ..Counts::NONE };
        let long = Counts { requests: 31.0, waiting: 60.0, ..Counts::NONE };
        let way = Way { name: "a way", counted: [short, long] };
        for (wait, requests) in [(30.0, 16.0), (60.0, 31.0), (120.0, 61.0), (10.0, 6.0)] {
            let counts = way.counts(wait);
            assert!((counts.requests - requests).abs() < 1e-9 && (counts.waiting - wait).abs() < 1e-9, "{counts:?}");
        }
    }
}
