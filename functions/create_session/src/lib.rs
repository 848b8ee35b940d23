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
    Answer, Call, Code, Error, Route, answer,
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
        match self.hand_over(&placed, &player, call.deadline).await {
            Ok(player_session) => Ok(Answer::ok(answer::player_session(&player_session))),
            Err(error) => Err(self.clean_up(&placed, error, call.deadline).await),
        }
    }
}

impl<G: Fleets> CreateSession<G> {
    /// Looks the fleets up before the first player needs them, and opens the connection by it.
    ///
    /// # Errors
    /// See [`Targets::list`].
    pub async fn look_up_fleets(&self) -> Result<(), Error> {
        self.targets.list(&self.gamelift).await.map(drop)
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
        let before_the_end = deadline.keep(TIME_TO_TERMINATE);
        wait::until_active(&self.gamelift, placed, deadline.keep(TIME_TO_RESERVE), before_the_end).await?;
        let id = placed.game_session_id().unwrap_or_default();
        within(before_the_end, self.gamelift.create_player_session(id, player.id())).await
    }

    /// Ends the game session that nobody will be sent to because of `error`, and completes the error.
    async fn clean_up(&self, placed: &GameSession, error: Error, deadline: Deadline) -> Error {
        let id = placed.game_session_id().unwrap_or_default();
        let error = error.with_member("GameSessionId", id);
        if error.code() == Code::SessionFailed {
            return error;
        }
        match within(deadline, self.gamelift.terminate_game_session(id)).await {
            Ok(()) => {}
            // It has ended by itself.
            Err(refusal) if matches!(refusal.code(), Code::SessionNotFound | Code::SessionNotJoinable) => {}
            Err(refusal) => {
                // Someone should look: the server process stays taken until the game server ends by itself.
                let code = refusal.code().as_str();
                tracing::error!(
                    alarm = "orphaned_game_session",
                    game_session_id = id,
                    code,
                    "the game session could not be terminated"
                );
                return error;
            }
        }
        match error.code() {
            Code::ActivationTimeout => error.with_code(
                Code::ActivationTimeout,
                "The game session was still ACTIVATING, so it is terminated and cannot be resumed. See why the game server does not call ActivateGameSession.",
            ),
            _ => error,
        }
    }
}
