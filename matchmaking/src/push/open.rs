//! A player's new connection.

use aws::connections::DeleteConnection;
use futures_util::future::join_all;
use shared::{Code, Error};
use store::Store;

use crate::push::close::close;

/// The most sockets of a player: several devices, and some whose end was not told.
pub const MOST_SOCKETS: usize = 5;

/// The most connections that one new one closes. More are there only if many came at once, and then each of those closes
/// as many.
const MOST_CLOSED: usize = 20;

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
    join_all(beyond[newest..].iter().map(|old| close(store, connections, old))).await;
    Ok(())
}
