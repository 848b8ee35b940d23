//! A place that a stream group streams from, with its capacity.

use emulator_core::model::{
    error::ServiceError, exceptions::streams::validation, stream_compute::Compute, streams::StreamClass,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::admin::{LocationConfiguration, VpcTransitConfiguration};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) name: String,
    pub(crate) status: LocationStatus,
    /// When ACTIVATING or REMOVING is over.
    pub(crate) due: Option<Timestamp>,
    pub(crate) capacity: Capacity,
    pub(crate) vpc: Option<VpcTransitConfiguration>,
    /// The reason for which it will not become ACTIVE.
    pub(crate) fault: Option<String>,
    /// How many sessions have a slot.
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

/// How many sessions can run at once.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Capacity {
    /// Allocated at all times.
    pub(crate) always_on: u32,
    /// Beyond that, instances are started on demand.
    pub(crate) maximum: u32,
    /// How many are held ready beyond those that stream.
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

    /// What is provisioned. On-demand capacity is there as long as it is used (inferred; AWS takes minutes to
    /// release it).
    pub(crate) fn allocated(&self) -> u32 {
        let Capacity { always_on, maximum, target_idle } = self.capacity;
        // Capacity that was taken back is used until its sessions end.
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
    /// What so many sessions run on.
    pub(crate) fn of(compute: Compute, count: u32) -> Self {
        let always_on = if compute == Compute::AlwaysOn { count } else { 0 };
        Self { always_on, maximum: count, target_idle: 0 }
    }

    /// Instances that are always there, and no others.
    pub(crate) fn always_on(count: u32) -> Self {
        Self { always_on: count, maximum: count, target_idle: 0 }
    }

    /// Whether some of it is started on demand, which takes longer.
    pub(crate) fn is_on_demand(self) -> bool {
        self.maximum > self.always_on
    }

    /// What a request makes of it. What is left out stays as it is; without an always-on capacity and a
    /// maximum a new location has the tenancy of its class.
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
