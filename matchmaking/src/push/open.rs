//! A player's new connection.

use std::time::Duration;

use aws::connections::DeleteConnection;
use futures_util::future::{join, join_all};
use shared::{Code, Error};
use store::Store;
use tokio::time::timeout;

/// The most sockets of a player: several devices, and some whose end was not told.
pub const MOST_SOCKETS: usize = 5;

/// The most connections that one new one closes. More are there only if many came at once, and then each of those closes
/// as many.
const MOST_CLOSED: usize = 20;

/// The longest time for closing old connections: the new one waits for it.
const LONGEST: Duration = Duration::from_secs(2);

/// Opens a connection for the player whom the token names. The player's oldest connections beyond [`MOST_SOCKETS`] are
/// closed.
///
/// # Errors
/// `UNAUTHENTICATED` for a token that is missing, unknown, used or over; `RATE_LIMITED` when as many sockets of the
/// player were opened in the same moment; those of the table.
pub async fn open<C: DeleteConnection>(
    store: &Store,
    connections: &C,
    connection: &str,
    token: Option<&str>,
) -> Result<(), Error> {
    let player = match token {
        Some(token) => store.redeem_token(token).await?,
        None => None,
    };
    let Some(player) = player else {
        return Err(Error::new(
            Code::Unauthenticated,
            "Connect with the address that the answer of a search has as Socket.Url. It is good for one connection, within 60 s.",
        ));
    };
    let Some(beyond) = store.connect(&player, connection, MOST_SOCKETS).await? else {
        let detail = "The player has opened too many sockets at once. Open one on each device.";
        return Err(Error::new(Code::RateLimited, detail));
    };
    let newest = beyond.len().saturating_sub(MOST_CLOSED);
    let closing = join_all(beyond[newest..].iter().map(|old| close(store, connections, old)));
    if timeout(LONGEST, closing).await.is_err() {
        tracing::warn!("not all old sockets could be closed in time");
    }
    Ok(())
}

/// Closes one that gives way. It is forgotten in any case, so that nothing is pushed to it; if it could not be closed,
/// it ends by API Gateway's times.
async fn close<C: DeleteConnection>(store: &Store, connections: &C, old: &str) {
    let (closed, forgotten) = join(connections.close(old), store.disconnect(old)).await;
    for error in [closed, forgotten].into_iter().filter_map(Result::err) {
        tracing::warn!(code = error.code().as_str(), "an old socket could not be closed: {}", error.detail());
    }
}
