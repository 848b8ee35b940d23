//! `POST /update_game_server`: a game server reports its utilization, its health or new data.

use aws::gamelift::{GameServerUpdate, UpdateGameServer};
use aws_sdk_gamelift::types::{GameServerHealthCheck, GameServerUtilizationStatus};
use matchmaking::{config::GameServerConfig, present};
use serde_json::json;
use shared::{
    Answer, Call, Error, Route, RouteId,
    deadline::within,
    request::{Fields, Member, Members, members::Words},
};

use crate::fields::{self, DATA, GROUP, ID};

/// The members of the body. One of the last three is needed.
pub const MEMBERS: Members = &[&GROUP, &ID, &UTILIZATION_STATUS, &HEALTH_CHECK, &DATA];

const UTILIZATION_STATUS: Member<Words<GameServerUtilizationStatus>> = Member::words(
    "utilization_status",
    &[("AVAILABLE", GameServerUtilizationStatus::Available), ("UTILIZED", GameServerUtilizationStatus::Utilized)],
    "Whether the game server hosts a game session.",
);

const HEALTH_CHECK: Member<Words<GameServerHealthCheck>> = Member::words(
    "health_check",
    &[("HEALTHY", GameServerHealthCheck::Healthy)],
    "The report that the game server is well. It is needed once a minute.",
)
.or("; a game server that is not well sends none, or is deregistered");

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
    let names = [UTILIZATION_STATUS.name, HEALTH_CHECK.name, DATA.name];
    if names.iter().all(|name| fields.is_absent(name)) {
        fields.error(
            UTILIZATION_STATUS.name,
            "is missing, and so are health_check and game_server_data; send at least one",
        );
        return GameServerUpdate::default();
    }
    GameServerUpdate {
        utilization: fields.word(&UTILIZATION_STATUS),
        health: fields.word(&HEALTH_CHECK),
        data: fields::data(fields),
    }
}
