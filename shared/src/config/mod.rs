//! Configuration from environment variables.
//!
//! - [`environment`]: reading variables;
//! - [`rates`]: rates of two variables;
//! - [`ca_bundle`]: more trusted roots; [`secret`]: the length of secrets;
//! - `http`, with its `origins`: the settings for errors and browsers.

pub mod ca_bundle;
pub mod environment;
pub(crate) mod http;
pub(crate) mod origins;
pub mod rates;
pub mod secret;

pub use self::http::HttpConfig;
