//! Stream sessions as the API describes them.

use emulator_core::{
    model::streams::{Status, StatusReason},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::session::{Export, Session},
    state::whole::State,
    types::{Details, SignalRequest},
};

/// A stream session as `StartStreamSession` and `GetStreamSession` describe it. It has no id: that is the last part of
/// the ARN.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SessionView {
    arn: String,
    stream_group_id: String,
    application_arn: String,
    status: Status,
    status_reason: Option<StatusReason>,
    location: Option<String>,
    signal_request: SignalRequest,
    signal_response: Option<String>,
    export_files_metadata: Option<Export>,
    web_sdk_protocol_url: Option<String>,
    last_updated_at: Epoch,
    created_at: Epoch,
    /// The application is launched when the session becomes ACTIVE (inferred).
    application_started_at: Option<Epoch>,
    streaming_started_at: Option<Epoch>,
    /// Streaming ends with the session, not with the connection (inferred).
    streaming_ended_at: Option<Epoch>,
    #[serde(flatten)]
    details: Details,
}

impl SessionView {
    pub(crate) fn new(state: &State, session: &Session) -> Self {
        let (request, response) = session.shown_signals(&state.rules, state.now);
        Self {
            arn: state.arns.session(&session.group, &session.id),
            stream_group_id: session.group.clone(),
            application_arn: state.arns.application(&session.application),
            status: session.status,
            status_reason: session.status_reason,
            location: session.shown_location(&state.rules).cloned(),
            signal_request: request.clone(),
            signal_response: response.cloned(),
            export_files_metadata: session.export.clone(),
            web_sdk_protocol_url: response.map(|_| state.host.protocol_url()),
            last_updated_at: session.since.into(),
            created_at: session.created_at.into(),
            application_started_at: session.started_at.map(Epoch),
            streaming_started_at: session.streaming_started_at.map(Epoch),
            streaming_ended_at: session.streaming_ended_at.map(Epoch),
            details: session.details.clone(),
        }
    }
}
