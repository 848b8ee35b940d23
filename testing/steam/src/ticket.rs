//! Tickets and their players.

use crate::reply::Reply;

/// A player, as Steam describes the owner of a ticket.
#[derive(Clone, Debug)]
pub struct Player {
    /// The `SteamID64`.
    pub id: String,
    /// The `SteamID64` of the copy's owner.
    pub owner: String,
    /// Banned by Valve Anti-Cheat.
    pub vac_banned: bool,
    /// Banned by the game's publisher.
    pub publisher_banned: bool,
}

impl Player {
    /// A player with this id, who owns the game and is not banned.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), owner: id.to_owned(), vac_banned: false, publisher_banned: false }
    }

    /// Steam's answer about a good ticket of this player's.
    pub(crate) fn described(&self) -> Reply {
        Reply::Body(format!(
            r#"{{"response":{{"params":{{"result":"OK","steamid":"{}","ownersteamid":"{}","vacbanned":{},"publisherbanned":{}}}}}}}"#,
            self.id, self.owner, self.vac_banned, self.publisher_banned
        ))
    }
}

/// A ticket, as the player's Steam client makes it.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The game that the player runs.
    pub app_id: u32,
    /// The text that the game gave to `GetAuthTicketForWebApi`.
    pub identity: String,
    /// Whose ticket it is.
    pub player: Player,
    /// How often Steam says that it does not know the ticket yet.
    pub early: u32,
    /// The answer to this ticket, whatever is asked.
    pub reply: Option<Reply>,
}

impl Ticket {
    /// A ticket that Steam knows at once.
    pub fn new(app_id: u32, identity: &str, player: Player) -> Self {
        Self { app_id, identity: identity.to_owned(), player, early: 0, reply: None }
    }
}
