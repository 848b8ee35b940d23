use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::Deserialize;

use crate::{operation::Operation, state::whole::State, types::Identifier, views::session::SessionView};

/// Describes a running or ended stream session (`GetStreamSession`). AWS does not document how long it keeps ended
/// ones. The emulator keeps them forever unless its rule `retention_seconds` limits that (inferred).
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
