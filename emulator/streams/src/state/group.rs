//! The verbs of stream groups and their locations: create, change, delete.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::streams::{quota_exceeded, validation},
    stream_rules::RemovalReason,
    streams::{StatusReason, StreamClass},
};

use super::{
    tag::check_tags,
    whole::{State, Wake},
};
use crate::{
    resources::{
        arns::random_id,
        group::{Group, GroupStatus},
        location::{Capacity, Location, LocationStatus},
    },
    types::{Identifier, LocationConfiguration},
};

/// The quotas of an account in a Region. AWS's are adjustable; these are the emulator's.
const MAX_GROUPS: usize = 100;
const MAX_APPLICATIONS: usize = 100;
const MAX_LOCATIONS: usize = 100;

/// The data that a stream group is created with.
pub(crate) struct NewGroup {
    pub(crate) description: String,
    pub(crate) stream_class: StreamClass,
    pub(crate) application: Option<Identifier>,
    pub(crate) locations: Vec<LocationConfiguration>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl State {
    /// Starts to set up a stream group. Returns its id.
    pub(crate) fn create_group(&mut self, new: NewGroup) -> Result<String, ServiceError> {
        let NewGroup { description, stream_class, application, locations, tags } = new;
        check_tags(&tags)?;
        let application = application.map(|application| self.streamable(&application, stream_class)).transpose()?;
        let primary = self.arns.region.clone();
        let mut made = self.new_locations(&locations, stream_class, "CreateStreamGroup")?;
        if let Some(at) = made.iter().position(|location| location.name == primary) {
            made[..=at].rotate_right(1);
        } else {
            // The Region is always one of a group's locations. It has no capacity if the request names other locations
            // (inferred).
            let capacity = if made.is_empty() { stream_class.tenancy() } else { 0 };
            made.insert(0, Location::new(primary, Capacity::always_on(capacity), self.setup_done()));
        }
        if self.groups.len() >= MAX_GROUPS {
            return Err(quota_exceeded(format!("There are {MAX_GROUPS} stream groups already.")));
        }
        let id = format!("sg-{}", random_id(9));
        tracing::info!(group = id, "stream group is being set up");
        let group = Group {
            id: id.clone(),
            description,
            stream_class,
            applications: application.into_iter().collect(),
            locations: made,
            created_at: self.now,
            updated_at: self.now,
            gone_at: None,
            was_set_up: false,
            status_reason: None,
        };
        self.groups.insert(id.clone(), group);
        if !tags.is_empty() {
            self.tags.insert(self.arns.group(&id), tags);
        }
        self.copy_applications();
        self.wakes.plan(self.setup_done(), Wake::Group(id.clone()));
        Ok(id)
    }

    /// Adds locations to a group. Returns the group's id.
    pub(crate) fn add_locations(
        &mut self,
        group: &Identifier,
        asked: &[LocationConfiguration],
    ) -> Result<String, ServiceError> {
        let group = self.group(group)?;
        group.expect_active(self.now, validation)?;
        let id = group.id.clone();
        if let Some(known) = asked.iter().find(|asked| group.location(&asked.location_name.0).is_some()) {
            return Err(validation(format!("The stream group has location {} already.", known.location_name.0)));
        }
        if group.locations.len() + asked.len() > MAX_LOCATIONS {
            return Err(quota_exceeded(format!("A stream group has at most {MAX_LOCATIONS} locations.")));
        }
        let made = self.new_locations(asked, group.stream_class, "AddStreamGroupLocations")?;
        let due = self.setup_done();
        let group = self.changed_group(&id);
        group.locations.extend(made);
        self.copy_applications();
        self.wakes.plan(due, Wake::Group(id.clone()));
        Ok(id)
    }

    /// Starts to remove locations; their sessions end. Locations that the group does not have are ignored (inferred).
    pub(crate) fn remove_locations(&mut self, group: &Identifier, names: &[String]) -> Result<(), ServiceError> {
        let group = self.group(group)?;
        group.expect_active(self.now, validation)?;
        let id = group.id.clone();
        if names.contains(&self.arns.region) {
            return Err(validation("The primary location cannot be removed; set its capacity to 0."));
        }
        let due = self.setup_done();
        let group = self.changed_group(&id);
        for location in group.locations.iter_mut().filter(|location| names.contains(&location.name)) {
            location.status = LocationStatus::Removing;
            location.due = Some(due);
        }
        group.status_reason = None;
        self.copy_applications();
        self.wakes.plan(due, Wake::Group(id.clone()));
        self.end_sessions(&id, |location| location.is_some_and(|location| names.contains(location)));
        Ok(())
    }

    /// Changes a group's description, capacities and default application. Returns its id.
    pub(crate) fn update_group(
        &mut self,
        group: &Identifier,
        description: Option<String>,
        application: Option<&Identifier>,
        asked: &[LocationConfiguration],
    ) -> Result<String, ServiceError> {
        let refusal = self.rules.wrong_state;
        let group = self.group(group)?;
        group.expect_active(self.now, |message| refusal.error(message))?;
        let mut changed = group.clone();
        if let Some(application) = application {
            let default = self.application(application)?.id.clone();
            let Some(at) = changed.applications.iter().position(|known| *known == default) else {
                return Err(validation("The default application is one of the associated ones; associate it first."));
            };
            changed.applications[..=at].rotate_right(1);
        }
        for asked in asked {
            let name = &asked.location_name.0;
            let location = changed.location_mut(name).ok_or_else(|| {
                validation(format!("The stream group has no location {name}; AddStreamGroupLocations adds it."))
            })?;
            location.capacity = Capacity::changed(Some(location.capacity), asked, group.stream_class)?;
            if asked.vpc_transit_configuration.is_some() {
                location.vpc.clone_from(&asked.vpc_transit_configuration);
            }
        }
        changed.description = description.unwrap_or(changed.description);
        let id = changed.id.clone();
        self.groups.insert(id.clone(), changed);
        self.changed_group(&id);
        self.place_waiting();
        Ok(id)
    }

    /// Adds applications to a group. Returns the group's id.
    pub(crate) fn associate(
        &mut self,
        group: &Identifier,
        applications: &[Identifier],
    ) -> Result<String, ServiceError> {
        let group = self.group(group)?;
        group.expect_active(self.now, validation)?;
        group.expect_open(self.now)?;
        let id = group.id.clone();
        let mut associated = group.applications.clone();
        for application in applications {
            let application = self.streamable(application, group.stream_class)?;
            if !associated.contains(&application) {
                associated.push(application);
            }
        }
        if associated.len() > MAX_APPLICATIONS {
            let message = format!("A stream group has at most {MAX_APPLICATIONS} applications.");
            return Err(quota_exceeded(message));
        }
        self.changed_group(&id).applications = associated;
        self.copy_applications();
        Ok(id)
    }

    /// Removes applications from a group: they start no more sessions in it. Returns the group's id and the
    /// applications'.
    pub(crate) fn disassociate(
        &mut self,
        group: &Identifier,
        applications: &[Identifier],
    ) -> Result<(String, Vec<String>), ServiceError> {
        let group = self.group(group)?;
        group.expect_active(self.now, validation)?;
        let id = group.id.clone();
        let ids = applications.iter().map(|application| Ok(self.application(application)?.id.clone()));
        let ids: Vec<String> = ids.collect::<Result<_, ServiceError>>()?;
        self.changed_group(&id).applications.retain(|application| !ids.contains(application));
        self.copy_applications();
        Ok((id, ids))
    }

    /// Starts to delete a group; its sessions end.
    pub(crate) fn delete_group(&mut self, group: &Identifier) -> Result<(), ServiceError> {
        let group = self.group(group)?;
        let id = group.id.clone();
        if group.status(self.now) == GroupStatus::Deleting {
            return Ok(());
        }
        tracing::info!(group = id, "stream group is being deleted");
        let gone_at = self.setup_done();
        let group = self.changed_group(&id);
        group.gone_at = Some(gone_at);
        group.applications.clear();
        self.copy_applications();
        self.wakes.plan(gone_at, Wake::Group(id.clone()));
        self.end_sessions(&id, |_| true);
        Ok(())
    }

    pub(crate) fn advance_group(&mut self, id: &str) {
        let now = self.now;
        let Some(group) = self.groups.get_mut(id) else { return };
        if group.gone_at.is_some_and(|gone_at| gone_at <= now) {
            self.groups.remove(id);
            self.tags.remove(&self.arns.group(id));
            self.created_groups.forget(|gone| gone == id);
            return self.forget_sessions(|session| session.group == id);
        }
        group.advance(now);
        self.place_waiting();
    }

    /// Returns the id of an application, if a group of this class can stream it.
    fn streamable(&self, application: &Identifier, class: StreamClass) -> Result<String, ServiceError> {
        let application = self.application(application)?;
        application.expect_ready()?;
        class.expect_runs(application.runtime.r#type)?;
        Ok(application.id.clone())
    }

    fn new_locations(
        &self,
        asked: &[LocationConfiguration],
        class: StreamClass,
        operation: &str,
    ) -> Result<Vec<Location>, ServiceError> {
        let mut made: Vec<Location> = Vec::new();
        for asked in asked {
            let name = &asked.location_name.0;
            if !is_region(name) {
                return Err(validation(format!("{name} is no location of Amazon GameLift Streams.")));
            }
            if made.iter().any(|made| made.name == *name) {
                return Err(validation(format!("Location {name} is there twice.")));
            }
            let capacity = Capacity::changed(None, asked, class)?;
            let mut location = Location::new(name.clone(), capacity, self.setup_done());
            location.vpc.clone_from(&asked.vpc_transit_configuration);
            location.fault = self.faults.draw_failure(operation, &[name]);
            made.push(location);
        }
        Ok(made)
    }

    /// Returns a group to be changed, and sets its time of change.
    fn changed_group(&mut self, id: &str) -> &mut Group {
        let group = self.groups.get_mut(id).expect("the group is there");
        group.updated_at = self.now;
        group
    }

    /// Ends the live sessions of a group for whose location, or `None` before placement, `is_gone` holds.
    fn end_sessions(&mut self, group: &str, is_gone: impl Fn(Option<&String>) -> bool) {
        let reason = match self.rules.removal_reason {
            RemovalReason::ApiTerminated => StatusReason::ApiTerminated,
            RemovalReason::InternalError => StatusReason::InternalError,
        };
        let affected = self.sessions.values().filter(|session| {
            let location = session.placed.as_ref().map(|placed| &placed.location);
            session.group == group && session.status.is_live() && is_gone(location)
        });
        for id in affected.map(|session| session.id.clone()).collect::<Vec<_>>() {
            self.end(&id, reason);
        }
    }
}

/// Whether this has the form of an AWS Region. The list of Regions with GameLift Streams changes with time.
fn is_region(name: &str) -> bool {
    let parts: Vec<_> = name.split('-').collect();
    let (Some((number, words)), true) = (parts.split_last(), parts.len() >= 3) else { return false };
    words[0].len() == 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && number.parse::<u8>().is_ok_and(|number| (1..10).contains(&number))
}
