//! A ticket as one of its players hears of it.

use serde_json::Value;
use shared::{Answer, Error, problem};
use store::{Store, records::ticket::Ticket};

use crate::tickets::present::{Viewer, answer, answer_in_line};

/// The body of `GET /describe_matchmaking` for this player, as one gets it who is known by a token: where the body is
/// trusted, the route shows the party's other player sessions too, and this does not. A search that has ended without
/// a match is an error there, and here. It has nothing by which its holder could play in another player's place.
pub fn body(ticket: &Ticket, player: &str) -> Value {
    document(answer(ticket, Viewer { player, shows_all: false }))
}

/// [`body`] for a player who asks: one that waits in a line has its `Place`.
pub async fn body_in_line(store: &Store, ticket: &Ticket, player: &str) -> Value {
    document(answer_in_line(store, ticket, Viewer { player, shows_all: false }).await)
}

fn document(answer: Result<Answer, Error>) -> Value {
    match answer {
        Ok(answer) => answer.body,
        Err(error) => {
            let document = problem::response(&error, "", false).into_body();
            serde_json::from_slice(&document).unwrap_or_default()
        }
    }
}
