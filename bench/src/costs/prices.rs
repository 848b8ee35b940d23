//! AWS's prices.

/// Prices in US dollars, without free tiers and discounts.
#[derive(Clone, Copy, Debug)]
pub struct Prices {
    /// An invocation of a function.
    pub invocation: f64,
    /// A second of a function with 1 GB on arm64.
    pub gb_second: f64,
    /// A request at a REST API.
    pub rest_request: f64,
    /// A request at an HTTP API.
    pub http_request: f64,
    /// A message of a WebSocket API, up to 32 KB, in either direction.
    pub message: f64,
    /// A minute of a connection to a WebSocket API.
    pub connection_minute: f64,
    /// A write request unit of a DynamoDB table on demand.
    pub write_unit: f64,
    /// A read request unit of one.
    pub read_unit: f64,
}

const MILLION: f64 = 1e6;

/// The prices of us-east-1 as several public overviews of 2025 and 2026 give them, read on 2026-11-30: check AWS's own
/// pages before you rely on them. GameLift's calls and events, and `EventBridge` for the events of AWS's services, cost
/// nothing.
pub const PRICES: Prices = Prices {
    invocation: 0.20 / MILLION,
    gb_second: 0.000_013_333_4,
    rest_request: 3.50 / MILLION,
    http_request: 1.00 / MILLION,
    message: 1.00 / MILLION,
    connection_minute: 0.25 / MILLION,
    write_unit: 0.625 / MILLION,
    read_unit: 0.125 / MILLION,
};
