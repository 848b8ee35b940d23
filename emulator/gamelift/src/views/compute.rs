//! Computes as the API shows them.

use emulator_core::wire::epoch::Epoch;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{resources::compute::Compute, state::whole::State};

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ComputeView {
    fleet_id: String,
    fleet_arn: String,
    compute_name: String,
    compute_arn: String,
    ip_address: String,
    dns_name: Option<String>,
    compute_status: &'static str,
    location: String,
    creation_time: Epoch,
    game_lift_service_sdk_endpoint: String,
}

impl ComputeView {
    pub(crate) fn of(compute: &Compute, state: &State) -> Self {
        Self {
            fleet_id: compute.fleet_id.clone(),
            fleet_arn: compute.fleet_arn.clone(),
            compute_name: compute.name.clone(),
            compute_arn: compute.arn.clone(),
            ip_address: compute.ip_address.clone(),
            dns_name: compute.dns_name.clone(),
            // Anywhere fleets report `Active`, not the enumeration's `ACTIVE`.
            compute_status: "Active",
            location: compute.location.clone(),
            creation_time: compute.creation_time.into(),
            game_lift_service_sdk_endpoint: state.server_sdk_endpoint.clone(),
        }
    }
}
