//! `POST /create_session`: a new game session, and the caller's place in it.
//!
//! Places a game session on the first fleet and location with a free game server, waits until the
//! game server has activated it, and reserves the player's slot. What cannot be handed to the player
//! is not left behind: the game session is terminated.

mod body;
mod place;
mod wait;

use std::time::Duration;

use aws_sdk_gamelift::types::{GameSession, PlayerSession};
use lambda_http::http::Method;
use shared::{
    Answer, Call, Error, Route, answer,
    config::FleetConfig,
    deadline::{Deadline, within},
    fleets::Targets,
    gamelift::{CreateGameSession, CreatePlayerSession, DescribeGameSession, Fleets, TerminateGameSession},
    player::Player,
};

use crate::body::Body;

/// Kept at the end of the budget to reserve the slot of a session that became ACTIVE at the last moment.
const TIME_TO_RESERVE: Duration = Duration::from_secs(4);

/// Kept behind that to terminate a session that cannot be handed over.
const TIME_TO_TERMINATE: Duration = Duration::from_secs(2);

/// The route, on some GameLift.
#[derive(Debug)]
pub struct CreateSession<G> {
    gamelift: G,
    targets: Targets,
}

impl<G> CreateSession<G> {
    /// The route with its fleets from `LIFTGATE_FLEETS`.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, targets: Targets::new(fleets) }
    }
}

impl<G> Route for CreateSession<G>
where
    G: Fleets + CreateGameSession + DescribeGameSession + CreatePlayerSession + TerminateGameSession + 'static,
{
    const NAME: &'static str = "create_session";
    const METHOD: Method = Method::POST;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let (body, uuid) = Body::read(&call)?;
        let player = call.player(uuid)?;
        let placed = place::place(&self.gamelift, &self.targets, &body, call.deadline).await?;
        let id = placed.game_session_id().unwrap_or_default();
        match self.hand_over(&placed, &player, call.deadline).await {
            Ok(player_session) => Ok(Answer::ok(answer::player_session(&player_session))),
            Err(error) => {
                self.clean_up(id, call.deadline).await;
                Err(error.with_member("GameSessionId", id))
            }
        }
    }
}

impl<G: DescribeGameSession + CreatePlayerSession + TerminateGameSession> CreateSession<G> {
    /// Waits for the game session and reserves the player's slot in it.
    async fn hand_over(
        &self,
        placed: &GameSession,
        player: &Player,
        deadline: Deadline,
    ) -> Result<PlayerSession, Error> {
        wait::until_active(&self.gamelift, placed, deadline.keep(TIME_TO_RESERVE)).await?;
        let id = placed.game_session_id().unwrap_or_default();
        within(deadline.keep(TIME_TO_TERMINATE), self.gamelift.create_player_session(id, player.id())).await
    }

    /// Ends a game session that nobody will be sent to.
    async fn clean_up(&self, id: &str, deadline: Deadline) {
        if let Err(error) = within(deadline, self.gamelift.terminate_game_session(id)).await {
            // Someone should look: the server process stays taken until the game server ends by itself.
            tracing::error!(
                alarm = "orphaned_game_session",
                game_session_id = id,
                code = error.code().as_str(),
                "the game session could not be terminated"
            );
        }
    }
}
