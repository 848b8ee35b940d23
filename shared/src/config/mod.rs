//! Configuration from environment variables.
//!
//! - [`environment`]: reading variables;
//! - `http`, with its `origins`: the settings for errors and browsers.

pub mod environment;
pub(crate) mod http;
pub(crate) mod origins;

pub use self::http::HttpConfig;
