//! Locations of a stream group, with their capacity.

use emulator_core::model::{
    error::ServiceError, exceptions::streams::validation, stream_compute::Compute, streams::StreamClass,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::{LocationConfiguration, VpcTransitConfiguration};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) name: String,
    pub(crate) status: LocationStatus,
    /// When ACTIVATING or REMOVING ends.
    pub(crate) due: Option<Timestamp>,
    pub(crate) capacity: Capacity,
    pub(crate) vpc: Option<VpcTransitConfiguration>,
    /// The reason why it will not become ACTIVE.
    pub(crate) fault: Option<String>,
    /// The number of sessions with a slot.
    pub(crate) used: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum LocationStatus {
    Activating,
    Active,
    Error,
    Removing,
}

/// The number of sessions that can run at once.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Capacity {
    /// The slots that are allocated at all times.
    pub(crate) always_on: u32,
    /// The most slots: above `always_on`, instances start on demand.
    pub(crate) maximum: u32,
    /// The number of idle slots that are kept allocated.
    pub(crate) target_idle: u32,
}

impl Location {
    pub(crate) fn new(name: String, capacity: Capacity, active_at: Timestamp) -> Self {
        Self {
            name,
            status: LocationStatus::Activating,
            due: Some(active_at),
            capacity,
            vpc: None,
            fault: None,
            used: 0,
        }
    }

    /// Returns the number of provisioned slots. On-demand capacity exists only while it is used (inferred; AWS takes
    /// minutes to release it).
    pub(crate) fn allocated(&self) -> u32 {
        let Capacity { always_on, maximum, target_idle } = self.capacity;
        // Removed capacity stays in use until its sessions end.
        always_on.max(self.used.saturating_add(target_idle).min(maximum)).max(self.used)
    }

    pub(crate) fn idle(&self) -> u32 {
        self.allocated() - self.used
    }

    pub(crate) fn has_room(&self) -> bool {
        self.used < self.capacity.maximum
    }
}

impl Capacity {
    /// Returns the capacity for `count` sessions on this kind of compute.
    pub(crate) fn of(compute: Compute, count: u32) -> Self {
        let always_on = if compute == Compute::AlwaysOn { count } else { 0 };
        Self { always_on, maximum: count, target_idle: 0 }
    }

    /// Returns a capacity of always-on instances only.
    pub(crate) fn always_on(count: u32) -> Self {
        Self { always_on: count, maximum: count, target_idle: 0 }
    }

    /// Whether some of it starts on demand, which takes longer.
    pub(crate) fn is_on_demand(self) -> bool {
        self.maximum > self.always_on
    }

    /// Returns the capacity after a request. Members that the request leaves out do not change. A new location without
    /// an always-on capacity and a maximum gets the tenancy of its class.
    pub(crate) fn changed(
        before: Option<Self>,
        asked: &LocationConfiguration,
        class: StreamClass,
    ) -> Result<Self, ServiceError> {
        let LocationConfiguration {
            always_on_capacity: always_on,
            on_demand_capacity: on_demand,
            target_idle_capacity: target_idle,
            maximum_capacity: maximum,
            ..
        } = asked;
        if on_demand.is_some() && (maximum.is_some() || target_idle.is_some()) {
            return Err(validation(
                "OnDemandCapacity is deprecated: it cannot be used with MaximumCapacity or TargetIdleCapacity.",
            ));
        }
        let fresh = if on_demand.is_none() && maximum.is_none() { class.tenancy() } else { 0 };
        let always_on = always_on.unwrap_or_else(|| before.map_or(fresh, |before| before.always_on));
        let extra = before.map_or(0, |before| before.maximum - before.always_on);
        let maximum = match (maximum, on_demand) {
            (Some(maximum), _) => *maximum,
            (None, Some(on_demand)) => always_on.saturating_add(*on_demand),
            (None, None) => always_on.saturating_add(extra),
        };
        let target_idle = target_idle.unwrap_or_else(|| before.map_or(0, |before| before.target_idle));
        let tenancy = class.tenancy();
        if [always_on, maximum, target_idle].iter().any(|count| count % tenancy != 0) {
            return Err(validation(format!("Capacities of this stream class are multiples of {tenancy}.")));
        }
        if maximum < always_on || maximum < target_idle {
            return Err(validation("MaximumCapacity is at least AlwaysOnCapacity and TargetIdleCapacity."));
        }
        Ok(Self { always_on, maximum, target_idle })
    }
}
