//! `--lenient`: every fleet id names a fleet, as in GameLift Local.
//!
//! GameLift Local accepted every id that starts with `fleet-`, knew no locations and no computes, and placed game
//! sessions on any connected game server. In a lenient emulator such a fleet is therefore created at its first use,
//! with one location, and every available game server serves it.

use crate::{
    resources::{
        compute::Registration,
        fleet::{Fleet, FleetAttributes},
        server_process::ServerProcess,
    },
    state::whole::State,
    types::FleetIdOrArn,
};

/// The only location of a fleet that was created at its first use.
const LOCATION: &str = "custom-local";

impl State {
    /// Creates the fleet that a request names, if the emulator is lenient.
    pub(crate) fn admit_fleet(&mut self, id: &str) {
        let is_id = id.strip_prefix("fleet-").is_some_and(|rest| {
            (1..=122).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        if !self.lenient || !is_id || self.find_fleet(&FleetIdOrArn(id.to_owned())).is_some() {
            return;
        }
        if !self.locations.contains_key(LOCATION) {
            // The only error is a quota. The fleet then has a location that is not listed.
            drop(self.create_location(LOCATION, std::collections::BTreeMap::new()));
        }
        tracing::info!(fleet = id, location = LOCATION, "a fleet is there because somebody named it");
        self.insert_fleet(id.to_owned(), FleetAttributes::new(id.to_owned()), vec![LOCATION.to_owned()], None);
    }

    /// Creates the fleet and the compute that a connecting game server names, if the emulator is lenient.
    pub(crate) fn admit_compute(&mut self, fleet_id: &str, name: &str) {
        self.admit_fleet(fleet_id);
        let Some(fleet) = self.find_fleet(&FleetIdOrArn(fleet_id.to_owned())).cloned() else { return };
        let is_name = (1..=128).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/');
        if self.is_local(&fleet) && is_name && self.find_compute(&fleet.id, name).is_none() {
            let registration = Registration {
                name: name.to_owned(),
                location: LOCATION.to_owned(),
                ip_address: self.public_ip.clone(),
                dns_name: None,
                certificate_path: None,
            };
            self.insert_compute(&fleet, registration);
        }
    }

    /// Whether this fleet was created at its first use.
    pub(crate) fn is_local(&self, fleet: &Fleet) -> bool {
        self.lenient && fleet.locations == [LOCATION]
    }

    /// The location of a game session that is created without one. AWS requires one.
    pub(crate) fn default_location(&self, fleet: &Fleet) -> Option<String> {
        fleet.locations.first().filter(|_| self.lenient).cloned()
    }

    /// Whether the process can host game sessions of this fleet in this location.
    pub(crate) fn serves(&self, process: &ServerProcess, fleet: &Fleet, location: &str) -> bool {
        self.is_local(fleet) || (process.compute.fleet_id == fleet.id && process.compute.location == location)
    }
}
