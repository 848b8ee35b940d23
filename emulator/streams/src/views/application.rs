//! Applications as the API describes them.

use emulator_core::wire::epoch::Epoch;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::application::{Application, ApplicationStatus},
    state::whole::State,
    types::{ApplicationLogs, RuntimeEnvironment},
};

/// An application as `GetApplication`, `CreateApplication` and `UpdateApplication` describe it.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApplicationView {
    arn: String,
    id: String,
    description: String,
    #[serde(flatten)]
    logs: ApplicationLogs,
    runtime_environment: RuntimeEnvironment,
    executable_path: String,
    application_source_uri: String,
    status: ApplicationStatus,
    status_reason: Option<String>,
    replication_statuses: Vec<ReplicationStatus>,
    associated_stream_groups: Vec<String>,
    created_at: Epoch,
    last_updated_at: Epoch,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReplicationStatus {
    location: String,
    status: &'static str,
}

impl ApplicationView {
    pub(crate) fn new(state: &State, application: &Application) -> Self {
        let groups = state.groups.values().filter(|group| group.applications.contains(&application.id));
        // A READY application is in the primary location (inferred).
        let primary = (application.status == ApplicationStatus::Ready).then_some(&state.arns.region);
        let replication = |location: &String| ReplicationStatus {
            location: location.clone(),
            status: if application.is_at(location, &state.arns.region, state.now) {
                "COMPLETED"
            } else {
                "REPLICATING"
            },
        };
        Self {
            arn: state.arns.application(&application.id),
            id: application.id.clone(),
            description: application.description.clone(),
            logs: application.logs.clone(),
            runtime_environment: application.runtime.clone(),
            executable_path: application.executable_path.clone(),
            application_source_uri: application.source_uri.clone(),
            status: application.status,
            status_reason: application.status_reason.clone(),
            replication_statuses: primary.into_iter().chain(application.copies.keys()).map(replication).collect(),
            associated_stream_groups: groups.map(|group| state.arns.group(&group.id)).collect(),
            created_at: application.created_at.into(),
            last_updated_at: application.updated_at.into(),
        }
    }
}

/// An application as lists describe it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApplicationSummary {
    arn: String,
    id: String,
    description: String,
    runtime_environment: RuntimeEnvironment,
    status: ApplicationStatus,
    created_at: Epoch,
    last_updated_at: Epoch,
}

impl ApplicationSummary {
    pub(crate) fn new(state: &State, application: &Application) -> Self {
        Self {
            arn: state.arns.application(&application.id),
            id: application.id.clone(),
            description: application.description.clone(),
            runtime_environment: application.runtime.clone(),
            status: application.status,
            created_at: application.created_at.into(),
            last_updated_at: application.updated_at.into(),
        }
    }
}
