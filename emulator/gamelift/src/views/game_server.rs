//! Game servers as the API shows them.

use emulator_core::{model::gamelift::UtilizationStatus, wire::epoch::Epoch};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::resources::game_server::GameServer;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GameServerView {
    game_server_group_name: String,
    game_server_group_arn: String,
    game_server_id: String,
    instance_id: String,
    connection_info: Option<String>,
    game_server_data: Option<String>,
    claim_status: Option<&'static str>,
    utilization_status: UtilizationStatus,
    registration_time: Epoch,
    last_claim_time: Option<Epoch>,
    last_health_check_time: Epoch,
}

impl From<&GameServer> for GameServerView {
    fn from(server: &GameServer) -> Self {
        Self {
            game_server_group_name: server.group.clone(),
            game_server_group_arn: server.group_arn.clone(),
            game_server_id: server.id.clone(),
            instance_id: server.instance.clone(),
            connection_info: server.connection_info.clone(),
            game_server_data: server.data.clone(),
            claim_status: server.claim.map(|_| "CLAIMED"),
            utilization_status: server.utilization,
            registration_time: server.registration_time.into(),
            last_claim_time: server.last_claim_time.map(Epoch),
            last_health_check_time: server.last_health_check_time.into(),
        }
    }
}
