//! Matchmaking configurations: which rule set matches tickets, and which queue places the matches.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{NOT_FOUND, invalid_request, not_found},
    gamelift::{BackfillMode, FlexMatchMode},
};

use crate::{
    resources::matchmaking_configuration::{MatchmakingConfiguration, MatchmakingSettings},
    state::{quota::quota, whole::State},
    types::ConfigurationNameOrArn,
};

/// The kind of the resource in its ARN.
const KIND: &str = "matchmakingconfiguration";

impl State {
    /// Adds a configuration. `CreateMatchmakingConfiguration` has no exception for a name that exists; the invalid
    /// request is inferred.
    pub(crate) fn create_configuration(
        &mut self,
        name: String,
        settings: MatchmakingSettings,
        tags: BTreeMap<String, String>,
    ) -> Result<&MatchmakingConfiguration, ServiceError> {
        if self.configurations.contains_key(&name) {
            return Err(invalid_request(format!("Matchmaking configuration {name} exists already.")));
        }
        self.check_settings(&settings)?;
        quota("matchmaking configurations", self.configurations.len())?;
        let arn = self.arn(KIND, &name);
        self.add_tags(&arn, tags)?;
        tracing::info!(configuration = name, mode = settings.mode.name(), "matchmaking configuration created");
        let configuration = MatchmakingConfiguration { name: name.clone(), arn, creation_time: self.now, settings };
        Ok(self.configurations.entry(name).or_insert(configuration))
    }

    /// Returns the configuration with this name or ARN.
    pub(crate) fn configuration(&self, id: &ConfigurationNameOrArn) -> Result<&MatchmakingConfiguration, ServiceError> {
        self.find_configuration(id).ok_or_else(|| not_found("Matchmaking configuration", &id.0))
    }

    pub(crate) fn find_configuration(
        &self,
        ConfigurationNameOrArn(id): &ConfigurationNameOrArn,
    ) -> Option<&MatchmakingConfiguration> {
        self.configurations.get(self.name_in_arn(KIND, id))
    }

    /// Returns the ARN of the configuration with this name.
    pub(crate) fn configuration_arn(&self, name: &str) -> String {
        self.arn(KIND, name)
    }

    /// Changes a configuration. Tickets that wait are matched by the new settings; a match keeps those of its time.
    pub(crate) fn update_configuration(
        &mut self,
        id: &ConfigurationNameOrArn,
        settings: MatchmakingSettings,
    ) -> Result<&MatchmakingConfiguration, ServiceError> {
        let name = self.configuration(id)?.name.clone();
        self.check_settings(&settings)?;
        let known = self.configurations.get_mut(&name).expect("looked up above");
        let before = std::mem::replace(&mut known.settings, settings);
        let is_pooled_alike = |other: &MatchmakingSettings| {
            (&before.rule_set, before.free_slots()) == (&other.rule_set, other.free_slots())
        };
        if !is_pooled_alike(&known.settings) {
            self.rebuild_pool(&name);
        }
        Ok(&self.configurations[&name])
    }

    /// Removes a configuration that no ticket uses. The exception is inferred.
    pub(crate) fn delete_configuration(&mut self, id: &ConfigurationNameOrArn) -> Result<(), ServiceError> {
        let MatchmakingConfiguration { name, arn, .. } = self.configuration(id)?.clone();
        let mut tickets = self.tickets.values();
        if let Some(ticket) = tickets.find(|ticket| ticket.configuration == name && !ticket.status.is_over()) {
            return Err(invalid_request(format!(
                "Matchmaking configuration {name} is in use: ticket {} is {}.",
                ticket.id,
                ticket.status.name()
            )));
        }
        self.configurations.remove(&name);
        self.pools.remove(&name);
        self.recent_waits.remove(&name);
        self.tags.remove(&arn);
        tracing::info!(configuration = name, "matchmaking configuration deleted");
        Ok(())
    }

    /// Refuses settings that contradict each other, or that name a queue which does not exist. The exceptions are
    /// inferred. The emulator has one Region and knows no queues of others.
    fn check_settings(&self, settings: &MatchmakingSettings) -> Result<(), ServiceError> {
        match (settings.mode, settings.queues.as_slice()) {
            (FlexMatchMode::WithQueue, [queue]) => {
                if !self.queues.values().any(|known| known.arn == *queue) {
                    return Err(self.no_queue(queue));
                }
            }
            (FlexMatchMode::WithQueue, _) => {
                return Err(invalid_request("FlexMatchMode WITH_QUEUE needs exactly one ARN in GameSessionQueueArns."));
            }
            (FlexMatchMode::Standalone, []) => {}
            (FlexMatchMode::Standalone, _) => {
                return Err(invalid_request(
                    "FlexMatchMode STANDALONE places no matches. Leave GameSessionQueueArns empty.",
                ));
            }
        }
        if settings.mode == FlexMatchMode::Standalone && settings.backfill == BackfillMode::Automatic {
            return Err(invalid_request("BackfillMode AUTOMATIC needs FlexMatchMode WITH_QUEUE."));
        }
        if settings.acceptance_required && settings.acceptance_timeout_seconds.is_none() {
            return Err(invalid_request("AcceptanceRequired needs AcceptanceTimeoutSeconds."));
        }
        Ok(())
    }

    /// Says that no queue has this ARN. A queue's name in its place is a likely mistake.
    fn no_queue(&self, arn: &str) -> ServiceError {
        match self.queues.values().find(|known| known.name == arn) {
            Some(known) => {
                NOT_FOUND.error(format!("GameSessionQueueArns takes ARNs. The ARN of {arn} is {}.", known.arn))
            }
            None => not_found("The ARN of a queue", arn),
        }
    }
}
