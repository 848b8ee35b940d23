//! Configuration from environment variables.
//!
//! - [`environment`]: reading variables;
//! - `http`, with its `origins`: how errors and browsers are dealt with.

pub mod environment;
pub(crate) mod http;
pub(crate) mod origins;

pub use self::http::HttpConfig;
