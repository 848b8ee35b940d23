use std::collections::BTreeMap;

use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GameSessionArn, PlayerData, PlayerId, REQUIRED},
    views::player_session::PlayerSessionView,
};

/// Reserves a slot for each of several players (`CreatePlayerSessions`).
pub(crate) struct CreatePlayerSessions;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(required, length(min = 1, max = 25), dive)]
    player_ids: Option<Vec<PlayerId>>,
    #[garde(custom(check_keys), dive)]
    player_data_map: Option<BTreeMap<String, PlayerData>>,
}

fn check_keys(map: &Option<BTreeMap<String, PlayerData>>, _: &()) -> garde::Result {
    let valid = |key: &String| (1..=1024).contains(&key.chars().count());
    match map {
        Some(map) if !map.keys().all(valid) => Err(garde::Error::new("Map keys must have length between 1 and 1024")),
        _ => Ok(()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    player_sessions: Vec<PlayerSessionView>,
}

impl Operation for CreatePlayerSessions {
    const NAME: &'static str = "CreatePlayerSessions";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let GameSessionArn(arn) = input.game_session_id.expect(REQUIRED);
        // Data for players who are not in PlayerIds is ignored.
        let data = input.player_data_map.unwrap_or_default();
        let players = input.player_ids.expect(REQUIRED).into_iter().map(|PlayerId(id)| {
            let data = data.get(&id).map(|data| data.0.clone());
            (id, data)
        });
        let ids = state.reserve(&arn, players.collect())?;
        let player_sessions = ids
            .iter()
            .map(|id| Ok(PlayerSessionView::of(state.player_session(id)?, state)))
            .collect::<Result<_, ServiceError>>()?;
        Ok(Output { player_sessions })
    }
}
