use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request, gamelift::PlayerSessionStatus};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    resources::player_session::PlayerSession,
    state::whole::State,
    types::{GameSessionArn, Limit, NextToken, PlayerId, PlayerSessionId, Text, paginate},
    views::player_session::PlayerSessionView,
};

/// Describes one player session, or those of a game session or of a player (`DescribePlayerSessions`).
pub(crate) struct DescribePlayerSessions;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(dive)]
    player_id: Option<PlayerId>,
    #[garde(dive)]
    player_session_id: Option<PlayerSessionId>,
    #[garde(dive)]
    player_session_status_filter: Option<Text>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    player_sessions: Vec<PlayerSessionView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribePlayerSessions {
    const NAME: &'static str = "DescribePlayerSessions";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (sessions, next_token) = match (input.game_session_id, input.player_id, input.player_session_id) {
            // The status filter and the paging have no effect here. An unknown player session is a NotFoundException
            // (inferred).
            (None, None, Some(PlayerSessionId(id))) => (vec![state.player_session(&id)?], None),
            // The status filter has no effect here either. A player without player sessions is not an error (inferred).
            (None, Some(PlayerId(player)), None) => paginate(of_player(state, &player), input.limit, input.next_token)?,
            (Some(GameSessionArn(arn)), None, None) => {
                let status = parse_filter(input.player_session_status_filter)?;
                let sessions = state.game_session(&arn)?.player_sessions.iter();
                let sessions = sessions
                    .map(|id| &state.player_sessions[id])
                    .filter(|session| status.is_none_or(|status| session.status == status));
                paginate(sessions, input.limit, input.next_token)?
            }
            _ => {
                return Err(invalid_request("Give exactly one of GameSessionId, PlayerId and PlayerSessionId."));
            }
        };
        let player_sessions = sessions.into_iter().map(|session| PlayerSessionView::of(session, state)).collect();
        Ok(Output { player_sessions, next_token })
    }
}

fn of_player<'a>(state: &'a State, player: &str) -> Vec<&'a PlayerSession> {
    let mut sessions: Vec<_> = state.player_sessions.values().filter(|session| session.player_id == player).collect();
    sessions.sort_unstable_by_key(|session| session.number);
    sessions
}

fn parse_filter(filter: Option<Text>) -> Result<Option<PlayerSessionStatus>, ServiceError> {
    let Some(Text(name)) = filter else { return Ok(None) };
    // Inferred: the API model accepts any text as the filter.
    PlayerSessionStatus::from_name(&name).map(Some).ok_or_else(|| {
        invalid_request(format!("PlayerSessionStatusFilter {name:?} is not the name of a player session status."))
    })
}
