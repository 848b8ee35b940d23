//! Game server groups (`FleetIQ`): customers' own instances, on which game servers register.
//!
//! On AWS each group has an Auto Scaling group of EC2 instances. In the emulator an instance is a name with a status
//! (see `resources::instance`); the registering program runs the game server itself.

use std::{collections::BTreeMap, time::Duration};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{conflict, invalid_request, limit_exceeded, not_found},
    gamelift::{DeleteOption, GameServerGroupStatus as Status},
};

use crate::{
    resources::game_server_group::{GameServerGroup, GroupSettings},
    state::{event::Event, quota::quota, whole::State},
    types::GroupNameOrArn,
};

/// How long a group is NEW, ACTIVATING or, without game servers in use, `DELETE_SCHEDULED` (inferred).
const STEP: Duration = Duration::from_secs(1);

/// How long a group is DELETING (inferred; the same as for fleets).
const DELETION: Duration = Duration::from_secs(10);

/// How long a DELETED group is still described (inferred).
const RETENTION: Duration = Duration::from_secs(60);

/// The most instances of a group (inferred). They are only names, but take memory.
pub(crate) const MAX_INSTANCES: usize = 100;

impl State {
    /// Adds a group. It becomes ACTIVE with `min_size` instances. Names are unique.
    pub(crate) fn create_group(
        &mut self,
        name: String,
        settings: GroupSettings,
        (min_size, max_size): (usize, usize),
        tags: BTreeMap<String, String>,
    ) -> Result<&GameServerGroup, ServiceError> {
        settings.check()?;
        if min_size > max_size {
            return Err(invalid_request(format!("MinSize {min_size} is more than MaxSize {max_size}.")));
        }
        if self.game_server_groups.get(&name).is_some_and(|group| group.status != Status::Deleted) {
            return Err(conflict(format!("Game server group {name} exists already.")));
        }
        if min_size > MAX_INSTANCES {
            return Err(limit_exceeded(format!("A group has a MinSize of at most {MAX_INSTANCES} here.")));
        }
        quota("game server groups", self.game_server_groups.len())?;
        let arn = self.arn("gameservergroup", &name);
        self.tags.remove(&arn);
        // `CreateGameServerGroup` has no `TaggingFailedException`; this exception is inferred.
        self.add_tags(&arn, tags).map_err(|error| invalid_request(error.message))?;
        let number = self.insert_group(name.clone(), settings, min_size);
        tracing::info!(group = name, to = Status::New.name(), "game server group");
        self.plan(STEP, Event::GroupGoesOn(name.clone(), number, Status::New));
        Ok(&self.game_server_groups[&name])
    }

    /// Adds a NEW group without instances. Returns its number.
    pub(crate) fn insert_group(&mut self, name: String, settings: GroupSettings, min_size: usize) -> u64 {
        let number = self.next_number();
        let group = GameServerGroup {
            arn: self.arn("gameservergroup", &name),
            name: name.clone(),
            number,
            status: Status::New,
            status_reason: None,
            settings,
            min_size,
            suspended: false,
            auto_scaling_group_arn: None,
            creation_time: self.now,
            last_updated_time: self.now,
            instances: BTreeMap::new(),
        };
        self.game_server_groups.insert(name, group);
        number
    }

    /// Returns the group with this name or ARN.
    pub(crate) fn group(&self, id: &GroupNameOrArn) -> Result<&GameServerGroup, ServiceError> {
        self.find_group(id).ok_or_else(|| not_found("Game server group", &id.0))
    }

    pub(crate) fn find_group(&self, GroupNameOrArn(id): &GroupNameOrArn) -> Option<&GameServerGroup> {
        self.game_server_groups.get(id).or_else(|| self.game_server_groups.values().find(|group| group.arn == *id))
    }

    /// Like [`State::group`], for operations without a `NotFoundException`; this exception is inferred.
    pub(crate) fn known_group(&self, id: &GroupNameOrArn) -> Result<&GameServerGroup, ServiceError> {
        self.find_group(id).ok_or_else(|| invalid_request(format!("Game server group {} does not exist.", id.0)))
    }

    /// Changes a group, unless it is being deleted (inferred).
    pub(crate) fn update_group(
        &mut self,
        id: &GroupNameOrArn,
        change: impl FnOnce(&mut GameServerGroup),
    ) -> Result<&GameServerGroup, ServiceError> {
        let mut changed = self.group(id)?.clone();
        if matches!(changed.status, Status::DeleteScheduled | Status::Deleting | Status::Deleted) {
            return Err(invalid_request(format!("Game server group {} is {}.", changed.name, changed.status.name())));
        }
        change(&mut changed);
        changed.settings.check()?;
        changed.last_updated_time = self.now;
        let group = self.game_server_groups.get_mut(&changed.name).expect("looked up above");
        *group = changed;
        Ok(group)
    }

    /// Begins to delete an ACTIVE or ERROR group. Busy game servers delay it, unless it is forced.
    pub(crate) fn delete_group(
        &mut self,
        id: &GroupNameOrArn,
        option: DeleteOption,
    ) -> Result<&GameServerGroup, ServiceError> {
        let group = self.group(id)?;
        if !matches!(group.status, Status::Active | Status::Error) {
            let status = group.status.name();
            return Err(invalid_request(format!("Game server group {} is {status}.", group.name)));
        }
        let (name, number) = (group.name.clone(), group.number);
        self.set_group_status(&name, Status::DeleteScheduled, None);
        if option == DeleteOption::Force {
            self.deregister_all(&name, "its group is deleted by force");
        }
        self.plan(STEP, Event::GroupGoesOn(name.clone(), number, Status::DeleteScheduled));
        Ok(&self.game_server_groups[&name])
    }

    /// Continues a scheduled deletion once no game server of the group is busy.
    pub(crate) fn look_for_deletable(&mut self, name: &str) {
        let Some(group) = self.game_server_groups.get(name) else { return };
        if group.status == Status::DeleteScheduled && self.busy_servers(name).next().is_none() {
            self.plan(STEP, Event::GroupGoesOn(name.to_owned(), group.number, Status::DeleteScheduled));
        }
    }

    /// Moves a group to its next status, if its status is still `from`.
    pub(crate) fn move_group_on(&mut self, name: &str, number: u64, from: Status) {
        let current = |group: &&GameServerGroup| group.number == number && group.status == from;
        if self.game_server_groups.get(name).filter(current).is_none() {
            return;
        }
        let (to, wait) = match from {
            Status::New => (Status::Activating, STEP),
            Status::Activating => return self.activate_group(name),
            Status::DeleteScheduled if self.busy_servers(name).next().is_some() => return,
            Status::DeleteScheduled => {
                self.deregister_all(name, "its group is deleted");
                (Status::Deleting, DELETION)
            }
            Status::Deleting => {
                self.forget_instances(name);
                (Status::Deleted, RETENTION)
            }
            Status::Deleted => {
                let group = self.game_server_groups.remove(name);
                self.tags.remove(&group.expect("looked up above").arn);
                return;
            }
            Status::Active | Status::Error => return,
        };
        self.set_group_status(name, to, None);
        self.plan(wait, Event::GroupGoesOn(name.to_owned(), number, to));
    }

    /// Starts the group's instances and makes it ACTIVE. An injected fault may prevent it.
    pub(crate) fn activate_group(&mut self, name: &str) {
        if self.faults.draw_for_game_server_group() {
            return self.set_group_status(name, Status::Error, Some("An injected fault: it could not be activated."));
        }
        let arn = format!(
            "arn:aws:autoscaling:{}:{}:autoScalingGroup:{}:autoScalingGroupName/{name}",
            self.region,
            self.account,
            uuid::Uuid::new_v4()
        );
        self.game_server_groups.get_mut(name).expect("the caller looked it up").auto_scaling_group_arn = Some(arn);
        self.set_group_status(name, Status::Active, None);
        self.keep_instances(name);
    }

    /// Sets a group's status; nothing else does.
    fn set_group_status(&mut self, name: &str, to: Status, reason: Option<&str>) {
        let now = self.now;
        let group = self.game_server_groups.get_mut(name).expect("the caller looked it up");
        tracing::info!(group = name, from = group.status.name(), to = to.name(), reason, "game server group");
        group.status = to;
        group.status_reason = reason.map(str::to_owned);
        group.last_updated_time = now;
    }
}
