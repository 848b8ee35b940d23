use axum::routing::MethodFilter;
use emulator_core::model::{
    error::ServiceError,
    exceptions::streams::{conflict, validation},
    stream_rules::{ActiveReconnect, BadReconnect, UsedOffer},
    streams::{Status, StatusReason},
};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::tokens::Repeatable,
    state::whole::State,
    types::{ClientToken, Identifier, SignalRequest},
};

/// Connects a new client to a running stream session (`CreateStreamSessionConnection`).
///
/// The call is synchronous, so RECONNECTING is over when it answers. A bad offer changes nothing (inferred: the API
/// reference hints that it could end the session).
pub(crate) struct CreateStreamSessionConnection;

#[derive(Serialize, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
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
pub(crate) struct Output {
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
        let known = state.connected.repeated(&request, &state.rules, state.now)?;
        if let Some(signal_response) = known.cloned() {
            return Ok(Output { signal_response });
        }

        let session = &state.sessions[&id];
        let status = session.status;
        if !matches!(status, Status::Active | Status::PendingClientReconnection) {
            // The exception for a wrong status is not documented (inferred).
            return Err(state.rules.wrong_state.error(format!("A session in {status:?} takes no connection.")));
        }
        if session.signal_requests.contains(&input.signal_request) {
            // "Newly generated" is documented; the exception is not (inferred).
            let message = "The signal request has been used before; generate a new one.";
            match state.rules.used_offer {
                UsedOffer::Validation => return Err(validation(message)),
                UsedOffer::Conflict => return Err(conflict(message)),
                UsedOffer::Accepted => {}
            }
        }
        let signal_response = match state.answer(&id, &input.signal_request.0) {
            Ok(signal_response) => signal_response,
            Err(error) => {
                if state.rules.bad_reconnect == BadReconnect::EndsSession {
                    state.end(&id, StatusReason::InvalidSignalRequest);
                }
                return Err(validation(error.to_string()));
            }
        };

        let session = state.session_mut(&id);
        session.signal_requests.push(input.signal_request);
        session.answered(signal_response.clone());
        // From ACTIVE there is no RECONNECTING, which means that a client was lost (inferred).
        let from_active = state.rules.active_reconnect == ActiveReconnect::Reconnecting;
        if status == Status::PendingClientReconnection || from_active {
            state.change(&id, Status::Reconnecting, None);
            state.becomes(&id, Status::Active, state.rules.reconnecting_seconds);
            state.answer_at = state.sessions[&id].becomes.map(|(at, _)| at);
        } else {
            // The time to connect starts again (inferred).
            state.change(&id, Status::Active, None);
        }
        state.connected.remember(request, signal_response.clone(), state.now);
        Ok(Output { signal_response })
    }
}
