//! Placements as the API shows them.

use emulator_core::{
    model::gamelift::{FallbackStrategy, PlacementStatus},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::placement::Placement,
    state::whole::State,
    views::game_property::{GamePropertyView, game_properties},
};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PlacementView {
    placement_id: String,
    game_session_queue_name: String,
    status: PlacementStatus,
    game_properties: Vec<GamePropertyView>,
    maximum_player_session_count: usize,
    game_session_name: Option<String>,
    game_session_id: Option<String>,
    game_session_arn: Option<String>,
    game_session_region: Option<String>,
    player_latencies: Vec<PlayerLatencyView>,
    start_time: Epoch,
    end_time: Option<Epoch>,
    ip_address: Option<String>,
    dns_name: Option<String>,
    port: Option<u16>,
    placed_player_sessions: Vec<PlacedPlayerSessionView>,
    game_session_data: Option<String>,
    matchmaker_data: Option<String>,
    priority_configuration_override: Option<PriorityOverrideView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlayerLatencyView {
    player_id: String,
    region_identifier: String,
    /// The model's `Float` is a single-precision number in CBOR, and SDKs accept nothing else.
    latency_in_milliseconds: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "the API model has single precision here")]
fn single(number: f64) -> f32 {
    number as f32
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PlacedPlayerSessionView {
    player_id: String,
    player_session_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PriorityOverrideView {
    placement_fallback_strategy: FallbackStrategy,
    location_order: Vec<String>,
}

impl PlacementView {
    pub(crate) fn of(placement: &Placement, state: &State) -> Self {
        let request = placement.request.clone();
        // The placement's game session is not final before it is FULFILLED, and is not shown before.
        let session = placement
            .game_session
            .as_ref()
            .filter(|_| placement.status == PlacementStatus::Fulfilled)
            .and_then(|arn| state.game_sessions.get(arn));
        let players = placement.player_sessions.iter().filter_map(|id| state.player_sessions.get(id));
        Self {
            placement_id: placement.id.clone(),
            game_session_queue_name: request.queue,
            status: placement.status,
            game_properties: game_properties(&request.properties),
            maximum_player_session_count: request.maximum_players,
            game_session_name: request.name,
            game_session_id: session.map(|session| session.arn.clone()),
            game_session_arn: session.map(|session| session.arn.clone()),
            // AWS's Region, not the custom location (inferred).
            game_session_region: session.map(|_| state.region.clone()),
            player_latencies: request
                .latencies
                .into_iter()
                .map(|latency| PlayerLatencyView {
                    player_id: latency.player_id,
                    region_identifier: latency.location,
                    latency_in_milliseconds: single(latency.milliseconds),
                })
                .collect(),
            start_time: placement.start_time.into(),
            end_time: placement.end_time.map(Epoch),
            ip_address: session.map(|session| session.compute.ip_address.clone()),
            dns_name: session.and_then(|session| session.compute.dns_name.clone()),
            port: session.map(|session| session.port),
            placed_player_sessions: players
                .map(|player| PlacedPlayerSessionView {
                    player_id: player.player_id.clone(),
                    player_session_id: player.id.clone(),
                })
                .collect(),
            game_session_data: request.data,
            matchmaker_data: request.matchmaker_data,
            priority_configuration_override: request.priority.map(|priority| PriorityOverrideView {
                placement_fallback_strategy: priority.fallback,
                location_order: priority.locations,
            }),
        }
    }
}
