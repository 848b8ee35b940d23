use emulator_core::model::{error::ServiceError, gamelift::ProtectionPolicy};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation, operations::describe_game_sessions::Input, state::whole::State, types::NextToken,
    views::game_session::GameSessionView,
};

/// Describes game sessions, with their protection policies (`DescribeGameSessionDetails`).
pub(crate) struct DescribeGameSessionDetails;

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session_details: Vec<GameSessionDetail>,
    next_token: Option<NextToken>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GameSessionDetail {
    game_session: GameSessionView,
    protection_policy: ProtectionPolicy,
}

impl Operation for DescribeGameSessionDetails {
    const NAME: &'static str = "DescribeGameSessionDetails";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let (sessions, next_token) = input.find(state)?;
        let details = sessions
            .into_iter()
            .map(|session| GameSessionDetail { game_session: session.into(), protection_policy: session.protection });
        Ok(Output { game_session_details: details.collect(), next_token })
    }
}
