use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request, gamelift::FallbackStrategy};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    operations::queue_settings::check_once,
    resources::placement::{PlacementRequest, PlayerLatency, PriorityOverride},
    state::whole::State,
    types::{
        GameProperty, GameSessionData, IdString, Location, MAX_PLAYERS, MAX_PROPERTIES, PlayerData, PlayerId,
        QueueNameOrArn, REQUIRED, Text, by_key,
    },
    views::placement::PlacementView,
};

/// Asks a queue for a game session (`StartGameSessionPlacement`).
pub(crate) struct StartGameSessionPlacement;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    placement_id: Option<IdString>,
    #[garde(required, dive)]
    game_session_queue_name: Option<QueueNameOrArn>,
    #[garde(length(max = MAX_PROPERTIES), dive)]
    game_properties: Option<Vec<GameProperty>>,
    #[garde(required, range(min = 0, max = MAX_PLAYERS))]
    maximum_player_session_count: Option<i32>,
    #[garde(dive)]
    game_session_name: Option<Text>,
    #[garde(dive)]
    player_latencies: Option<Vec<Latency>>,
    #[garde(dive)]
    desired_player_sessions: Option<Vec<DesiredPlayerSession>>,
    #[garde(dive)]
    game_session_data: Option<GameSessionData>,
    #[garde(dive)]
    priority_configuration_override: Option<PriorityConfigurationOverride>,
}

/// All members are required (inferred).
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct Latency {
    #[garde(required, dive)]
    player_id: Option<PlayerId>,
    #[garde(required, dive)]
    region_identifier: Option<Text>,
    #[garde(required, range(min = 0.0), inner(custom(finite)))]
    latency_in_milliseconds: Option<f64>,
}

/// CBOR can encode NaN and infinity, which `range` accepts.
fn finite(milliseconds: &f64, (): &()) -> garde::Result {
    if milliseconds.is_finite() { Ok(()) } else { Err(garde::Error::new("Member must be a finite number")) }
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct DesiredPlayerSession {
    #[garde(required, dive)]
    player_id: Option<PlayerId>,
    #[garde(dive)]
    player_data: Option<PlayerData>,
}

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct PriorityConfigurationOverride {
    #[garde(pattern("^(DEFAULT_AFTER_SINGLE_PASS|NONE)$"))]
    placement_fallback_strategy: Option<String>,
    #[garde(required, length(min = 1, max = 10), dive)]
    location_order: Option<Vec<Location>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session_placement: PlacementView,
}

impl Operation for StartGameSessionPlacement {
    const NAME: &'static str = "StartGameSessionPlacement";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let latencies: Vec<_> =
            input.player_latencies.unwrap_or_default().into_iter().map(PlayerLatency::from).collect();
        if !latencies.is_empty() && input.priority_configuration_override.is_some() {
            return Err(invalid_request("Give PlayerLatencies or a PriorityConfigurationOverride, not both."));
        }
        let desired = input.desired_player_sessions.unwrap_or_default().into_iter();
        let players: Vec<_> = desired
            .map(|player| (player.player_id.expect(REQUIRED).0, player.player_data.map(|data| data.0)))
            .collect();
        check_once("DesiredPlayerSessions", &players.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>())?;
        let maximum_players = usize::try_from(input.maximum_player_session_count.expect(REQUIRED)).expect(REQUIRED);
        // Inferred: such a placement can never be fulfilled.
        if players.len() > maximum_players {
            return Err(invalid_request(format!(
                "DesiredPlayerSessions has {} players, more than MaximumPlayerSessionCount.",
                players.len()
            )));
        }
        let request = PlacementRequest {
            queue: state.queue(&input.game_session_queue_name.expect(REQUIRED))?.name.clone(),
            name: input.game_session_name.map(|name| name.0),
            properties: by_key(input.game_properties.unwrap_or_default())?,
            maximum_players,
            data: input.game_session_data.map(|data| data.0),
            matchmaker_data: None,
            latencies,
            players,
            priority: input.priority_configuration_override.map(PriorityConfigurationOverride::parse).transpose()?,
        };
        let IdString(id) = input.placement_id.expect(REQUIRED);
        state.start_placement(&id, request)?;
        Ok(Output { game_session_placement: PlacementView::of(state.placement(&id)?, state) })
    }
}

impl From<Latency> for PlayerLatency {
    fn from(latency: Latency) -> Self {
        Self {
            player_id: latency.player_id.expect(REQUIRED).0,
            location: latency.region_identifier.expect(REQUIRED).0,
            milliseconds: latency.latency_in_milliseconds.expect(REQUIRED),
        }
    }
}

impl PriorityConfigurationOverride {
    fn parse(self) -> Result<PriorityOverride, ServiceError> {
        let locations: Vec<_> = self.location_order.expect(REQUIRED).into_iter().map(|location| location.0).collect();
        check_once("LocationOrder", &locations)?;
        let fallback = self.placement_fallback_strategy.map(|strategy| strategy.parse().expect(REQUIRED));
        Ok(PriorityOverride { fallback: fallback.unwrap_or(FallbackStrategy::DefaultAfterSinglePass), locations })
    }
}

#[cfg(test)]
mod tests {
    use emulator_core::wire::protocol::Protocol;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0.0, true)]
    #[case(f64::MAX, true)]
    #[case(-0.1, false)]
    #[case(f64::NAN, false)]
    #[case(f64::INFINITY, false)]
    #[case(f64::NEG_INFINITY, false)]
    fn a_latency_is_a_number(#[case] milliseconds: f64, #[case] valid: bool) {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Body {
            player_id: &'static str,
            region_identifier: &'static str,
            latency_in_milliseconds: f64,
        }
        let body = Body { player_id: "p", region_identifier: "r", latency_in_milliseconds: milliseconds };
        let body = minicbor_serde::to_vec(&body).unwrap();
        assert_eq!(Protocol::RpcV2Cbor.decode::<Latency>(&body).unwrap().validate().is_ok(), valid);
    }
}
