//! The limits of calls: how often one is tried, and how many pages of a listing are read.

use std::time::Duration;

use aws_sdk_gamelift::{
    Client, Config,
    config::{Builder, retry::RetryConfig},
};

use crate::clients::FIRST_BACKOFF;

/// The most pages that are read of a listing: more than any game has, so that the reading ends.
pub(crate) const MAX_PAGES: usize = 10;

/// How often a look-up is tried. With the waits between, which the SDK chooses at random up to their length, that
/// takes some 10 s.
const PATIENT_ATTEMPTS: u32 = 12;

/// The longest wait between two tries of a look-up.
const PATIENT_BACKOFF: Duration = Duration::from_secs(2);

/// A client for look-ups. Many instances of a function make them at once, as they start, and cannot go on without
/// them. So they are tried more often than other calls. A client without retries keeps to that.
pub(crate) fn patient(client: &Client) -> Client {
    if client.config().retry_config().is_some_and(|retries| !retries.has_retry()) {
        return client.clone();
    }
    let retries = RetryConfig::standard().with_max_attempts(PATIENT_ATTEMPTS).with_initial_backoff(FIRST_BACKOFF);
    let retries = retries.with_max_backoff(PATIENT_BACKOFF);
    Client::from_conf(client.config().to_builder().retry_config(retries).build())
}

/// Switches the SDK's retries off, for code that repeats calls in its own rhythm.
pub(crate) fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}
