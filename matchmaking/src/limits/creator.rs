//! The name by which GameLift counts the game sessions that a player creates.

use shared::{hash::hex_sha256, player::Player};

/// Sets this hash of a player apart from others, such as GameLift Streams' user id.
const PURPOSE: &str = "creator";

/// The player as GameLift's `CreatorId`. It is a hash, because game servers and operators see it with the game
/// session. Game clients do not.
pub(crate) fn creator_id(player: &Player) -> String {
    creator_id_of(player.id())
}

/// The same of a player whom GameLift names.
pub(crate) fn creator_id_of(player_id: &str) -> String {
    hex_sha256(&[PURPOSE.as_bytes(), player_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use crate::party::Party;

    use super::*;

    #[test]
    fn a_creator_is_the_same_each_time_and_names_nobody() {
        let of = |id: &str| creator_id(Party::of_ids(&[id]).caller());
        assert_eq!(of("steam:76561197960287930"), of("steam:76561197960287930"));
        assert_ne!(of("player-1"), of("player-2"));
        assert_ne!(of("player-1"), Party::of_ids(&["player-1"]).caller().stream_user_id());
        assert_eq!(of("player-1").len(), 64);
    }
}
