//! Resources as the API shows them, in several operations' outputs.

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::state::{
    GameSession, GameSessionStatus, PlayerSession, PlayerSessionCreationPolicy, PlayerSessionStatus, State,
};
use crate::wire::epoch::Epoch;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GameSessionView {
    game_session_id: String,
    name: Option<String>,
    fleet_id: String,
    fleet_arn: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    current_player_session_count: usize,
    maximum_player_session_count: usize,
    status: GameSessionStatus,
    status_reason: Option<&'static str>,
    game_properties: Vec<GamePropertyView>,
    ip_address: String,
    port: u16,
    player_session_creation_policy: PlayerSessionCreationPolicy,
    creator_id: Option<String>,
    game_session_data: Option<String>,
    location: String,
    compute_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GamePropertyView {
    key: String,
    value: String,
}

impl From<&GameSession> for GameSessionView {
    fn from(session: &GameSession) -> Self {
        let properties = session.properties.iter();
        Self {
            game_session_id: session.arn.clone(),
            name: session.name.clone(),
            fleet_id: session.fleet.id.clone(),
            fleet_arn: session.fleet.arn.clone(),
            creation_time: session.creation_time.into(),
            termination_time: session.termination_time.map(Epoch),
            // Reserved slots count as players (inferred).
            current_player_session_count: session.slots_taken,
            maximum_player_session_count: session.maximum_players,
            status: session.status,
            status_reason: session.status_reason,
            game_properties: properties
                .map(|(key, value)| GamePropertyView { key: key.clone(), value: value.clone() })
                .collect(),
            ip_address: session.compute.ip_address.clone(),
            port: session.port,
            player_session_creation_policy: session.policy,
            creator_id: session.parameters.creator_id.clone(),
            game_session_data: session.parameters.data.clone(),
            location: session.compute.location.clone(),
            compute_name: session.compute.name.clone(),
        }
    }
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PlayerSessionView {
    player_session_id: String,
    player_id: String,
    game_session_id: String,
    fleet_id: String,
    fleet_arn: String,
    creation_time: Epoch,
    termination_time: Option<Epoch>,
    status: PlayerSessionStatus,
    ip_address: String,
    port: u16,
    player_data: Option<String>,
}

impl PlayerSessionView {
    pub(super) fn of(session: &PlayerSession, state: &State) -> Self {
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
            port: game.port,
            player_data: session.player_data.clone(),
        }
    }
}
