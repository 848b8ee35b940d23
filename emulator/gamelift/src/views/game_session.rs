//! Game sessions as the API shows them.

use emulator_core::{
    model::gamelift::{GameSessionStatus, GameSessionStatusReason, PlayerSessionCreationPolicy},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::game_session::GameSession,
    views::game_property::{GamePropertyView, game_properties},
};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GameSessionView {
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
    dns_name: Option<String>,
    port: u16,
    player_session_creation_policy: PlayerSessionCreationPolicy,
    creator_id: Option<String>,
    game_session_data: Option<String>,
    matchmaker_data: Option<String>,
    location: String,
    compute_name: String,
}

impl From<&GameSession> for GameSessionView {
    fn from(session: &GameSession) -> Self {
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
            status_reason: session.status_reason.map(GameSessionStatusReason::name),
            game_properties: game_properties(&session.properties),
            ip_address: session.compute.ip_address.clone(),
            dns_name: session.compute.dns_name.clone(),
            port: session.port,
            player_session_creation_policy: session.policy,
            creator_id: session.parameters.creator_id.clone(),
            game_session_data: session.parameters.data.clone(),
            matchmaker_data: session.parameters.matchmaker_data.clone(),
            location: session.location().to_owned(),
            compute_name: session.compute.name.clone(),
        }
    }
}
