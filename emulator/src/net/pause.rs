//! The pause after an error of a listener, and its end.

use std::{io, time::Duration};

use tokio::sync::watch;

/// The log's text for a listener's error.
pub(crate) const NO_ACCEPT: &str = "cannot accept a connection";

/// Pauses after an error that would come again at once, for example without free file descriptors, and logs that
/// `failed`. There is no pause if only the peer is gone.
pub(crate) async fn pause_after(error: &io::Error, failed: &str) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "{failed}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the emulator stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that it has stopped already.
    drop(stopping.wait_for(|stop| *stop).await);
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_would_fail_again_at_once_is_waited_for() {
        let pause = async |error: io::Error| {
            let before = Instant::now();
            pause_after(&error, "nothing works").await;
            before.elapsed()
        };
        for gone in [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset] {
            assert_eq!(pause(gone.into()).await, Duration::ZERO);
        }
        // Linux's error for no free file descriptors.
        assert!(pause(io::Error::from_raw_os_error(24)).await >= Duration::from_millis(50));
    }
}
