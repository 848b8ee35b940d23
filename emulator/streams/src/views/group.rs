//! Stream groups as the API describes them.

use emulator_core::{model::streams::StreamClass, wire::epoch::Epoch};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::group::{Group, GroupStatus},
    state::whole::State,
    views::location::LocationView,
};

/// A stream group as `GetStreamGroup`, `CreateStreamGroup` and `UpdateStreamGroup` describe it.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupView {
    #[serde(flatten)]
    summary: GroupSummary,
    location_states: Vec<LocationView>,
    status_reason: Option<String>,
    associated_applications: Vec<String>,
}

/// A stream group as lists describe it.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupSummary {
    arn: String,
    id: String,
    description: String,
    default_application: Option<DefaultApplication>,
    stream_class: StreamClass,
    status: GroupStatus,
    created_at: Epoch,
    last_updated_at: Epoch,
    expires_at: Epoch,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DefaultApplication {
    id: String,
    arn: String,
}

impl GroupView {
    pub(crate) fn new(state: &State, group: &Group) -> Self {
        Self {
            summary: GroupSummary::new(state, group),
            location_states: group.locations.iter().map(LocationView::new).collect(),
            status_reason: group.status_reason.clone(),
            associated_applications: group.applications.iter().map(|id| state.arns.application(id)).collect(),
        }
    }
}

impl GroupSummary {
    pub(crate) fn new(state: &State, group: &Group) -> Self {
        let default = group.applications.first();
        Self {
            arn: state.arns.group(&group.id),
            id: group.id.clone(),
            description: group.description.clone(),
            default_application: default
                .map(|id| DefaultApplication { id: id.clone(), arn: state.arns.application(id) }),
            stream_class: group.stream_class,
            status: group.status(state.now),
            created_at: group.created_at.into(),
            last_updated_at: group.updated_at.into(),
            expires_at: group.expires_at().into(),
        }
    }
}
