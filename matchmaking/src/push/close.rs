//! The end of a connection that has to go.

use std::time::Duration;

use aws::connections::DeleteConnection;
use futures_util::future::join;
use store::Store;
use tokio::time::timeout;

/// The longest time for closing connections: a player's answer waits for it.
const LONGEST: Duration = Duration::from_secs(2);

/// Closes a connection, within 2 s. It is forgotten too, so that nothing is pushed to it; if it could not be closed, which
/// the log tells, it ends by API Gateway's times.
pub async fn close<C: DeleteConnection>(store: &Store, connections: &C, connection: &str) {
    let ends = join(connections.close(connection), store.disconnect(connection));
    let Ok((closed, forgotten)) = timeout(LONGEST, ends).await else {
        return tracing::warn!("a socket could not be closed in time");
    };
    for error in [closed, forgotten].into_iter().filter_map(Result::err) {
        tracing::warn!(code = error.code().as_str(), "a socket could not be closed: {}", error.detail());
    }
}
