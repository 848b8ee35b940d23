use axum::routing::MethodFilter;
use emulator_core::model::error::ServiceError;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::{session::Start, tokens::Repeatable},
    state::whole::State,
    types::{ClientToken, Details, Identifier, SignalRequest},
    views::session::SessionView,
};

/// Starts a stream session (`StartStreamSession`). It is ACTIVATING when the call returns. A lack of capacity is no
/// exception: the session ends with `placementTimeout` later.
pub(crate) struct StartStreamSession;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    application_identifier: Identifier,
    #[garde(dive)]
    signal_request: SignalRequest,
    #[garde(inner(length(min = 1), inner(length(chars, min = 1, max = 20), pattern(r"^[a-zA-Z0-9-]+$"))))]
    locations: Option<Vec<String>>,
    #[garde(dive)]
    client_token: Option<ClientToken>,
    #[serde(flatten)]
    #[garde(dive)]
    details: Details,
}

impl Operation for StartStreamSession {
    const NAME: &'static str = "StartStreamSession";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions";
    const STATUS: u16 = 201;
    type Input = Input;
    type Output = SessionView;

    fn run(state: &mut State, input: Input) -> Result<SessionView, ServiceError> {
        let group = state.group(&input.identifier)?;
        let application = state.application(&input.application_identifier)?;
        let request = Repeatable::new(input.client_token.as_ref(), &input);
        if let Some(id) = state.started.repeated(&request, &state.rules, state.now)? {
            return Ok(SessionView::new(state, &state.sessions[id]));
        }
        group.expect_streaming(state.now, |message| state.rules.wrong_state.error(message))?;
        group.expect_application(&application.id)?;
        let locations = state.locations_for(group, application, input.locations.as_deref())?;
        let (group, application) = (group.id.clone(), application.id.clone());
        let Input { details, signal_request, .. } = input;
        let id = state.start(Start { group, application, details, signal_request, locations });
        state.started.remember(request, id.clone(), state.now);
        Ok(SessionView::new(state, &state.sessions[&id]))
    }
}
