use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier, views::session::SessionView};

/// Describes a stream session, also one that has ended (`GetStreamSession`). For how long AWS
/// keeps those is not documented; here it is for good (inferred).
pub(crate) struct GetStreamSession;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    stream_session_identifier: Identifier,
}

impl Operation for GetStreamSession {
    const NAME: &'static str = "GetStreamSession";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions/{StreamSessionIdentifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = SessionView;

    fn run(state: &mut State, input: Input) -> Result<SessionView, ServiceError> {
        let id = state.session_id(&input.identifier, &input.stream_session_identifier)?;
        Ok(SessionView::new(state, &state.sessions[&id]))
    }
}
