//! A player's own tickets: what others do with theirs is nobody else's business.

use shared::{
    Code, Error,
    request::{Fields, Member, members::Text},
};
use store::{
    Store,
    records::ticket::{Kind, Ticket},
};

/// The id of a search. It has at most as many characters as GameLift takes.
pub const TICKET_ID: Member<Text> = Member::text("TicketId", 1..=128, "The search, as /start_matchmaking gave it.");

/// Reads `TicketId` of a body or a message, which is required.
pub fn ticket_id(fields: &mut Fields) -> String {
    fields.string(&TICKET_ID.required()).unwrap_or_default()
}

/// The matchmaking ticket with this id, if the player is one of its players.
///
/// # Errors
/// `TICKET_NOT_FOUND`, the same for an unknown ticket and for one of other players; those of the store.
pub async fn own(store: &Store, id: &str, player: &str) -> Result<Ticket, Error> {
    let is_own = |ticket: &Ticket| ticket.kind == Kind::Match && ticket.players.iter().any(|own| own == player);
    let detail = "No search of this player has the TicketId. It may be of another player, or have ended long ago. POST /start_matchmaking begins a search.";
    store.ticket(id).await?.filter(is_own).ok_or_else(|| Error::new(Code::TicketNotFound, detail))
}

/// The ticket again, as it is known now.
pub(crate) async fn again(store: &Store, ticket: Ticket) -> Result<Ticket, Error> {
    Ok(store.ticket(&ticket.id).await?.unwrap_or(ticket))
}
