use axum::routing::MethodFilter;
use emulator_core::model::{error::ServiceError, exceptions::streams::validation};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    operation::Operation,
    resources::session::{Export, ExportStatus},
    state::whole::State,
    types::Identifier,
};

/// Exports the files of a running stream session when it ends (`ExportStreamSessionFiles`). The emulator writes nothing
/// to S3; it only keeps the export's status.
pub(crate) struct ExportStreamSessionFiles;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(dive)]
    stream_session_identifier: Identifier,
    #[garde(length(chars, max = 1024), pattern(r"^s3://.*(/|\.zip|\.ZIP)$"))]
    output_uri: String,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for ExportStreamSessionFiles {
    const NAME: &'static str = "ExportStreamSessionFiles";
    const METHOD: MethodFilter = MethodFilter::PUT;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions/{StreamSessionIdentifier}/exportfiles";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let id = state.session_id(&input.identifier, &input.stream_session_identifier)?;
        let session = state.session_mut(&id);
        if !session.status.is_running() {
            // Of the operation's declared exceptions, only this one fits (inferred).
            return Err(validation(format!("The files of a session in {:?} cannot be exported.", session.status)));
        }
        let status = ExportStatus::Pending;
        session.export = Some(Export { status, status_reason: None, output_uri: input.output_uri });
        Ok(Output {})
    }
}
