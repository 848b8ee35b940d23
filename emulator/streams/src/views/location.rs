//! The locations of stream groups as the API describes them.

use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::{
    resources::location::{Location, LocationStatus},
    types::VpcTransitConfiguration,
};

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

impl LocationView {
    pub(crate) fn new(location: &Location) -> Self {
        let capacity = location.capacity;
        // Nothing is provisioned before the location is ACTIVE (inferred).
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
