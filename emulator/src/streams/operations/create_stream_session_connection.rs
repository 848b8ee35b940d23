use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::{
        Operation,
        state::{Repeatable, State, Status},
        types::{ClientToken, Identifier, SignalRequest, conflict, validation},
    },
};

/// Lets a new client connect to a running stream session (`CreateStreamSessionConnection`).
///
/// The call is synchronous, so RECONNECTING is over when it returns. A bad offer changes nothing
/// (inferred: the API reference hints that it could end the session).
pub(super) struct CreateStreamSessionConnection;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    stream_session_identifier: Identifier,
    #[garde(dive)]
    signal_request: SignalRequest,
    #[garde(dive)]
    client_token: Option<ClientToken>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    signal_response: String,
}

impl Operation for CreateStreamSessionConnection {
    const NAME: &'static str = "CreateStreamSessionConnection";
    const METHOD: MethodFilter = MethodFilter::POST;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions/{StreamSessionIdentifier}/connections";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = state.session_id(&input.identifier, &input.stream_session_identifier)?;
        let request = Repeatable::new(input.client_token.as_ref(), &input);
        if let Some(signal_response) = state.connected.repeated(&request)?.cloned() {
            return Ok(Output { signal_response });
        }

        let session = &state.sessions[&id];
        let status = session.status;
        if !matches!(status, Status::Active | Status::PendingClientReconnection) {
            // Which exception a wrong status is is not documented (inferred).
            return Err(conflict(format!("A session in {status:?} takes no connection.")));
        }
        if session.signal_requests.contains(&input.signal_request) {
            // "Newly generated" is documented, the exception is not (inferred).
            return Err(validation("The signal request has been used before; generate a new one."));
        }
        let signal_response = state.answer(&id, &input.signal_request.0).map_err(|e| validation(e.to_string()))?;

        let session = state.session_mut(&id);
        session.signal_requests.push(input.signal_request);
        session.signal_response = Some(signal_response.clone());
        // From ACTIVE there is no such step: RECONNECTING means that a client was lost (inferred).
        if status == Status::PendingClientReconnection {
            state.change(&id, Status::Reconnecting, None);
        }
        // The time for connecting starts again, also from ACTIVE (inferred).
        state.change(&id, Status::Active, None);
        state.connected.remember(request, signal_response.clone());
        Ok(Output { signal_response })
    }
}
