use std::ops::Bound::{Excluded, Unbounded};

use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as, skip_serializing_none};

use crate::{
    ServiceError,
    streams::{
        Operation,
        state::{Session, State, Status, StatusReason},
        types::{Identifier, Protocol, validation},
    },
    wire::epoch::Epoch,
};

/// The page size without `MaxResults` (inferred, it is the largest one).
const DEFAULT_PAGE: usize = 100;

/// Lists stream sessions in no particular order, also those that have ended (`ListStreamSessions`).
pub(super) struct ListStreamSessions;

#[serde_as]
#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
    #[garde(skip)]
    status: Option<Status>,
    #[garde(skip)]
    export_files_status: Option<ExportFilesStatus>,
    #[garde(skip)]
    next_token: Option<String>,
    #[serde(default)]
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[garde(inner(range(min = 1, max = 100)))]
    max_results: Option<usize>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ExportFilesStatus {
    Succeeded,
    Failed,
    Pending,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    items: Vec<Summary>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    arn: String,
    user_id: Option<String>,
    status: Status,
    status_reason: Option<StatusReason>,
    protocol: Protocol,
    last_updated_at: Epoch,
    created_at: Epoch,
    application_arn: String,
    location: Option<String>,
    role_arn: Option<String>,
}

impl Summary {
    fn new(state: &State, session: &Session) -> Self {
        let group = state.group_of(session);
        Self {
            arn: group.session_arn(&session.id),
            user_id: session.details.user_id.clone(),
            status: session.status,
            status_reason: session.status_reason,
            protocol: session.details.protocol,
            last_updated_at: session.since.into(),
            created_at: session.created_at.into(),
            application_arn: group.application_arn.clone(),
            location: state.location_of(session),
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
        let group = &state.group(&input.identifier)?.id;
        let after = match &input.next_token {
            None => Unbounded,
            Some(token) => Excluded(last_id(token).ok_or_else(|| validation("NextToken is not one of ours."))?),
        };
        let page = input.max_results.unwrap_or(DEFAULT_PAGE);
        // Ids are random, so their order is a shuffled one, and a page can go on after an id
        // whatever has been started meanwhile.
        let mut wanted = state
            .sessions
            .range((after, Unbounded))
            .map(|(_, session)| session)
            .filter(|session| session.group == *group)
            .filter(|session| input.status.is_none_or(|status| status == session.status))
            // The emulator exports no files, so no session has such a status.
            .filter(|_| input.export_files_status.is_none());
        let sessions: Vec<&Session> = wanted.by_ref().take(page).collect();
        let next_token = wanted.next().and(sessions.last()).map(|last| token(&last.id));
        let items = sessions.into_iter().map(|session| Summary::new(state, session)).collect();
        Ok(Output { items, next_token })
    }
}

/// Hexadecimal, so that nobody takes it for an id.
fn token(last_id: &str) -> String {
    last_id.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn last_id(token: &str) -> Option<String> {
    if token.is_empty() || !token.is_ascii() || !token.len().is_multiple_of(2) {
        return None;
    }
    let bytes = (0..token.len()).step_by(2).map(|at| u8::from_str_radix(&token[at..at + 2], 16).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_tokens_are_read() {
        assert_eq!(last_id(&token("Ab3")).as_deref(), Some("Ab3"));
        for forged in ["", "4", "zz", "ü1", "ff"] {
            assert_eq!(last_id(forged), None, "{forged:?}");
        }
    }
}
