use emulator_core::model::{error::ServiceError, exceptions::gamelift::invalid_request};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    state::whole::State,
    types::{GameSessionArn, REQUIRED},
    views::game_session::GameSessionView,
};

/// Asks the game server to end its game session (`TerminateGameSession`).
pub(crate) struct TerminateGameSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(required, dive)]
    game_session_id: Option<GameSessionArn>,
    #[garde(required, pattern("^(TRIGGER_ON_PROCESS_TERMINATE|FORCE_TERMINATE)$"))]
    termination_mode: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    game_session: GameSessionView,
}

impl Operation for TerminateGameSession {
    const NAME: &'static str = "TerminateGameSession";
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let GameSessionArn(arn) = input.game_session_id.expect(REQUIRED);
        state.game_session(&arn)?;
        if input.termination_mode.expect(REQUIRED) == "FORCE_TERMINATE" {
            return Err(invalid_request("FORCE_TERMINATE does not work on an Anywhere fleet without the agent."));
        }
        state.trigger_termination(&arn)?;
        Ok(Output { game_session: state.game_session(&arn)?.into() })
    }
}
