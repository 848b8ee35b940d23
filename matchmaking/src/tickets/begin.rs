//! The ticket of a call: a new one, or the one that the player searches with already.

use std::time::Duration;

use shared::{Code, Error, terms::Terms};
use store::{
    Store,
    records::{
        keys::IdempotencyKey,
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use uuid::Uuid;

use crate::{
    party::Party,
    tickets::{admission::Gate, request::SearchRequest, reservation::RESERVATION, send::Tries},
};

/// How often a start is tried that meets a search which ends at the same moment.
const STARTS: usize = 4;

/// A call that asks for a match.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Where its ticket is.
    pub store: &'a Store,
    /// What stands before GameLift.
    pub gate: &'a Gate,
    /// What it asks for.
    pub request: &'a SearchRequest,
    /// The caller and whom the caller brings along.
    pub party: &'a Party,
    /// Its time and its key.
    pub terms: &'a Terms,
}

/// Returns the ticket of this call and who may have sent it. A new one waits in the line if the gate does not let it
/// through. A player has one live search: if the caller has one, the call goes on with it, whatever it asks for, and its
/// key leads to it from then on. So does a call whose key has led to a ticket, also to one that has ended; and a call
/// without a key that comes while the match that the caller has got still reserves a place.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED`; `ALREADY_SEARCHING` if another member of the party has a live search; those of the store.
pub(crate) async fn begin(asked: Asked<'_>) -> Result<(Ticket, Tries), Error> {
    let Asked { store, gate, request, party, terms } = asked;
    // The store's key leads to the ticket. An id made of the key would meet the ticket of an earlier use in GameLift.
    let (text, hash, id) = (request.text(), request.hash(), Uuid::new_v4().to_string());
    let key = terms.key.as_deref().map(|key| IdempotencyKey { player: party.caller().id(), key, request: &hash });
    let new =
        NewTicket { id: &id, kind: Kind::Match, players: party.ids(), request: &text, line: None, key, holder: &id };
    // Without a key, the answer about the match may not have come to the client.
    let reserved = if terms.key.is_none() { RESERVATION } else { Duration::ZERO };
    for _ in 0..STARTS {
        let mut entry = None;
        let line = Box::pin(async { entry.insert(gate.arrive(store).await).line() });
        let started = Box::pin(store.start_in_turn(&new, reserved, terms.deadline, line)).await?;
        if let Some(entry) = entry.filter(|_| !matches!(started, Started::New(_))) {
            gate.give_back(store, entry).await;
        }
        match started {
            Started::New(ticket) => return Ok((*ticket, Tries::First)),
            Started::Repeated(known) => {
                let ticket = store.ticket(&known).await?.ok_or_else(between)?;
                return Ok((ticket, Tries::Again));
            }
            Started::Searching { player, .. } => {
                if let Some(ticket) = live(store, party.caller().id()).await? {
                    // If the key has gone to something else meanwhile, the next start tells.
                    match &new.key {
                        Some(key) if !store.key_leads_to(key, &ticket.id).await? => continue,
                        _ => return Ok((ticket, Tries::Again)),
                    }
                }
                if player != party.caller().id() && live(store, &player).await?.is_some() {
                    return Err(another_searches(&player, party));
                }
                // It has ended since.
            }
            Started::Running(_) | Started::Answered(_) | Started::KeyReused | Started::IdUsed => {
                return Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request."));
            }
        }
    }
    Err(between())
}

/// The player's search, if it has not ended.
async fn live(store: &Store, player: &str) -> Result<Option<Ticket>, Error> {
    let Some(id) = store.last_ticket_of(player).await? else { return Ok(None) };
    Ok(store.ticket(&id).await?.filter(|ticket| ticket.kind == Kind::Match && !ticket.news.status.is_end()))
}

/// Names the member by its place, because ids are not for logs.
fn another_searches(player: &str, party: &Party) -> Error {
    let place = party.ids().iter().position(|id| id == player).unwrap_or_default();
    let detail = format!(
        "Player {} of {} in this party has a search that goes on. It has to end, or be stopped by POST /stop_matchmaking, before that player can come along.",
        place + 1,
        party.ids().len()
    );
    Error::new(Code::AlreadySearching, detail).with_member("PlayerId", player)
}

fn between() -> Error {
    Error::new(Code::UpstreamUnavailable, "Other calls changed the players' tickets at once. Try again.")
}

#[cfg(test)]
mod tests;
