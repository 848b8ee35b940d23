//! Stream sessions, applications and stream groups as the API describes them.

use emulator_core::{
    model::streams::{Status, StatusReason, StreamClass},
    wire::epoch::Epoch,
};
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    admin::{ApplicationLogs, RuntimeEnvironment, VpcTransitConfiguration},
    resources::{
        application::{Application, ApplicationStatus},
        group::{Group, GroupStatus},
        location::{Location, LocationStatus},
        session::{Export, Session},
    },
    state::store::State,
    types::{Details, SignalRequest},
};

/// A stream session as `StartStreamSession` and `GetStreamSession` describe it. There is no id in
/// it: that is the last part of the ARN.
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
    /// That the application is launched when the session is ACTIVE is inferred.
    application_started_at: Option<Epoch>,
    streaming_started_at: Option<Epoch>,
    /// That streaming ends with the session, not with the connection, is inferred.
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

/// An application as `GetApplication` describes it, and those that make and change it.
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
        // It is in the primary location once it is READY (inferred).
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

/// The same as lists have it.
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

/// A stream group as `GetStreamGroup` describes it, and those that make and change it.
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

/// The same as lists have it.
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

/// A location of a stream group.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LocationView {
    location_name: String,
    status: LocationStatus,
    always_on_capacity: u32,
    on_demand_capacity: u32,
    maximum_capacity: u32,
    target_idle_capacity: u32,
    requested_capacity: u32,
    allocated_capacity: u32,
    idle_capacity: u32,
    vpc_transit_configuration: Option<VpcTransitConfiguration>,
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

impl LocationView {
    pub(crate) fn new(location: &Location) -> Self {
        let capacity = location.capacity;
        // Nothing is provisioned before it is set up (inferred).
        let is_active = location.status == LocationStatus::Active;
        Self {
            location_name: location.name.clone(),
            status: location.status,
            always_on_capacity: capacity.always_on,
            on_demand_capacity: capacity.maximum - capacity.always_on,
            maximum_capacity: capacity.maximum,
            target_idle_capacity: capacity.target_idle,
            requested_capacity: capacity.always_on,
            allocated_capacity: if is_active { location.allocated() } else { 0 },
            idle_capacity: if is_active { location.idle() } else { 0 },
            vpc_transit_configuration: location.vpc.clone(),
        }
    }
}
