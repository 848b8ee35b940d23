use axum::routing::MethodFilter;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    streams::{Compute, Operation, state::State, types::Identifier},
    wire::epoch::Epoch,
};

/// Describes a stream group and what capacity it has left (`GetStreamGroup`).
pub(super) struct GetStreamGroup;

#[derive(Deserialize, Validate)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[garde(dive)]
    identifier: Identifier,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    arn: String,
    id: String,
    description: &'static str,
    status: &'static str,
    stream_class: &'static str,
    default_application: DefaultApplication,
    associated_applications: Vec<String>,
    location_states: Vec<LocationState>,
    created_at: Epoch,
    last_updated_at: Epoch,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DefaultApplication {
    id: String,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LocationState {
    location_name: String,
    status: &'static str,
    always_on_capacity: u32,
    maximum_capacity: u32,
    target_idle_capacity: u32,
    requested_capacity: u32,
    allocated_capacity: u32,
    idle_capacity: u32,
}

impl Operation for GetStreamGroup {
    const NAME: &'static str = "GetStreamGroup";
    const METHOD: MethodFilter = MethodFilter::GET;
    const PATH: &'static str = "/streamgroups/{Identifier}";
    const STATUS: u16 = 200;
    type Input = Input;
    type Output = Output;

    fn run(state: &mut State, input: Input) -> Result<Output, ServiceError> {
        let group = state.group(&input.identifier)?;
        // On demand, an instance exists only while it is used (inferred).
        let always_on = if group.compute == Compute::AlwaysOn { group.capacity } else { 0 };
        let allocated = always_on.max(group.used);
        Ok(Output {
            arn: group.arn.clone(),
            id: group.id.clone(),
            description: "The emulator's stream group",
            status: "ACTIVE",
            stream_class: group.compute.stream_class(),
            default_application: DefaultApplication {
                id: group.application_id.clone(),
                arn: group.application_arn.clone(),
            },
            associated_applications: vec![group.application_arn.clone()],
            location_states: vec![LocationState {
                location_name: group.location.clone(),
                status: "ACTIVE",
                always_on_capacity: always_on,
                maximum_capacity: group.capacity,
                target_idle_capacity: 0,
                requested_capacity: allocated,
                allocated_capacity: allocated,
                idle_capacity: allocated - group.used,
            }],
            created_at: group.created_at.into(),
            last_updated_at: group.created_at.into(),
        })
    }
}
