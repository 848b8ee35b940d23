//! The instances of game server groups: names with a status, as the emulator has no machines.
//!
//! A group keeps `MinSize` ACTIVE instances. The emulator starts no game servers on new instances; programs that run
//! game servers find them with `DescribeGameServerInstances`.

use std::time::Duration;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{conflict, invalid_request, not_found},
    gamelift::{GameServerGroupStatus, InstanceStatus},
};

use crate::{
    resources::{game_server::GameServer, game_server_group::GameServerGroup, instance::Instance},
    state::{event::Event, quota::quota, whole::State},
    types::{GroupNameOrArn, InstanceId},
};

/// The notice that EC2 gives before it reclaims a Spot Instance.
const SPOT_NOTICE: Duration = Duration::from_secs(2 * 60);

/// How long a DRAINING instance still runs once none of its game servers is busy (inferred).
const DRAINED: Duration = Duration::from_secs(60);

impl State {
    /// Returns the status of the instance that a game server runs on.
    pub(crate) fn instance_of(&self, server: &GameServer) -> Option<InstanceStatus> {
        Some(self.game_server_groups.get(&server.group)?.instances.get(&server.instance)?.status)
    }

    /// Refuses an instance on which no game server can register (the exceptions are inferred). A lenient emulator
    /// starts an unknown instance instead.
    pub(crate) fn admit_instance(&mut self, group: &str, id: &str) -> Result<(), ServiceError> {
        let status = self.game_server_groups[group].instances.get(id).map(|instance| instance.status);
        match status {
            Some(InstanceStatus::Active) => Ok(()),
            Some(status) => Err(conflict(format!("Instance {id} is {}: it is shutting down.", status.name()))),
            None if self.lenient => self.start_instance(group, id.to_owned()),
            None => {
                Err(invalid_request(format!("Instance {id} is none of the game server group {group}'s instances.")))
            }
        }
    }

    pub(crate) fn start_instance(&mut self, group: &str, id: String) -> Result<(), ServiceError> {
        quota("instances in the game server group", self.game_server_groups[group].instances.len())?;
        let number = self.next_number();
        let instances = &mut self.game_server_groups.get_mut(group).expect("the caller looked it up").instances;
        tracing::info!(group, instance = id, to = InstanceStatus::Active.name(), "instance");
        instances.insert(id, Instance { number, status: InstanceStatus::Active });
        Ok(())
    }

    /// Starts the instances that the group lacks.
    pub(crate) fn keep_instances(&mut self, group: &str) {
        let Some(found) = self.game_server_groups.get(group) else { return };
        if found.status != GameServerGroupStatus::Active {
            return;
        }
        let active = found.instances.values().filter(|instance| instance.status == InstanceStatus::Active).count();
        for _ in active..found.min_size {
            // EC2's instance ids have 17 hexadecimal digits.
            let id = format!("i-{:.17}", uuid::Uuid::new_v4().simple().to_string());
            if self.start_instance(group, id).is_err() {
                return;
            }
        }
    }

    /// Sets the status of an instance, as AWS would. ACTIVE starts an instance that does not exist yet.
    pub(crate) fn change_instance(
        &mut self,
        group: &GroupNameOrArn,
        InstanceId(id): &InstanceId,
        to: InstanceStatus,
    ) -> Result<(), ServiceError> {
        let found = self.active_group(group)?;
        let name = found.name.clone();
        match found.instances.get(id) {
            Some(_) => self.set_instance_status(&name, id, to),
            None if to == InstanceStatus::Active => self.start_instance(&name, id.clone())?,
            None => return Err(not_found("Instance", id)),
        }
        Ok(())
    }

    /// Removes an instance and the game servers on it.
    pub(crate) fn terminate_instance(
        &mut self,
        group: &GroupNameOrArn,
        InstanceId(id): &InstanceId,
    ) -> Result<(), ServiceError> {
        let found = self.active_group(group)?;
        if !found.instances.contains_key(id) {
            return Err(not_found("Instance", id));
        }
        let name = found.name.clone();
        self.remove_instance(&name, id);
        Ok(())
    }

    fn active_group(&self, id: &GroupNameOrArn) -> Result<&GameServerGroup, ServiceError> {
        let group = self.group(id)?;
        match group.status {
            GameServerGroupStatus::Active => Ok(group),
            status => Err(conflict(format!("Game server group {} is {}.", group.name, status.name()))),
        }
    }

    /// Sets an instance's status; nothing else does. Its removal is elsewhere.
    pub(crate) fn set_instance_status(&mut self, group: &str, id: &str, to: InstanceStatus) {
        let number = self.next_number();
        let found = self.game_server_groups.get_mut(group).and_then(|group| group.instances.get_mut(id));
        let Some(instance) = found.filter(|instance| instance.status != to) else { return };
        tracing::info!(group, instance = id, from = instance.status.name(), to = to.name(), "instance");
        *instance = Instance { number, status: to };
        match to {
            InstanceStatus::Active => {}
            InstanceStatus::Draining => self.look_for_drained(group, id),
            InstanceStatus::SpotTerminating => {
                self.plan(SPOT_NOTICE, Event::InstanceEnds(group.to_owned(), id.to_owned(), number));
            }
        }
        self.keep_instances(group);
    }

    /// Plans the end of a DRAINING instance once none of its game servers is busy.
    pub(crate) fn look_for_drained(&mut self, group: &str, id: &str) {
        if let Some(number) = self.drained(group, id) {
            self.plan(DRAINED, Event::InstanceEnds(group.to_owned(), id.to_owned(), number));
        }
    }

    /// Returns the number of a DRAINING instance without busy game servers.
    fn drained(&self, group: &str, id: &str) -> Option<u64> {
        let instance = self.game_server_groups.get(group)?.instances.get(id)?;
        let idle = !self.busy_servers(group).any(|server| server.instance == id);
        (instance.status == InstanceStatus::Draining && idle).then_some(instance.number)
    }

    /// Ends an instance, if its status still allows it.
    pub(crate) fn end_instance(&mut self, group: &str, id: &str, number: u64) {
        let found = self.game_server_groups.get(group).and_then(|group| group.instances.get(id));
        let Some(instance) = found.filter(|instance| instance.number == number) else { return };
        let ends = match instance.status {
            InstanceStatus::Active => false,
            InstanceStatus::Draining => self.drained(group, id).is_some(),
            InstanceStatus::SpotTerminating => true,
        };
        if ends {
            self.remove_instance(group, id);
        }
    }

    fn remove_instance(&mut self, group: &str, id: &str) {
        let Some(found) = self.game_server_groups.get_mut(group) else { return };
        found.instances.remove(id);
        tracing::info!(group, instance = id, "instance terminated");
        let on_it = self.game_servers.values().filter(|server| server.group == group && server.instance == id);
        for server in on_it.map(|server| server.id.clone()).collect::<Vec<_>>() {
            self.remove_game_server(&server, "its instance was terminated");
        }
        self.keep_instances(group);
    }

    /// Removes the instances of a deleted group.
    pub(crate) fn forget_instances(&mut self, group: &str) {
        if let Some(group) = self.game_server_groups.get_mut(group) {
            group.instances.clear();
        }
    }
}
