//! A party's seats on a game server that hosts its game session.

use aws_sdk_gamelift::types::{GameServer, PlayerSession, PlayerSessionStatus};
use shared::{Code, Error};

use crate::{
    game_servers::{
        address::Address,
        data::{Data, player_session_id},
        listed::{is_claimed, is_utilized},
    },
    party::Party,
};

/// A party on a game server.
#[derive(Clone, Debug)]
pub struct Hosted {
    /// The game server.
    pub server: GameServer,
    /// A player session for each member of the party, in its order. GameLift knows nothing of them.
    pub seats: Vec<PlayerSession>,
}

impl Hosted {
    /// The party on the game server whose game session `data` describes.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when players cannot connect by its `ConnectionInfo`.
    pub(crate) fn new(server: GameServer, data: &Data, party: &Party) -> Result<Self, Error> {
        let id = server.game_server_id().unwrap_or_default();
        let address = Address::of(&server).map_err(|why| {
            let detail = format!(
                "The ConnectionInfo of the game server {id} {why}. It cannot change: deregister the game server and register it again."
            );
            Error::new(Code::BackendMisconfigured, detail).with_member("GameServerId", id)
        })?;
        // As in GameLift's player sessions: RESERVED until the players have come, for 60 s from the creation.
        let (status, since) = if is_utilized(&server) {
            (PlayerSessionStatus::Active, None)
        } else {
            (PlayerSessionStatus::Reserved, server.last_claim_time().copied())
        };
        let seat = |player: &String| {
            PlayerSession::builder()
                .player_session_id(player_session_id(&data.session_key, player))
                .player_id(player)
                .game_session_id(id)
                .set_creation_time(since)
                .status(status.clone())
                .ip_address(&address.ip)
                .set_dns_name(address.dns_name.clone())
                .port(address.port.into())
                .build()
        };
        let seats = party.ids().iter().map(seat).collect();
        Ok(Self { server, seats })
    }
}

/// Lets the party into the game session of the game server.
///
/// # Errors
/// `SESSION_NOT_JOINABLE` or `SESSION_FULL` when its data says so or describes no game session;
/// `BACKEND_MISCONFIGURED` when players cannot connect to it.
pub fn enter(server: GameServer, party: &Party) -> Result<Hosted, Error> {
    let refused = |why| Err(Error::new(Code::SessionNotJoinable, why));
    if !is_utilized(&server) && !is_claimed(&server) {
        return refused("The game server hosts no game session: nobody has claimed it, or nobody came within 60 s.");
    }
    let Some(data) = Data::of(&server) else {
        return refused("The game server's data tells of no game session that Liftgate has started.");
    };
    if !data.is_open() {
        return refused("The game session takes no new players.");
    }
    let players = i32::try_from(party.ids().len()).unwrap_or(i32::MAX);
    if data.free_slots() < players {
        return Err(Error::new(Code::SessionFull, "By the game server's data, there are not enough free places."));
    }
    Hosted::new(server, &data, party)
}
