//! The members of the body that name the game session. One is enough.

use matchmaking::{config::BUILD_ID, game_servers::ID_LENGTH};
use shared::request::{Member, Members, members::Text};

/// The members, without those of a party and a stream.
pub const MEMBERS: Members = &[&GAME_SESSION_ID, &PLACEMENT_ID, &GAME_SERVER_ID, &BUILD_ID];

/// The game session's ARN; of a FleetIQ group, the id of its game server.
pub(crate) const GAME_SESSION_ID: Member<Text> = Member::text(
    "GameSessionId",
    1..=512,
    "The game session, as /find_session or /create_session gave it. Left out with PlacementId and GameServerId: the one that the player was in last.",
);

/// The queue's placement.
pub(crate) const PLACEMENT_ID: Member<Text> = Member::text(
    "PlacementId",
    1..=48,
    "The placement of a game session that a queue had not placed yet, as /create_session gave it.",
);

/// The game server of a FleetIQ group.
pub(crate) const GAME_SERVER_ID: Member<Text> = Member::text(
    "GameServerId",
    ID_LENGTH,
    "In a FleetIQ game server group, the game server whose game session to join, as /find_session gave it.",
);
