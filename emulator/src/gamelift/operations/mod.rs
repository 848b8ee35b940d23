//! One file per API operation. A new operation is a new file and a line in the table.

mod create_game_session;
mod create_player_session;
mod create_player_sessions;
mod describe_fleet_attributes;
mod describe_game_sessions;
mod describe_player_sessions;
mod list_compute;
mod list_fleets;
mod search_game_sessions;
mod terminate_game_session;
mod update_game_session;

// The tests of the invariants run these without a protocol.
#[cfg(test)]
pub(super) use self::{
    create_game_session::CreateGameSession, create_player_sessions::CreatePlayerSessions,
    terminate_game_session::TerminateGameSession, update_game_session::UpdateGameSession,
};
use super::{Handler, Operation, serve};

macro_rules! table {
    ($($module:ident::$operation:ident),* $(,)?) => {
        /// Every operation the emulator has, by its name in the API model.
        pub(super) const TABLE: &[(&str, Handler)] = &[
            $((<$module::$operation as Operation>::NAME, serve::<$module::$operation>)),*
        ];
    };
}

table! {
    create_game_session::CreateGameSession,
    create_player_session::CreatePlayerSession,
    create_player_sessions::CreatePlayerSessions,
    describe_fleet_attributes::DescribeFleetAttributes,
    describe_game_sessions::DescribeGameSessions,
    describe_player_sessions::DescribePlayerSessions,
    list_compute::ListCompute,
    list_fleets::ListFleets,
    search_game_sessions::SearchGameSessions,
    terminate_game_session::TerminateGameSession,
    update_game_session::UpdateGameSession,
}
