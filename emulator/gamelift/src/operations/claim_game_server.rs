use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::game_server::Claim,
    state::whole::State,
    types::{GameServerData, GameServerId, GroupNameOrArn, REQUIRED},
    views::game_server::GameServerView,
};

/// Reserves a game server for a minute (`ClaimGameServer`).
pub(crate) struct ClaimGameServer;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_server_group_name: Option<GroupNameOrArn>,
    #[garde(dive)]
    game_server_id: Option<GameServerId>,
    #[garde(dive)]
    game_server_data: Option<GameServerData>,
    #[garde(dive)]
    filter_option: Option<ClaimFilterOption>,
}

/// Statuses of the instances whose game servers may be claimed.
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
struct ClaimFilterOption {
    #[garde(inner(inner(pattern("^(ACTIVE|DRAINING)$"))))]
    instance_statuses: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_server: GameServerView,
}

impl Operation for ClaimGameServer {
    const NAME: &'static str = "ClaimGameServer";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let draining = match input.filter_option.and_then(|filter| filter.instance_statuses) {
            // "If provided, the list must contain the ACTIVE status."
            Some(statuses) if !statuses.iter().any(|status| status == "ACTIVE") => {
                return Err(invalid_request("The InstanceStatuses of a FilterOption have to contain ACTIVE."));
            }
            Some(statuses) => statuses.iter().any(|status| status == "DRAINING"),
            None => true,
        };
        let claim = Claim {
            id: input.game_server_id.map(|id| id.0),
            data: input.game_server_data.map(|data| data.0),
            draining,
        };
        let server = state.claim_game_server(&input.game_server_group_name.expect(REQUIRED), claim)?;
        Ok(Output { game_server: server.into() })
    }
}
