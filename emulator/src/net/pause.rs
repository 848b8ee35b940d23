//! What ends or holds up whoever accepts connections.

use std::{io, time::Duration};

use tokio::sync::watch;

/// A peer that is gone already is its own affair; with no file descriptors left, the next attempt
/// would fail at once.
pub(crate) async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the emulator stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error says that it has stopped already.
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
            pause_after(&error).await;
            before.elapsed()
        };
        for gone in [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset] {
            assert_eq!(pause(gone.into()).await, Duration::ZERO);
        }
        // No file descriptors left, as Linux says it.
        assert!(pause(io::Error::from_raw_os_error(24)).await >= Duration::from_millis(50));
    }
}
