use axum::routing::MethodFilter;
use emulator_core::model::{error::ServiceError, exceptions::streams::validation, streams::Status};
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier};

/// Ends a stream session (`TerminateStreamSession`): it is TERMINATING, and TERMINATED a moment later.
pub(crate) struct TerminateStreamSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    stream_session_identifier: Identifier,
}

impl Operation for TerminateStreamSession {
    const NAME: &'static str = "TerminateStreamSession";
    const METHOD: MethodFilter = MethodFilter::DELETE;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions/{StreamSessionIdentifier}";
    const STATUS: u16 = 204;
    type Input = Input;
    type Output = ();

    fn run(state: &mut State, input: Input) -> Result<(), ServiceError> {
        let id = state.session_id(&input.identifier, &input.stream_session_identifier)?;
        let status = state.sessions[&id].status;
        if status == Status::Activating {
            // The refusal is documented. Of the operation's declared exceptions, only this one fits (inferred).
            return Err(validation("A stream session in ACTIVATING cannot be terminated."));
        }
        // A session that is ending or has ended stays as it is: the operation is idempotent (inferred).
        if status.is_running() {
            state.change(&id, Status::Terminating, None);
        }
        Ok(())
    }
}
