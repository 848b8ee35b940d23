//! Game servers that register themselves in a game server group (`FleetIQ`).
//!
//! A game server has two statuses, independent of each other on AWS: whether it hosts a game (AVAILABLE or UTILIZED),
//! and whether it is claimed. A claim ends after a minute.

use std::time::Duration;

use emulator_core::{
    clock::after,
    model::{
        error::ServiceError,
        exceptions::gamelift::{conflict, invalid_request, not_found, out_of_capacity},
        gamelift::{GameServerGroupStatus, InstanceStatus, UtilizationStatus},
    },
    settings::SAMPLE_ID,
};

use crate::{
    resources::game_server::{Claim, GameServer, GameServerUpdate, NewGameServer},
    state::{event::Event, quota::quota, whole::State},
    types::GroupNameOrArn,
};

/// How long a claim holds. AWS has no setting for it.
const CLAIM: Duration = Duration::from_secs(60);

impl State {
    /// Adds a game server. Its id is unique across all groups.
    pub(crate) fn register_game_server(
        &mut self,
        group: &GroupNameOrArn,
        NewGameServer { id, instance, connection_info, data }: NewGameServer,
    ) -> Result<&GameServer, ServiceError> {
        let group = self.known_group(group)?;
        if group.status != GameServerGroupStatus::Active {
            return Err(conflict(format!("Game server group {} is {}.", group.name, group.status.name())));
        }
        let (group, group_arn) = (group.name.clone(), group.arn.clone());
        if let Some(known) = self.game_servers.get(&id) {
            return Err(conflict(format!("Game server {id} is registered already, in the group {}.", known.group)));
        }
        let in_group = self.game_servers.values().filter(|server| server.group == group).count();
        quota("game servers in the game server group", in_group)?;
        self.admit_instance(&group, &instance)?;
        let number = self.next_number();
        tracing::info!(game_server = id, group, instance, "game server registered");
        self.plan(self.patience.health_report, Event::HealthReportIsDue(id.clone(), number));
        let server = GameServer {
            number,
            id: id.clone(),
            group,
            group_arn,
            instance,
            connection_info,
            data,
            claim: None,
            utilization: UtilizationStatus::Available,
            registration_time: self.now,
            last_claim_time: None,
            last_health_check_time: self.now,
        };
        Ok(self.game_servers.entry(id).or_insert(server))
    }

    /// Returns the game server of this group.
    pub(crate) fn game_server(&self, group: &GroupNameOrArn, id: &str) -> Result<&GameServer, ServiceError> {
        let group = &self.group(group)?.name;
        let server = self.game_servers.get(id).filter(|server| server.group == *group);
        server.ok_or_else(|| not_found("Game server", id))
    }

    /// Reserves a game server for a minute.
    pub(crate) fn claim_game_server(
        &mut self,
        group: &GroupNameOrArn,
        claim: Claim,
    ) -> Result<&GameServer, ServiceError> {
        let id = match &claim.id {
            Some(id) => {
                let server = self.game_server(group, id)?;
                self.check_claimable(server, claim.draining)?;
                id.clone()
            }
            None => {
                let name = self.group(group)?.name.clone();
                let found = self.best_to_claim(&name, claim.draining).map(|server| server.id.clone());
                found.ok_or_else(|| out_of_capacity(format!("No game server of the group {name} can be claimed.")))?
            }
        };
        if self.faults.draw_for_claim() {
            return Err(out_of_capacity("An injected fault: no game server can be claimed."));
        }
        let (now, number) = (self.now, self.next_number());
        let server = self.game_servers.get_mut(&id).expect("looked up above");
        server.claim = Some(number);
        server.last_claim_time = Some(now);
        if claim.data.is_some() {
            server.data = claim.data;
        }
        tracing::info!(game_server = id, "game server claimed");
        let registration = server.number;
        self.plan(CLAIM, Event::ClaimExpires(id.clone(), registration, number));
        Ok(&self.game_servers[&id])
    }

    /// Returns the best game server to claim: on an ACTIVE instance rather than on a DRAINING one, then the first one
    /// registered (both inferred: AWS weighs the costs of instances). Built-in samples come last on each kind of
    /// instance, because users want their own game servers to be claimed.
    fn best_to_claim(&self, group: &str, draining: bool) -> Option<&GameServer> {
        self.game_servers
            .values()
            .filter(|server| server.group == group && self.check_claimable(server, draining).is_ok())
            .min_by_key(|server| {
                let is_sample = server.id.starts_with(SAMPLE_ID);
                (self.instance_of(server) != Some(InstanceStatus::Active), is_sample, server.number)
            })
    }

    /// Refuses a game server that cannot be claimed (the exceptions are inferred).
    fn check_claimable(&self, server: &GameServer, draining: bool) -> Result<(), ServiceError> {
        let group_status = self.game_server_groups.get(&server.group).map(|group| group.status);
        let why = match self.instance_of(server) {
            _ if server.utilization == UtilizationStatus::Utilized => "is UTILIZED",
            _ if server.claim.is_some() => "is CLAIMED",
            _ if group_status != Some(GameServerGroupStatus::Active) => "is in a group that is being deleted",
            Some(InstanceStatus::Active) => return Ok(()),
            Some(InstanceStatus::Draining) if draining => return Ok(()),
            Some(InstanceStatus::Draining) => "is on a DRAINING instance, which the FilterOption excludes",
            Some(InstanceStatus::SpotTerminating) => "is on a SPOT_TERMINATING instance",
            None => "is on an instance that is gone",
        };
        Err(conflict(format!("Game server {} {why}.", server.id)))
    }

    /// Ends a claim without a game: the game server can be claimed again.
    pub(crate) fn expire_claim(&mut self, id: &str, number: u64, claim: u64) {
        let current = |server: &&mut GameServer| server.number == number && server.claim == Some(claim);
        let Some(server) = self.game_servers.get_mut(id).filter(current) else { return };
        server.claim = None;
        tracing::info!(game_server = id, "the claim of a game server expired");
        let (group, instance) = (server.group.clone(), server.instance.clone());
        self.became_idle(&group, &instance);
    }

    /// Changes the given members. A claim ends when the game begins (inferred).
    pub(crate) fn update_game_server(
        &mut self,
        group: &GroupNameOrArn,
        id: &str,
        update: GameServerUpdate,
    ) -> Result<&GameServer, ServiceError> {
        use UtilizationStatus::{Available, Utilized};
        let current = self.game_server(group, id)?.utilization;
        if (current, update.utilization) == (Utilized, Some(Available)) {
            return Err(invalid_request(format!(
                "Game server {id} is UTILIZED and does not become AVAILABLE again: deregister it, and register another."
            )));
        }
        let now = self.now;
        let server = self.game_servers.get_mut(id).expect("looked up above");
        if update.utilization == Some(Utilized) && current != Utilized {
            tracing::info!(game_server = id, from = current.name(), to = Utilized.name(), "game server");
            server.utilization = Utilized;
            server.claim = None;
        }
        if update.healthy {
            server.last_health_check_time = now;
        }
        if update.data.is_some() {
            server.data = update.data;
        }
        Ok(server)
    }

    /// Removes a game server, in use or not.
    pub(crate) fn deregister_game_server(&mut self, group: &GroupNameOrArn, id: &str) -> Result<(), ServiceError> {
        self.game_server(group, id)?;
        self.remove_game_server(id, "DeregisterGameServer");
        Ok(())
    }

    /// Removes a game server whose health report is overdue.
    pub(crate) fn check_health_report(&mut self, id: &str, number: u64) {
        let Some(server) = self.game_servers.get(id).filter(|server| server.number == number) else { return };
        let due = after(server.last_health_check_time, self.patience.health_report);
        if self.now < due {
            return self.timers.plan(due, Event::HealthReportIsDue(id.to_owned(), number));
        }
        tracing::warn!(game_server = id, "a game server does not report its health");
        self.remove_game_server(id, "it did not report its health");
    }

    /// Removes a game server; nothing else does.
    pub(crate) fn remove_game_server(&mut self, id: &str, why: &str) {
        let Some(server) = self.game_servers.remove(id) else { return };
        tracing::info!(game_server = id, why, "game server deregistered");
        // Otherwise a program that registers again and again would fill the memory.
        self.timers.forget(|event| {
            matches!(
                event,
                Event::ClaimExpires(_, of, _) | Event::HealthReportIsDue(_, of) if *of == server.number
            )
        });
        self.became_idle(&server.group, &server.instance);
    }

    pub(crate) fn deregister_all(&mut self, group: &str, why: &str) {
        let all = self.game_servers.values().filter(|server| server.group == group);
        for id in all.map(|server| server.id.clone()).collect::<Vec<_>>() {
            self.remove_game_server(&id, why);
        }
    }

    /// Returns the game servers of a group that host a game or are claimed for one.
    pub(crate) fn busy_servers(&self, group: &str) -> impl Iterator<Item = &GameServer> {
        self.game_servers.values().filter(move |server| server.group == group && server.is_busy())
    }

    /// Continues the drain of the instance and the deletion of the group, which may have waited for this game server.
    fn became_idle(&mut self, group: &str, instance: &str) {
        self.look_for_drained(group, instance);
        self.look_for_deletable(group);
    }
}
