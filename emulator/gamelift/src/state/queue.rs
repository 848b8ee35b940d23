//! Game session queues: they choose the fleet and location of placements' game sessions.

use std::{collections::BTreeMap, sync::Arc};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found},
};

use crate::{
    resources::{
        fleet::Fleet,
        queue::{Queue, QueueSettings},
    },
    state::{quota::quota, whole::State},
    types::{AliasIdOrArn, FleetIdOrArn, QueueNameOrArn},
};

impl State {
    /// Adds a queue. `CreateGameSessionQueue` has no exception for a name that exists; the invalid request is inferred.
    pub(crate) fn create_queue(
        &mut self,
        name: String,
        settings: QueueSettings,
        tags: BTreeMap<String, String>,
    ) -> Result<&Queue, ServiceError> {
        if self.queues.contains_key(&name) {
            return Err(invalid_request(format!("Queue {name} exists already.")));
        }
        self.check_destinations(&settings.destinations)?;
        quota("queues", self.queues.len())?;
        self.add_tags(&self.arn("gamesessionqueue", &name), tags)?;
        tracing::info!(queue = name, "queue created");
        Ok(self.insert_queue(name, settings))
    }

    pub(crate) fn insert_queue(&mut self, name: String, settings: QueueSettings) -> &Queue {
        let queue = Queue { arn: self.arn("gamesessionqueue", &name), name: name.clone(), settings };
        self.queues.entry(name).or_insert(queue)
    }

    /// Returns the queue with this name or ARN.
    pub(crate) fn queue(&self, id: &QueueNameOrArn) -> Result<&Queue, ServiceError> {
        self.find_queue(id).ok_or_else(|| not_found("Queue", &id.0))
    }

    pub(crate) fn find_queue(&self, QueueNameOrArn(id): &QueueNameOrArn) -> Option<&Queue> {
        self.queues.values().find(|queue| queue.name == *id || queue.arn == *id)
    }

    /// Changes a queue. The next attempts of its pending placements use the new settings (inferred).
    pub(crate) fn update_queue(
        &mut self,
        id: &QueueNameOrArn,
        settings: QueueSettings,
    ) -> Result<&Queue, ServiceError> {
        let name = self.queue(id)?.name.clone();
        self.check_destinations(&settings.destinations)?;
        let queue = self.queues.get_mut(&name).expect("looked up above");
        queue.settings = settings;
        Ok(queue)
    }

    /// Removes a queue. Its pending placements fail.
    pub(crate) fn delete_queue(&mut self, id: &QueueNameOrArn) -> Result<(), ServiceError> {
        let Queue { name, arn, .. } = self.queue(id)?.clone();
        self.queues.remove(&name);
        self.tags.remove(&arn);
        tracing::info!(queue = name, "queue deleted");
        self.fail_placements_of(&name);
        Ok(())
    }

    /// Returns the fleet that a queue's destination leads to now.
    pub(crate) fn destination(&self, arn: &str) -> Result<&Arc<Fleet>, ServiceError> {
        if arn.contains(":alias/") {
            return self.resolve_alias(&AliasIdOrArn(arn.to_owned()));
        }
        self.find_fleet(&FleetIdOrArn(arn.to_owned()))
            .filter(|fleet| fleet.arn == arn)
            .ok_or_else(|| not_found("Destination", arn))
    }

    /// Requires every destination to be the ARN of a known fleet or alias (`NotFoundException` is inferred). The
    /// emulator has one Region and knows no others.
    fn check_destinations(&self, destinations: &[String]) -> Result<(), ServiceError> {
        let known = |arn: &String| {
            self.fleets.values().any(|fleet| fleet.arn == *arn) || self.aliases.values().any(|alias| alias.arn == *arn)
        };
        match destinations.iter().find(|arn| !known(arn)) {
            Some(unknown) => Err(not_found("The ARN of a fleet or an alias", unknown)),
            None => Ok(()),
        }
    }
}
