//! Anywhere fleets.

use std::time::Duration;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_fleet_status, invalid_request},
    gamelift::{FleetStatus, ProtectionPolicy},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::Location;

/// An Anywhere fleet. It is ACTIVE at once, as nothing has to be built.
///
/// A shared `Arc<Fleet>` is a copy of its time: a game session's fleet has the right id, but the status of when the
/// game session was created.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Fleet {
    pub(crate) id: String,
    pub(crate) arn: String,
    /// Changed by `State::set_fleet_status` only.
    pub(crate) status: FleetStatus,
    pub(crate) locations: Vec<String>,
    pub(crate) attributes: FleetAttributes,
    /// `GameSessionActivationTimeoutSeconds` of its runtime configuration.
    pub(crate) activation_timeout: Option<Duration>,
    pub(crate) creation_time: Timestamp,
    pub(crate) termination_time: Option<Timestamp>,
}

/// The attributes that `UpdateFleetAttributes` can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FleetAttributes {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The protection of new game sessions. It protects from scaling down, which Anywhere fleets never do.
    pub(crate) protection: ProtectionPolicy,
    pub(crate) creation_limit: Option<CreationLimit>,
    pub(crate) metric_group: String,
    /// A number, as text.
    pub(crate) cost: Option<String>,
}

/// The most game sessions that one creator may create in a period (`ResourceCreationLimitPolicy`).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct CreationLimit {
    pub(crate) sessions: Option<usize>,
    pub(crate) minutes: Option<u32>,
}

impl CreationLimit {
    /// Returns the number and the period if the policy limits anything. It needs both (inferred), and 0 is no limit
    /// (inferred).
    pub(crate) fn in_force(self) -> Option<(usize, Duration)> {
        let minutes = self.minutes.filter(|minutes| *minutes > 0)?;
        Some((self.sessions.filter(|sessions| *sessions > 0)?, Duration::from_secs(u64::from(minutes) * 60)))
    }
}

impl FleetAttributes {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            description: None,
            protection: ProtectionPolicy::NoProtection,
            creation_limit: None,
            metric_group: "default".into(),
            cost: None,
        }
    }
}

impl Fleet {
    /// Refuses a location that the fleet does not have (inferred, except for `CreateGameSession`).
    pub(crate) fn check_location(&self, location: Option<&Location>) -> Result<(), ServiceError> {
        match location {
            Some(location) if !self.locations.contains(&location.0) => Err(invalid_request(format!(
                "Fleet {} has no location {}. Its locations: {}.",
                self.id,
                location.0,
                self.locations.join(", ")
            ))),
            _ => Ok(()),
        }
    }

    /// Returns how many game sessions one creator may create in which period. The default is one a second.
    pub(crate) fn creation_limit(&self) -> (usize, Duration) {
        let limit = self.attributes.creation_limit.and_then(CreationLimit::in_force);
        limit.unwrap_or((1, Duration::from_secs(1)))
    }

    /// Refuses a fleet that is being deleted or has been deleted.
    pub(crate) fn check_active(&self) -> Result<(), ServiceError> {
        match self.status {
            FleetStatus::Active => Ok(()),
            status => Err(invalid_fleet_status(format!("Fleet {} is {}, not ACTIVE.", self.id, status.name()))),
        }
    }
}

/// A recent creation of a game session, counted against the creator's limit.
#[derive(Serialize, Deserialize)]
pub(crate) struct Creation {
    pub(crate) fleet_id: String,
    pub(crate) creator: String,
    pub(crate) counts_until: Timestamp,
}

/// Leaves the player out.
impl std::fmt::Debug for Creation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Creation").field("fleet_id", &self.fleet_id).finish_non_exhaustive()
    }
}
