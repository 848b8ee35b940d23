//! Player sessions as the API shows them.

use emulator_core::{model::gamelift::PlayerSessionStatus, wire::epoch::Epoch};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{resources::player_session::PlayerSession, state::whole::State};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PlayerSessionView {
    player_session_id: String,
    player_id: String,
    game_session_id: String,
    fleet_id: String,
    fleet_arn: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    status: PlayerSessionStatus,
    ip_address: String,
    dns_name: Option<String>,
    port: u16,
    player_data: Option<String>,
}

impl PlayerSessionView {
    pub(crate) fn of(session: &PlayerSession, state: &State) -> Self {
        let game = &state.game_sessions[&session.game_session];
        Self {
            player_session_id: session.id.clone(),
            player_id: session.player_id.clone(),
            game_session_id: session.game_session.clone(),
            fleet_id: game.fleet.id.clone(),
            fleet_arn: game.fleet.arn.clone(),
            creation_time: session.creation_time.into(),
            termination_time: session.termination_time.map(Epoch),
            status: session.status,
            ip_address: game.compute.ip_address.clone(),
            dns_name: game.compute.dns_name.clone(),
            port: game.port,
            player_data: session.player_data.clone(),
        }
    }
}
