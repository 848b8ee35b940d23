//! What a developer may choose about a ticket.

use emulated_steam::{Player, Reply, Ticket};
use identity::steam::is_person;
use shared::{Code, Error};

/// What the query has to be like.
const FORM: &str = "Name the player, such as /_local/steam_ticket?steamid=76561197960287930. Further parameters: \
                    banned=vac or publisher, owner=SteamID64, app_id=NUMBER, identity=TEXT, early=0 to 9, and \
                    answer=3, 101, 102, 103, 403, 429, 500 or none.";

/// The most times that Steam does not know a ticket yet.
const MOST_EARLY: u32 = 9;

/// Returns the player of the ticket.
///
/// # Errors
/// `INVALID_REQUEST` without `steamid`, and where it is none.
pub(crate) fn player(query: &[(String, String)]) -> Result<Player, Error> {
    let id = query.iter().find(|(name, _)| name == "steamid").map(|(_, id)| id.as_str());
    id.filter(|id| is_person(id)).map(Player::new).ok_or_else(wrong)
}

/// Returns `ticket` with what the query chooses.
///
/// # Errors
/// `INVALID_REQUEST` for a parameter or a value that is unknown.
pub(crate) fn chosen(query: &[(String, String)], mut ticket: Ticket) -> Result<Ticket, Error> {
    for (name, value) in query {
        match (name.as_str(), value.as_str()) {
            ("steamid", _) => {}
            ("banned", "vac") => ticket.player.vac_banned = true,
            ("banned", "publisher") => ticket.player.publisher_banned = true,
            ("owner", id) if is_person(id) => id.clone_into(&mut ticket.player.owner),
            ("app_id", number) => ticket.app_id = number.parse().map_err(|_| wrong())?,
            ("identity", identity) => identity.clone_into(&mut ticket.identity),
            ("early", times) => {
                ticket.early = times.parse().ok().filter(|times| *times <= MOST_EARLY).ok_or_else(wrong)?;
            }
            ("answer", answer) => ticket.reply = Some(reply(answer)?),
            _ => return Err(wrong()),
        }
    }
    Ok(ticket)
}

/// Returns what Steam answers: one of its errors, an HTTP status, or nothing.
fn reply(answer: &str) -> Result<Reply, Error> {
    match answer {
        "3" => Ok(Reply::Error(3)),
        "101" => Ok(Reply::Error(101)),
        "102" => Ok(Reply::Error(102)),
        "103" => Ok(Reply::Error(103)),
        "403" => Ok(Reply::Status(403)),
        "429" => Ok(Reply::Status(429)),
        "500" => Ok(Reply::Status(500)),
        "none" => Ok(Reply::Silent),
        _ => Err(wrong()),
    }
}

fn wrong() -> Error {
    Error::new(Code::InvalidRequest, FORM)
}
