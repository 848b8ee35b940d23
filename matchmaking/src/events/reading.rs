//! An event as news of tickets.

use shared::Error;

use crate::events::{
    envelope::{Envelope, unreadable},
    matchmaking,
    news::TicketNews,
    placement,
};

/// What an event tells. An event of a type that is not known tells nothing: GameLift may have new ones.
///
/// # Errors
/// `INVALID_REQUEST` for one of a known type in another form.
pub fn news(event: &Envelope) -> Result<Vec<TicketNews>, Error> {
    let told = match event.detail_type.as_str() {
        matchmaking::DETAIL_TYPE => matchmaking::news(event.time, &event.detail),
        placement::DETAIL_TYPE => placement::news(event.time, &event.detail),
        _ => Some(Vec::new()),
    };
    told.ok_or_else(|| unreadable("an event in another form than GameLift documents"))
}
