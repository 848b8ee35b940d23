//! Anywhere fleets.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_fleet_status, invalid_request, limit_exceeded, not_found},
    gamelift::{FleetStatus, GameSessionStatus},
};

use crate::{
    resources::fleet::{Creation, Fleet, FleetAttributes},
    state::{event::Event, quota::quota, whole::State},
    types::{AliasIdOrArn, FleetIdOrArn},
};

/// How long a fleet is DELETING (inferred: it has no instances to shut down).
const DELETION: Duration = Duration::from_secs(10);

/// How long a TERMINATED fleet is still described (inferred).
const RETENTION: Duration = Duration::from_secs(60);

impl State {
    /// Adds a fleet with these locations. It is ACTIVE at once.
    pub(crate) fn create_fleet(
        &mut self,
        attributes: FleetAttributes,
        locations: Vec<String>,
        activation_timeout: Option<Duration>,
        tags: BTreeMap<String, String>,
    ) -> Result<&Arc<Fleet>, ServiceError> {
        if let Some(unknown) = locations.iter().find(|location| !self.locations.contains_key(*location)) {
            return Err(not_found("Location", unknown));
        }
        quota("fleets", self.fleets.len())?;
        let id = format!("fleet-{}", uuid::Uuid::new_v4());
        self.add_tags(&self.arn("fleet", &id), tags)?;
        tracing::info!(fleet = id, to = FleetStatus::Active.name(), "fleet");
        Ok(self.insert_fleet(id, attributes, locations, activation_timeout))
    }

    pub(crate) fn insert_fleet(
        &mut self,
        id: String,
        attributes: FleetAttributes,
        locations: Vec<String>,
        activation_timeout: Option<Duration>,
    ) -> &Arc<Fleet> {
        let fleet = Fleet {
            id: id.clone(),
            arn: self.arn("fleet", &id),
            status: FleetStatus::Active,
            locations,
            attributes,
            activation_timeout,
            creation_time: self.now,
            termination_time: None,
        };
        self.fleets.entry(id).or_insert(Arc::new(fleet))
    }

    /// Returns the fleet with this id or ARN.
    pub(crate) fn find_fleet(&self, id: &FleetIdOrArn) -> Option<&Arc<Fleet>> {
        self.fleets.get(&id.0).or_else(|| self.fleets.values().find(|fleet| fleet.arn == id.0))
    }

    /// Returns the fleet that a request names by exactly one of an id and an alias.
    pub(crate) fn fleet(
        &self,
        fleet: Option<&FleetIdOrArn>,
        alias: Option<&AliasIdOrArn>,
    ) -> Result<Arc<Fleet>, ServiceError> {
        match (fleet, alias) {
            (Some(id), None) => self.known_fleet(id),
            (None, Some(alias)) => self.resolve_alias(alias).cloned(),
            (Some(_), Some(_)) => Err(invalid_request("Give a FleetId or an AliasId, not both.")),
            (None, None) => Err(invalid_request("A FleetId or an AliasId is required.")),
        }
    }

    /// Returns the fleet with this id or ARN, for operations that accept no alias.
    pub(crate) fn known_fleet(&self, id: &FleetIdOrArn) -> Result<Arc<Fleet>, ServiceError> {
        self.find_fleet(id).cloned().ok_or_else(|| not_found("Fleet", &id.0))
    }

    /// Changes an ACTIVE fleet's attributes.
    pub(crate) fn update_fleet(
        &mut self,
        id: &FleetIdOrArn,
        change: impl FnOnce(&mut FleetAttributes),
    ) -> Result<&Fleet, ServiceError> {
        let fleet = self.known_fleet(id)?;
        fleet.check_active()?;
        let fleet = self.fleets.get_mut(&fleet.id).expect("looked up above");
        change(&mut Arc::make_mut(fleet).attributes);
        Ok(fleet)
    }

    /// Deregisters the fleet's computes and makes the fleet DELETING; it is TERMINATED later. A fleet that hosts game
    /// sessions cannot be deleted (the exception is inferred).
    pub(crate) fn delete_fleet(&mut self, id: &FleetIdOrArn) -> Result<(), ServiceError> {
        let fleet = self.known_fleet(id)?;
        fleet.check_active()?;
        let sessions = self.game_sessions_of(&fleet);
        let hosted = sessions.iter().filter(|session| session.status != GameSessionStatus::Terminated).count();
        if hosted > 0 {
            return Err(invalid_fleet_status(format!(
                "Fleet {} hosts {hosted} game sessions. End them first.",
                fleet.id
            )));
        }
        self.set_fleet_status(&fleet.id, FleetStatus::Deleting);
        let computes: Vec<_> = self.computes.iter().filter(|compute| compute.fleet_id == fleet.id).cloned().collect();
        for compute in computes {
            self.deregister_compute(&compute);
        }
        self.plan(DELETION, Event::FleetIsDeleted(fleet.id.clone()));
        Ok(())
    }

    pub(crate) fn terminate_fleet(&mut self, id: &str) {
        if let Some(arn) = self.fleets.get(id).map(|fleet| fleet.arn.clone()) {
            self.set_fleet_status(id, FleetStatus::Terminated);
            self.tags.remove(&arn);
            self.plan(RETENTION, Event::FleetIsForgotten(id.to_owned()));
        }
    }

    /// Sets a fleet's status; nothing else does.
    fn set_fleet_status(&mut self, id: &str, to: FleetStatus) {
        let now = self.now;
        let fleet = Arc::make_mut(self.fleets.get_mut(id).expect("the caller looked it up"));
        let from = std::mem::replace(&mut fleet.status, to);
        if to == FleetStatus::Terminated {
            fleet.termination_time = Some(now);
        }
        tracing::info!(fleet = id, from = from.name(), to = to.name(), "fleet");
    }

    /// Refuses a creator that has created too many game sessions in the fleet.
    pub(crate) fn check_creation_rate(&mut self, fleet: &Fleet, creator: &str) -> Result<(), ServiceError> {
        let now = self.now;
        self.recent_creations.retain(|creation| creation.counts_until > now);
        let (most, period) = fleet.creation_limit();
        let of_creator = |creation: &&Creation| creation.fleet_id == fleet.id && creation.creator == creator;
        let created = self.recent_creations.iter().filter(of_creator).count();
        if created >= most {
            return Err(limit_exceeded(format!(
                "This creator has created {created} game sessions in fleet {}; {most} in {} s are allowed.",
                fleet.id,
                period.as_secs()
            )));
        }
        Ok(())
    }

    /// Counts a creation for [`State::check_creation_rate`].
    pub(crate) fn count_creation(&mut self, fleet: &Fleet, creator: String) {
        let counts_until = emulator_core::clock::after(self.now, fleet.creation_limit().1);
        self.recent_creations.push(Creation { fleet_id: fleet.id.clone(), creator, counts_until });
    }
}
