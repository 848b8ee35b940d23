//! Aliases: names that stay while the fleet behind them changes.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Fleet, FleetStatus, State, quota};
use crate::{
    ServiceError,
    gamelift::{
        exceptions::{invalid_request, not_found, terminal_routing_strategy},
        types::AliasIdOrArn,
    },
};
use serde::{Deserialize, Serialize};

/// Another name of a fleet, or of none any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::gamelift) struct Alias {
    pub(in crate::gamelift) id: String,
    pub(in crate::gamelift) arn: String,
    pub(in crate::gamelift) name: String,
    pub(in crate::gamelift) description: Option<String>,
    pub(in crate::gamelift) routing: Routing,
    pub(in crate::gamelift) creation_time: Timestamp,
    pub(in crate::gamelift) last_updated_time: Timestamp,
}

/// Where an alias leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::gamelift) enum Routing {
    /// To the fleet with this id.
    Simple { fleet_id: String },
    /// Nowhere: whoever uses it gets this message.
    Terminal { message: String },
}

impl State {
    /// Adds an alias. Names need not be unique.
    pub(in crate::gamelift) fn create_alias(
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

    pub(super) fn insert_alias(
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

    /// Changes what is given.
    pub(in crate::gamelift) fn update_alias(
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

    pub(in crate::gamelift) fn delete_alias(&mut self, id: &AliasIdOrArn) -> Result<(), ServiceError> {
        let Alias { id, arn, .. } = self.alias(id)?.clone();
        self.aliases.remove(&id);
        self.tags.remove(&arn);
        tracing::info!(alias = id, "alias deleted");
        Ok(())
    }

    /// The alias with this id or ARN, whatever it leads to.
    pub(in crate::gamelift) fn alias(&self, AliasIdOrArn(id): &AliasIdOrArn) -> Result<&Alias, ServiceError> {
        self.aliases.values().find(|alias| alias.id == *id || alias.arn == *id).ok_or_else(|| not_found("Alias", id))
    }

    /// The fleet that the alias leads to. A terminal one leads to a
    /// `TerminalRoutingStrategyException` with its message.
    pub(in crate::gamelift) fn resolve_alias(&self, id: &AliasIdOrArn) -> Result<&Arc<Fleet>, ServiceError> {
        match &self.alias(id)?.routing {
            Routing::Simple { fleet_id } => self.fleets.get(fleet_id).ok_or_else(|| not_found("Fleet", fleet_id)),
            Routing::Terminal { message } => Err(terminal_routing_strategy(message)),
        }
    }

    /// A simple alias points to an ACTIVE fleet. `CreateAlias` has no `NotFoundException` (that it
    /// is this one instead is inferred).
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
