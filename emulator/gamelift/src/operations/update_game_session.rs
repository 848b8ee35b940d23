use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_game_session_status, invalid_request},
    gamelift::{GameSessionStatus, PlayerSessionCreationPolicy},
};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{
        CreationPolicy, GameProperty, GameSessionArn, MAX_PLAYERS, MAX_PROPERTIES, Protection, REQUIRED, Text, by_key,
    },
    views::game_session::GameSessionView,
};

/// Changes a game session (`UpdateGameSession`). The game server is not told (inferred).
pub(crate) struct UpdateGameSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(range(min = 0, max = MAX_PLAYERS))]
    maximum_player_session_count: Option<i32>,
    #[garde(dive)]
    name: Option<Text>,
    #[garde(dive)]
    player_session_creation_policy: Option<CreationPolicy>,
    #[garde(dive)]
    protection_policy: Option<Protection>,
    #[garde(length(max = MAX_PROPERTIES), dive)]
    game_properties: Option<Vec<GameProperty>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session: GameSessionView,
}

impl Operation for UpdateGameSession {
    const NAME: &'static str = "UpdateGameSession";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let GameSessionArn(arn) = input.game_session_id.expect(REQUIRED);
        let session = state.game_session(&arn)?;
        // The statuses that allow an update are inferred.
        if !matches!(session.status, GameSessionStatus::Activating | GameSessionStatus::Active) {
            return Err(invalid_game_session_status(format!(
                "Game session {arn} is {}; it cannot be updated.",
                session.status.name()
            )));
        }
        let maximum_players = match input.maximum_player_session_count {
            Some(maximum) => usize::try_from(maximum).expect(REQUIRED),
            None => session.maximum_players,
        };
        // Refused (inferred): AWS does not say what happens to the surplus players.
        if maximum_players < session.slots_taken {
            return Err(invalid_request(format!(
                "Game session {arn} has {} players, more than the new maximum {maximum_players}.",
                session.slots_taken
            )));
        }
        // The update adds and overwrites properties; it never removes one.
        let mut properties = session.properties.clone();
        properties.extend(by_key(input.game_properties.unwrap_or_default())?);
        if properties.len() > MAX_PROPERTIES {
            return Err(invalid_request(format!(
                "Game session {arn} would have {} game properties; the maximum is {MAX_PROPERTIES}.",
                properties.len()
            )));
        }

        let session = state.game_sessions.get_mut(&arn).expect("looked up above");
        session.maximum_players = maximum_players;
        session.properties = properties;
        if let Some(Text(name)) = input.name {
            session.name = Some(name);
        }
        if let Some(CreationPolicy(policy)) = input.player_session_creation_policy {
            session.policy = PlayerSessionCreationPolicy::from_name(&policy).expect(REQUIRED);
        }
        if let Some(Protection(policy)) = input.protection_policy {
            session.protection = policy.parse().expect(REQUIRED);
        }
        Ok(Output { game_session: (&*session).into() })
    }
}
