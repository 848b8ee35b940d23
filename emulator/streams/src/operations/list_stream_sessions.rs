use axum::routing::MethodFilter;
use emulator_core::{
    model::{
        error::ServiceError,
        streams::{Status, StatusReason},
    },
    wire::epoch::Epoch,
};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    operation::Operation,
    resources::session::{Export, ExportStatus, Session},
    state::{pages::Page, whole::State},
    types::{Identifier, Protocol},
};

/// Lists running and ended stream sessions in no particular order (`ListStreamSessions`).
pub(crate) struct ListStreamSessions;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[serde(flatten)]
    #[garde(dive)]
    filter: Filter,
    #[serde(flatten)]
    #[garde(dive)]
    page: Page,
}

/// The filter of a list of stream sessions.
#[derive(Hash, Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    #[garde(skip)]
    status: Option<Status>,
    #[garde(skip)]
    export_files_status: Option<ExportStatus>,
}

/// A page of stream sessions.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    items: Vec<Summary>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    arn: String,
    user_id: Option<String>,
    status: Status,
    status_reason: Option<StatusReason>,
    protocol: Protocol,
    last_updated_at: Epoch,
    created_at: Epoch,
    application_arn: String,
    export_files_metadata: Option<Export>,
    location: Option<String>,
    role_arn: Option<String>,
}

impl Summary {
    fn new(state: &State, session: &Session) -> Self {
        Self {
            arn: state.arns.session(&session.group, &session.id),
            user_id: session.details.user_id.clone(),
            status: session.status,
            status_reason: session.status_reason,
            protocol: session.details.protocol,
            last_updated_at: session.since.into(),
            created_at: session.created_at.into(),
            application_arn: state.arns.application(&session.application),
            export_files_metadata: session.export.clone(),
            location: session.shown_location(&state.rules).cloned(),
            role_arn: session.details.role_arn.clone(),
        }
    }
}

impl Operation for ListStreamSessions {
    const NAME: &'static str = "ListStreamSessions";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups/{Identifier}/streamsessions";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let group = state.group(&input.identifier)?.id.clone();
        list(state, &input.page, &input.filter, Some(&group))
    }
}

/// Returns a page of the stream sessions that match `filter`, in a group or in all.
pub(crate) fn list(
    state: &mut State,
    page: &Page,
    filter: &Filter,
    group: Option<&String>,
) -> Result<Output, ServiceError> {
    let is_wanted = |session: &&Session| {
        group.is_none_or(|group| session.group == *group)
            && filter.status.is_none_or(|status| session.status == status)
            && filter
                .export_files_status
                .is_none_or(|status| session.export.as_ref().is_some_and(|export| export.status == status))
    };
    let ids = state.sessions.values().filter(is_wanted).map(|session| session.id.clone()).collect();
    let (ids, next_token) = state.page(page, (group, filter), ids)?;
    let items = ids.iter().map(|id| Summary::new(state, &state.sessions[id])).collect();
    Ok(Output { items, next_token })
}
