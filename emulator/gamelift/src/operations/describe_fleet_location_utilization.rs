use emulator_core::model::{error::ServiceError, exceptions::gamelift::not_found, gamelift::GameSessionStatus};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::server_process::ProcessStatus,
    state::whole::State,
    types::{FleetIdOrArn, Location, REQUIRED},
};

/// Counts the processes, game sessions and players of a fleet in one of its locations
/// (`DescribeFleetLocationUtilization`).
pub(crate) struct DescribeFleetLocationUtilization;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(required, dive)]
    location: Option<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    fleet_utilization: FleetUtilization,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FleetUtilization {
    fleet_id: String,
    fleet_arn: String,
    active_server_process_count: usize,
    active_game_session_count: usize,
    current_player_session_count: usize,
    maximum_player_session_count: usize,
    location: String,
}

impl Operation for DescribeFleetLocationUtilization {
    const NAME: &'static str = "DescribeFleetLocationUtilization";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.known_fleet(&input.fleet_id.expect(REQUIRED))?;
        let Location(location) = input.location.expect(REQUIRED);
        // The exception is inferred.
        if !fleet.locations.contains(&location) {
            return Err(not_found("In this fleet, location", &location));
        }
        let processes = state.processes.values().filter(|process| {
            process.compute.fleet_id == fleet.id
                && process.compute.location == location
                && !matches!(process.status, ProcessStatus::Connected)
        });
        let sessions = state.game_sessions_of(&fleet);
        let hosted = || {
            sessions
                .iter()
                .filter(|session| session.status != GameSessionStatus::Terminated && session.location() == location)
        };
        let fleet_utilization = FleetUtilization {
            fleet_id: fleet.id.clone(),
            fleet_arn: fleet.arn.clone(),
            active_server_process_count: processes.count(),
            active_game_session_count: hosted().filter(|session| session.status == GameSessionStatus::Active).count(),
            // Reserved slots count as players (inferred).
            current_player_session_count: hosted().map(|session| session.slots_taken).sum(),
            maximum_player_session_count: hosted().map(|session| session.maximum_players).sum(),
            location,
        };
        Ok(Output { fleet_utilization })
    }
}
