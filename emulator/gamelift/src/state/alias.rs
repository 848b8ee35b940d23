//! Aliases: stable names of fleets that may change.

use std::{collections::BTreeMap, sync::Arc};

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found, terminal_routing_strategy},
    gamelift::FleetStatus,
};

use crate::{
    resources::{
        alias::{Alias, Routing},
        fleet::Fleet,
    },
    state::{quota::quota, whole::State},
    types::AliasIdOrArn,
};

impl State {
    /// Adds an alias. Names need not be unique.
    pub(crate) fn create_alias(
        &mut self,
        name: String,
        description: Option<String>,
        routing: Routing,
        tags: BTreeMap<String, String>,
    ) -> Result<&Alias, ServiceError> {
        self.check_routing(&routing)?;
        quota("aliases", self.aliases.len())?;
        let id = format!("alias-{}", uuid::Uuid::new_v4());
        self.add_tags(&self.arn("alias", &id), tags)?;
        tracing::info!(alias = id, "alias created");
        Ok(self.insert_alias(id, name, description, routing))
    }

    pub(crate) fn insert_alias(
        &mut self,
        id: String,
        name: String,
        description: Option<String>,
        routing: Routing,
    ) -> &Alias {
        let alias = Alias {
            id: id.clone(),
            arn: self.arn("alias", &id),
            name,
            description,
            routing,
            creation_time: self.now,
            last_updated_time: self.now,
        };
        self.aliases.entry(id).or_insert(alias)
    }

    /// Changes the given settings.
    pub(crate) fn update_alias(
        &mut self,
        id: &AliasIdOrArn,
        name: Option<String>,
        description: Option<String>,
        routing: Option<Routing>,
    ) -> Result<&Alias, ServiceError> {
        let id = self.alias(id)?.id.clone();
        if let Some(routing) = &routing {
            self.check_routing(routing)?;
        }
        let now = self.now;
        let alias = self.aliases.get_mut(&id).expect("looked up above");
        alias.last_updated_time = now;
        if let Some(name) = name {
            alias.name = name;
        }
        if description.is_some() {
            alias.description = description;
        }
        if let Some(routing) = routing {
            alias.routing = routing;
        }
        Ok(alias)
    }

    pub(crate) fn delete_alias(&mut self, id: &AliasIdOrArn) -> Result<(), ServiceError> {
        let Alias { id, arn, .. } = self.alias(id)?.clone();
        self.aliases.remove(&id);
        self.tags.remove(&arn);
        tracing::info!(alias = id, "alias deleted");
        Ok(())
    }

    /// Returns the alias with this id or ARN, SIMPLE or TERMINAL.
    pub(crate) fn alias(&self, AliasIdOrArn(id): &AliasIdOrArn) -> Result<&Alias, ServiceError> {
        self.aliases.values().find(|alias| alias.id == *id || alias.arn == *id).ok_or_else(|| not_found("Alias", id))
    }

    /// Returns the alias's fleet. A terminal alias is a `TerminalRoutingStrategyException` with its message.
    pub(crate) fn resolve_alias(&self, id: &AliasIdOrArn) -> Result<&Arc<Fleet>, ServiceError> {
        match &self.alias(id)?.routing {
            Routing::Simple { fleet_id } => self.fleets.get(fleet_id).ok_or_else(|| not_found("Fleet", fleet_id)),
            Routing::Terminal { message } => Err(terminal_routing_strategy(message)),
        }
    }

    /// Requires a simple alias to lead to an ACTIVE fleet. `CreateAlias` has no `NotFoundException`; this exception is
    /// inferred.
    fn check_routing(&self, routing: &Routing) -> Result<(), ServiceError> {
        match routing {
            Routing::Simple { fleet_id } => match self.fleets.get(fleet_id) {
                None => Err(invalid_request(format!("Fleet {fleet_id} does not exist."))),
                Some(fleet) if fleet.status != FleetStatus::Active => {
                    Err(invalid_request(format!("Fleet {fleet_id} is {}.", fleet.status.name())))
                }
                Some(_) => Ok(()),
            },
            Routing::Terminal { .. } => Ok(()),
        }
    }
}
