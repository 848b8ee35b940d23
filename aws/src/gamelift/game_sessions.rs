//! Game sessions: creating, describing and terminating one.

use aws_sdk_gamelift::{
    Client,
    types::{GameSession, GameSessionStatus, TerminationMode},
};
use shared::{Code, Error};

use crate::{
    gamelift::{attempts::once, properties::game_properties, target::Target},
    upstream::{
        failure::{self, incomplete},
        operation::Operation,
    },
};

/// The most pages that are read of a fleet's ACTIVATING game sessions, of 100 each unless GameLift chooses otherwise.
const PAGES_OF_UNSTARTED: usize = 2;

/// A game session to create.
#[derive(Clone, Debug)]
pub struct NewGameSession<'a> {
    /// The token that makes AWS create it once in a fleet, however often the call is repeated: 1 to 48 of
    /// `[a-zA-Z0-9-]`.
    pub idempotency_token: &'a str,
    /// Where to create it.
    pub target: &'a Target,
    /// A name to show, 1 to 1024 characters.
    pub name: &'a str,
    /// The number of player slots, 1 to 200.
    pub maximum_player_session_count: i32,
    /// At most 16 names (32 characters) with values (96 characters).
    pub game_properties: &'a [(String, String)],
    /// Data that the game server gets unchanged; up to 262,144 characters.
    pub game_session_data: Option<&'a str>,
    /// Who creates it, 1 to 1024 characters: GameLift limits the game sessions per creator.
    pub creator_id: Option<&'a str>,
}

/// A page of game sessions.
#[derive(Clone, Debug, Default)]
pub struct GameSessionPage {
    /// The game sessions.
    pub sessions: Vec<GameSession>,
    /// The token of the next page, if there is one.
    pub next_token: Option<String>,
}

/// Creates a game session (`CreateGameSession`).
pub trait CreateGameSession: Send + Sync {
    /// Creates the game session and returns it, ACTIVATING. If the token has been used in the fleet before, it
    /// returns that game session in its present state. Tried once.
    fn create_game_session(&self, new: &NewGameSession<'_>) -> impl Future<Output = Result<GameSession, Error>> + Send;

    /// The id of a game session created with this token, as GameLift documents it (`GameSession.GameSessionId`). It
    /// includes the location unless that is the fleet's home Region.
    fn game_session_id(&self, target: &Target, idempotency_token: &str) -> String;
}

/// Looks at one game session (`DescribeGameSessions`).
pub trait DescribeGameSession: Send + Sync {
    /// The game session's present state. Tried once.
    fn describe_game_session(&self, id: &str) -> impl Future<Output = Result<GameSession, Error>> + Send;
}

/// Finds the game sessions of a fleet that have not become ACTIVE yet (`DescribeGameSessions`).
pub trait StartingGameSessions: Send + Sync {
    /// A page of the fleet's ACTIVATING game sessions in all locations, of 100 unless GameLift chooses otherwise: the
    /// first one, or the one behind `next_token`. Tried once.
    fn starting_game_sessions(
        &self,
        fleet: &str,
        next_token: Option<String>,
    ) -> impl Future<Output = Result<GameSessionPage, Error>> + Send;
}

/// Finds the same for every start of a player (`DescribeGameSessionDetails`). GameLift allows this operation 30 calls a
/// second, apart from the 20 `DescribeGameSessions` that all waiting calls share.
pub trait UnstartedGameSessions: Send + Sync {
    /// The fleet's ACTIVATING game sessions, at most two pages. Each page is tried once.
    fn unstarted_game_sessions(&self, fleet: &str) -> impl Future<Output = Result<Vec<GameSession>, Error>> + Send;
}

/// Ends a game session (`TerminateGameSession`).
pub trait TerminateGameSession: Send + Sync {
    /// Asks the server process to end the game session.
    fn terminate_game_session(&self, id: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

impl CreateGameSession for Client {
    async fn create_game_session(&self, new: &NewGameSession<'_>) -> Result<GameSession, Error> {
        let call = self
            .create_game_session()
            .idempotency_token(new.idempotency_token)
            .fleet_id(&new.target.fleet)
            .set_location(new.target.location.clone())
            .name(new.name)
            .maximum_player_session_count(new.maximum_player_session_count)
            .set_game_properties(game_properties(new.game_properties))
            .set_game_session_data(new.game_session_data.map(str::to_owned))
            .set_creator_id(new.creator_id.map(str::to_owned));
        let call = call.customize().config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::CreateGameSession, error))?;
        output.game_session.ok_or_else(|| incomplete(Operation::CreateGameSession))
    }

    fn game_session_id(&self, target: &Target, idempotency_token: &str) -> String {
        let region = self.config().region().map_or("", |region| region.as_ref());
        let partition = match region.split('-').next() {
            Some("cn") => "aws-cn",
            _ if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let away = target.location.as_deref().filter(|location| *location != region);
        let place = [Some(target.fleet.as_str()), away].into_iter().flatten().collect::<Vec<_>>().join("/");
        format!("arn:{partition}:gamelift:{region}::gamesession/{place}/{idempotency_token}")
    }
}

impl DescribeGameSession for Client {
    async fn describe_game_session(&self, id: &str) -> Result<GameSession, Error> {
        let call = self.describe_game_sessions().game_session_id(id).customize().config_override(once());
        let output = call.send().await.map_err(|error| failure::error(Operation::DescribeGameSessions, error))?;
        let session = output.game_sessions.unwrap_or_default().into_iter().next();
        session.ok_or_else(|| Error::new(Code::SessionNotFound, "No game session has this id."))
    }
}

impl StartingGameSessions for Client {
    async fn starting_game_sessions(&self, fleet: &str, next_token: Option<String>) -> Result<GameSessionPage, Error> {
        let call = self.describe_game_sessions().fleet_id(fleet).status_filter(GameSessionStatus::Activating.as_str());
        let output = call
            .set_next_token(next_token)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| failure::error(Operation::DescribeGameSessions, error))?;
        let sessions = output.game_sessions.unwrap_or_default();
        Ok(GameSessionPage { sessions, next_token: output.next_token })
    }
}

impl UnstartedGameSessions for Client {
    async fn unstarted_game_sessions(&self, fleet: &str) -> Result<Vec<GameSession>, Error> {
        let (mut sessions, mut next_token) = (Vec::new(), None);
        for _ in 0..PAGES_OF_UNSTARTED {
            let call = self.describe_game_session_details().fleet_id(fleet).set_next_token(next_token.take());
            let output = call
                .status_filter(GameSessionStatus::Activating.as_str())
                .customize()
                .config_override(once())
                .send()
                .await
                .map_err(|error| failure::error(Operation::DescribeGameSessionDetails, error))?;
            let details = output.game_session_details.unwrap_or_default();
            sessions.extend(details.into_iter().filter_map(|detail| detail.game_session));
            next_token = output.next_token;
            if next_token.is_none() {
                break;
            }
        }
        Ok(sessions)
    }
}

impl TerminateGameSession for Client {
    async fn terminate_game_session(&self, id: &str) -> Result<(), Error> {
        // This mode works on every fleet type; FORCE_TERMINATE needs the GameLift Agent on Anywhere.
        let mode = TerminationMode::TriggerOnProcessTerminate;
        let call = self.terminate_game_session().game_session_id(id).termination_mode(mode);
        call.send().await.map_err(|error| failure::error(Operation::TerminateGameSession, error))?;
        Ok(())
    }
}
