use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::{fleet::CreationLimit, game_session::CreationParameters},
    state::whole::State,
    types::{
        AliasIdOrArn, FleetIdOrArn, GameProperty, GameSessionData, IdString, Location, MAX_PLAYERS, MAX_PROPERTIES,
        REQUIRED, Text, by_key,
    },
    views::game_session::GameSessionView,
};

/// Starts a game session on a free server process (`CreateGameSession`).
pub(crate) struct CreateGameSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(dive)]
    alias_id: Option<AliasIdOrArn>,
    #[garde(required, range(min = 0, max = MAX_PLAYERS))]
    maximum_player_session_count: Option<i32>,
    #[garde(dive)]
    name: Option<Text>,
    #[garde(length(max = MAX_PROPERTIES), dive)]
    game_properties: Option<Vec<GameProperty>>,
    #[garde(dive)]
    creator_id: Option<Text>,
    #[garde(dive)]
    game_session_id: Option<IdString>,
    #[garde(dive)]
    idempotency_token: Option<IdString>,
    #[garde(dive)]
    game_session_data: Option<GameSessionData>,
    #[garde(dive)]
    location: Option<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session: GameSessionView,
}

impl Operation for CreateGameSession {
    const NAME: &'static str = "CreateGameSession";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let fleet = state.fleet(input.fleet_id.as_ref(), input.alias_id.as_ref())?;
        fleet.check_location(input.location.as_ref())?;
        let location = input.location.map(|location| location.0).or_else(|| state.default_location(&fleet));
        let Some(location) = location else {
            return Err(invalid_request("An Anywhere fleet needs a Location to create a game session in."));
        };
        let token = match (input.idempotency_token, input.game_session_id) {
            // Refused (inferred): AWS does not say which of the two counts.
            (Some(_), Some(_)) => {
                return Err(invalid_request("Give an IdempotencyToken or a GameSessionId, not both."));
            }
            // GameSessionId is the token's deprecated name.
            (token, deprecated) => token.or(deprecated).map(|id| id.0),
        };
        let limit = fleet.attributes.creation_limit.and_then(CreationLimit::in_force);
        if limit.is_some() && input.creator_id.is_none() {
            return Err(invalid_request("The fleet has a ResourceCreationLimitPolicy: a CreatorId is required."));
        }
        let parameters = CreationParameters {
            name: input.name.map(|name| name.0),
            properties: by_key(input.game_properties.unwrap_or_default())?,
            maximum_players: usize::try_from(input.maximum_player_session_count.expect(REQUIRED)).expect(REQUIRED),
            creator_id: input.creator_id.map(|id| id.0),
            data: input.game_session_data.map(|data| data.0),
            matchmaker_data: None,
        };
        let arn = state.create_game_session(&fleet, &location, token, parameters)?;
        Ok(Output { game_session: state.game_session(&arn)?.into() })
    }
}
