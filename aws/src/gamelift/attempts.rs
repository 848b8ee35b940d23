//! How often a call is tried, and how far a listing is followed.

use std::time::Duration;

use aws_sdk_gamelift::{
    Client, Config,
    config::{Builder, retry::RetryConfig},
};

use crate::clients::FIRST_BACKOFF;

/// How far a listing is followed: farther than any game goes, and not for ever.
pub(crate) const MAX_PAGES: usize = 10;

/// How often a look-up is tried. With the waits between, which the SDK draws up to their length, that is some
/// 10 s.
const PATIENT_ATTEMPTS: u32 = 12;

/// Its longest wait.
const PATIENT_BACKOFF: Duration = Duration::from_secs(2);

/// A client for look-ups, which many instances of a function make as they start, all at once. Nothing can go
/// on without them, so they are tried more often than other calls.
pub(crate) fn patient(client: &Client) -> Client {
    let retries = RetryConfig::standard().with_max_attempts(PATIENT_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF);
    let retries = retries.with_max_backoff(PATIENT_BACKOFF);
    Client::from_conf(client.config().to_builder().retry_config(retries).build())
}

/// Calls without the SDK's retries, for whoever goes on trying in a rhythm of his own.
pub(crate) fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}
