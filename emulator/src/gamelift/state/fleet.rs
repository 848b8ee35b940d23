//! Fleets, their locations and their computes.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;

use super::State;
use crate::{
    ServiceError, Settings,
    gamelift::{
        exceptions::{invalid_request, not_found},
        types::{AliasIdOrArn, FleetIdOrArn, Location},
    },
};

/// An Anywhere fleet. It is ACTIVE from its creation on, as there is nothing to build.
#[derive(Debug)]
pub(in crate::gamelift) struct Fleet {
    pub(in crate::gamelift) id: String,
    pub(in crate::gamelift) arn: String,
    pub(in crate::gamelift) name: String,
    pub(in crate::gamelift) locations: Vec<String>,
    pub(in crate::gamelift) creation_time: Timestamp,
}

/// A machine that was registered to a fleet.
#[derive(Debug)]
pub(in crate::gamelift) struct Compute {
    pub(in crate::gamelift) name: String,
    pub(in crate::gamelift) arn: String,
    pub(in crate::gamelift) fleet_id: String,
    pub(in crate::gamelift) fleet_arn: String,
    pub(in crate::gamelift) location: String,
    pub(in crate::gamelift) ip_address: String,
    pub(in crate::gamelift) creation_time: Timestamp,
}

impl Fleet {
    /// The fleet that exists from the start.
    pub(super) fn new(settings: &Settings, now: Timestamp) -> Self {
        Self {
            id: Settings::FLEET_ID.into(),
            arn: fleet_arn(settings),
            name: "local-fleet".into(),
            locations: vec![Settings::LOCATION.into()],
            creation_time: now,
        }
    }

    fn is(&self, id: &FleetIdOrArn) -> bool {
        id.0 == self.id || id.0 == self.arn
    }

    /// Refuses a location that the fleet does not have (inferred for everything but
    /// `CreateGameSession`).
    pub(in crate::gamelift) fn check_location(&self, location: Option<&Location>) -> Result<(), ServiceError> {
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
}

impl Compute {
    /// The compute that exists from the start.
    pub(super) fn new(settings: &Settings, now: Timestamp) -> Self {
        let Settings { region, account, .. } = settings;
        if settings.public_ip.parse::<IpAddr>().is_err() {
            tracing::warn!(public_ip = settings.public_ip, "the public IP is not an IP address; SDKs may refuse it");
        }
        Self {
            name: Settings::COMPUTE_NAME.into(),
            arn: format!("arn:aws:gamelift:{region}:{account}:compute/{}", Settings::COMPUTE_NAME),
            fleet_id: Settings::FLEET_ID.into(),
            fleet_arn: fleet_arn(settings),
            location: Settings::LOCATION.into(),
            ip_address: settings.public_ip.clone(),
            creation_time: now,
        }
    }
}

fn fleet_arn(settings: &Settings) -> String {
    format!("arn:aws:gamelift:{}:{}:fleet/{}", settings.region, settings.account, Settings::FLEET_ID)
}

impl State {
    /// The fleet with this id or ARN.
    pub(in crate::gamelift) fn find_fleet(&self, id: &FleetIdOrArn) -> Option<&Arc<Fleet>> {
        self.fleets.values().find(|fleet| fleet.is(id))
    }

    /// The fleet that a request names, itself or through an alias: by exactly one of the two.
    pub(in crate::gamelift) fn fleet(
        &self,
        fleet: Option<&FleetIdOrArn>,
        alias: Option<&AliasIdOrArn>,
    ) -> Result<Arc<Fleet>, ServiceError> {
        match (fleet, alias) {
            (Some(id), None) => self.find_fleet(id).cloned().ok_or_else(|| not_found("Fleet", &id.0)),
            // The emulator has no aliases yet.
            (None, Some(alias)) => Err(not_found("Alias", &alias.0)),
            (Some(_), Some(_)) => Err(invalid_request("Give a FleetId or an AliasId, not both.")),
            (None, None) => Err(invalid_request("A FleetId or an AliasId is required.")),
        }
    }
}
