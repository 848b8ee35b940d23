//! Who hears of a ticket without asking.

use futures_util::future::try_join_all;
use shared::Error;
use store::{
    Store,
    records::ticket::{Kind, Ticket},
};

/// Whether one of the ticket's players has a socket. Sockets tell of searches alone.
///
/// # Errors
/// Those of the table.
pub(crate) async fn has_socket(store: &Store, ticket: &Ticket) -> Result<bool, Error> {
    if ticket.kind != Kind::Match {
        return Ok(false);
    }
    let sockets = try_join_all(ticket.players.iter().map(|player| store.sockets_of(player))).await?;
    Ok(sockets.iter().any(|sockets| !sockets.is_empty()))
}
