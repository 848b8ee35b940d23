//! `POST /deregister_game_server`: a game server takes no more players and is about to end.

use aws::gamelift::DeregisterGameServer;
use matchmaking::config::GameServerConfig;
use serde_json::json;
use shared::{
    Answer, Call, Code, Error, Route, RouteId,
    deadline::{Backoff, Deadline, within},
};

use crate::fields;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct Deregister<G> {
    gamelift: G,
    config: GameServerConfig,
}

impl<G> Deregister<G> {
    /// The route for game servers of the configured groups.
    pub fn new(gamelift: G, config: GameServerConfig) -> Self {
        Self { gamelift, config }
    }
}

impl<G: DeregisterGameServer + 'static> Route for Deregister<G> {
    const ID: RouteId = RouteId::DeregisterGameServer;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        fields::check_caller(&call, &self.config)?;
        let mut fields = call.fields()?;
        let group = fields::group(&mut fields, &self.config);
        let id = fields::id(&mut fields);
        fields.check()?;
        self.deregister(&group, &id, call.deadline).await?;
        Ok(Answer::ok(json!({ "GameServer": { "GameServerGroupName": group, "GameServerId": id } })))
    }
}

impl<G: DeregisterGameServer> Deregister<G> {
    /// Deregisters the game server, and tries again after a passing failure. If it is gone then, a try whose answer
    /// was lost has deregistered it.
    async fn deregister(&self, group: &str, id: &str, deadline: Deadline) -> Result<(), Error> {
        let mut waits = Backoff::polling();
        let mut may_be_done = false;
        loop {
            match within(deadline, self.gamelift.deregister_game_server(group, id)).await {
                Err(gone) if gone.code() == Code::GameServerNotFound && may_be_done => return Ok(()),
                Err(error) if error.code().is_passing() && deadline.sleep(waits.next().unwrap_or_default()).await => {
                    may_be_done |= error.code() != Code::RateLimited;
                }
                result => return result,
            }
        }
    }
}
