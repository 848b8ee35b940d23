use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::{
        Operation,
        state::{Repeatable, State},
        types::{ClientToken, Description, Details, Identifier, SignalRequest, validation},
    },
};

/// Starts a stream session (`StartStreamSession`). It is ACTIVATING when the call returns; want of
/// capacity is no exception but the session's later `placementTimeout`.
pub(super) struct StartStreamSession;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
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
    type Output = Description;

    fn run(state: &mut State, input: Input) -> Result<Description, ServiceError> {
        let group = state.group(&input.identifier)?;
        group.expect_application(&input.application_identifier)?;
        // A stream group has one location, so the first known one of the list is that one. AWS
        // does not say which exception it is if none is known (inferred).
        if input.locations.as_ref().is_some_and(|wanted| !wanted.contains(&group.location)) {
            return Err(validation("The stream group has none of these locations."));
        }
        let group = group.id.clone();
        let request = Repeatable::new(input.client_token.as_ref(), &input);
        if let Some(id) = state.started.repeated(&request)? {
            return Ok(Description::new(state, &state.sessions[id]));
        }
        let id = state.start(group, input.details, input.signal_request);
        state.started.remember(request, id.clone());
        Ok(Description::new(state, &state.sessions[&id]))
    }
}
