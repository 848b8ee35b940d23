use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found},
    gamelift::GameSessionStatus,
};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    resources::game_session::GameSession,
    state::whole::State,
    types::{AliasIdOrArn, FleetIdOrArn, GameSessionArn, Limit, Location, NextToken, Text, paginate},
    views::game_session::GameSessionView,
};

/// Describes one game session, or the game sessions of a fleet (`DescribeGameSessions`).
pub(crate) struct DescribeGameSessions;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    fleet_id: Option<FleetIdOrArn>,
    #[garde(dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(dive)]
    alias_id: Option<AliasIdOrArn>,
    #[garde(dive)]
    location: Option<Location>,
    #[garde(dive)]
    status_filter: Option<Text>,
    #[garde(dive)]
    limit: Option<Limit>,
    #[garde(dive)]
    next_token: Option<NextToken>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_sessions: Vec<GameSessionView>,
    next_token: Option<NextToken>,
}

impl Operation for DescribeGameSessions {
    const NAME: &'static str = "DescribeGameSessions";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (sessions, next_token) = input.find(state)?;
        Ok(Output { game_sessions: sessions.into_iter().map(GameSessionView::from).collect(), next_token })
    }
}

impl Input {
    /// Returns one page of the game sessions that the input asks for.
    pub(crate) fn find(self, state: &State) -> Result<(Vec<&GameSession>, Option<NextToken>), ServiceError> {
        let fleet = match (&self.fleet_id, &self.alias_id) {
            (None, None) if self.game_session_id.is_some() => None,
            (fleet, alias) => Some(state.fleet(fleet.as_ref(), alias.as_ref())?),
        };
        if let Some(GameSessionArn(arn)) = &self.game_session_id {
            let session = state.game_session(arn)?;
            // Inferred: if a fleet is given too, the game session must be in it.
            if fleet.is_some_and(|fleet| fleet.id != session.fleet.id) {
                return Err(not_found("In this fleet, game session", arn));
            }
            return Ok((vec![session], None));
        }

        let fleet = fleet.ok_or_else(|| invalid_request("A FleetId, an AliasId or a GameSessionId is required."))?;
        fleet.check_location(self.location.as_ref())?;
        let status = match &self.status_filter {
            // Inferred: the API model accepts any text as the filter.
            Some(Text(name)) => Some(GameSessionStatus::from_name(name).ok_or_else(|| {
                invalid_request(format!("StatusFilter {name:?} is not the name of a game session status."))
            })?),
            None => None,
        };
        let sessions = state.game_sessions_of(&fleet).into_iter().filter(|session| {
            status.is_none_or(|status| session.status == status)
                && self.location.as_ref().is_none_or(|location| session.location() == location.0)
        });
        paginate(sessions, self.limit, self.next_token)
    }
}
