//! Where a player was last, as far as the store knows: the game session of the player's newest ticket.
//!
//! A player who goes to another game session without a ticket leaves that one behind, and the ticket is forgotten as the
//! newest. The store's answer is a first guess: GameLift says whether the game session is still there.

use futures_util::future::try_join_all;
use shared::Error;
use store::{Store, fail_open::fail_open, records::ticket::Ticket};

use crate::{party::Party, start::Started};

/// The game session that the caller's newest ticket led to. Only a ticket that the caller has asked for counts, or that
/// has brought the caller a place: others can name a player in theirs.
pub async fn last_game_session(store: Option<&Store>, party: &Party) -> Option<String> {
    let (store, player) = (store?, party.caller().id());
    let ticket = fail_open("last ticket", last_ticket(store, player)).await??;
    let placed = ticket.news.told.placed?;
    let is_own = ticket.players.first().is_some_and(|first| first == player);
    (is_own || placed.player_sessions.contains_key(player)).then_some(placed.game_session_id)
}

/// Notes that the party has come to a game session: tickets that led its players elsewhere are their newest no longer.
pub async fn came(store: Option<&Store>, party: &Party, started: &Started) {
    let (Started::Seated(seats) | Started::Joined(seats)) = started else { return };
    let (Some(store), Some(id)) = (store, seats.first().and_then(|seat| seat.game_session_id())) else { return };
    let forget = async |player: &String| {
        let Some(ticket) = last_ticket(store, player).await? else { return Ok(()) };
        let led_here = ticket.news.told.placed.as_ref().is_some_and(|placed| placed.game_session_id == id);
        if led_here { Ok::<_, Error>(()) } else { store.forget_last(player, &ticket).await }
    };
    fail_open("last ticket", try_join_all(party.ids().iter().map(forget))).await;
}

async fn last_ticket(store: &Store, player: &str) -> Result<Option<Ticket>, Error> {
    match store.last_ticket_of(player).await? {
        Some(id) => store.ticket(&id).await,
        None => Ok(None),
    }
}
