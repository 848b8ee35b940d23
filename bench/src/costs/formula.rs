//! The cost of counts.

use crate::costs::{counts::Counts, prices::Prices};

/// How the functions are deployed.
#[derive(Clone, Copy, Debug)]
pub struct Deployment {
    /// Memory of a function in GB.
    pub memory: f64,
    /// Seconds of a function's own work in each invocation, waiting left out.
    pub work: f64,
}

/// A cost in US dollars.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Requests at a REST API.
    pub rest: f64,
    /// The same requests at an HTTP API.
    pub http: f64,
    /// Messages and connection minutes of a WebSocket API.
    pub sockets: f64,
    /// Invocations and time of the functions.
    pub functions: f64,
    /// Units of the table.
    pub table: f64,
}

impl Cost {
    /// Returns the cost of so many players with these counts each, who wait so many seconds.
    pub fn of(counts: &Counts, players: f64, wait: f64, deployment: Deployment, prices: &Prices) -> Self {
        // A connection is paid by the minute that has begun.
        let minutes = if counts.messages > 0.0 { (wait / 60.0).ceil() } else { 0.0 };
        let seconds = counts.invocations * deployment.work + counts.waiting;
        let functions = counts.invocations * prices.invocation + seconds * deployment.memory * prices.gb_second;
        Self {
            rest: players * counts.requests * prices.rest_request,
            http: players * counts.requests * prices.http_request,
            sockets: players * (counts.messages * prices.message + minutes * prices.connection_minute),
            functions: players * functions,
            table: players * (counts.write_units * prices.write_unit + counts.read_units * prices.read_unit),
        }
    }

    /// Returns all of it with a REST API, as in template.yaml.
    pub fn total(&self) -> f64 {
        self.rest + self.besides()
    }

    /// Returns all of it with an HTTP API in place of the REST API.
    pub fn total_with_http_api(&self) -> f64 {
        self.http + self.besides()
    }

    fn besides(&self) -> f64 {
        self.sockets + self.functions + self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costs::prices::PRICES;

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-9, "{one} is not {other}");
    }

    /// 10,000 players who wait 30 s in a function of 256 MB that works 20 ms, computed by hand.
    #[test]
    fn a_blocking_call_costs_what_its_seconds_cost() {
        let counts = Counts { requests: 1.0, invocations: 1.0, waiting: 29.98, ..Counts::NONE };
        let deployment = Deployment { memory: 0.25, work: 0.02 };
        let cost = Cost::of(&counts, 10_000.0, 30.0, deployment, &PRICES);
        // 10,000 × 3.50 $ / 1,000,000
        close(cost.rest, 0.035);
        close(cost.http, 0.01);
        // 10,000 × 0.20 $ / 1,000,000 = 0.002 $, and 75,000 GB-s × 0.0000133334 $ = 1.000005 $
        close(cost.functions, 1.002_005);
        close(cost.sockets + cost.table, 0.0);
        close(cost.total(), 1.037_005);
        close(cost.total_with_http_api(), 1.012_005);
    }

    #[test]
    fn a_socket_costs_its_messages_minutes_functions_and_writes() {
        let counts = Counts {
            requests: 1.0,
            messages: 5.0,
            invocations: 5.0,
            waiting: 0.0,
            write_units: 8.0,
            read_units: 4.0,
            gamelift: 1.0,
        };
        let deployment = Deployment { memory: 0.25, work: 0.02 };
        let cost = Cost::of(&counts, 10_000.0, 61.0, deployment, &PRICES);
        close(cost.rest, 0.035);
        // 50,000 messages × 1 $ / 1,000,000 = 0.05 $, and 20,000 minutes that have begun × 0.25 $ / 1,000,000 = 0.005 $
        close(cost.sockets, 0.055);
        // 50,000 × 0.20 $ / 1,000,000 = 0.01 $, and 50,000 × 0.02 s × 0.25 GB = 250 GB-s = 0.00333335 $
        close(cost.functions, 0.013_333_35);
        // 80,000 × 0.625 $ / 1,000,000 = 0.05 $, and 40,000 × 0.125 $ / 1,000,000 = 0.005 $
        close(cost.table, 0.055);
        close(cost.total(), 0.158_333_35);
    }
}
