//! `POST /update_game_server`: a game server reports its utilization, its health or new data.

use aws::gamelift::{GameServerUpdate, UpdateGameServer};
use aws_sdk_gamelift::types::{GameServerHealthCheck, GameServerUtilizationStatus};
use matchmaking::{config::GameServerConfig, present};
use serde_json::json;
use shared::{Answer, Call, Error, Route, RouteId, deadline::within, request::Fields};

use crate::fields;

const UTILIZATION_STATUS: &str = "utilization_status";
const HEALTH_CHECK: &str = "health_check";

/// The route, on any GameLift.
#[derive(Debug)]
pub struct Update<G> {
    gamelift: G,
    config: GameServerConfig,
}

impl<G> Update<G> {
    /// The route for game servers of the configured groups.
    pub fn new(gamelift: G, config: GameServerConfig) -> Self {
        Self { gamelift, config }
    }
}

impl<G: UpdateGameServer + 'static> Route for Update<G> {
    const ID: RouteId = RouteId::UpdateGameServer;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        fields::check_caller(&call, &self.config)?;
        let mut fields = call.fields()?;
        let group = fields::group(&mut fields, &self.config);
        let id = fields::id(&mut fields);
        let update = update(&mut fields);
        fields.check()?;
        let server = within(call.deadline, self.gamelift.update_game_server(&group, &id, &update)).await?;
        Ok(Answer::ok(json!({ "GameServer": present::game_server(&server) })))
    }
}

/// Reads the changes. A call without any has most likely misspelt them.
fn update(fields: &mut Fields) -> GameServerUpdate {
    let names = [UTILIZATION_STATUS, HEALTH_CHECK, fields::DATA];
    if names.iter().all(|name| fields.is_absent(name)) {
        fields.error(UTILIZATION_STATUS, "is missing, and so are health_check and game_server_data; send at least one");
        return GameServerUpdate::default();
    }
    let utilization = fields.optional_string(UTILIZATION_STATUS, 0..=usize::MAX);
    let health = fields.optional_string(HEALTH_CHECK, 0..=usize::MAX);
    GameServerUpdate {
        utilization: utilization.and_then(|status| match status.as_str() {
            "AVAILABLE" => Some(GameServerUtilizationStatus::Available),
            "UTILIZED" => Some(GameServerUtilizationStatus::Utilized),
            _ => {
                fields.error(UTILIZATION_STATUS, "has to be AVAILABLE or UTILIZED");
                None
            }
        }),
        health: health.and_then(|health| {
            if health == "HEALTHY" {
                return Some(GameServerHealthCheck::Healthy);
            }
            fields.error(
                HEALTH_CHECK,
                "has to be HEALTHY; a game server that is not well sends none, or is deregistered",
            );
            None
        }),
        data: fields::data(fields),
    }
}
