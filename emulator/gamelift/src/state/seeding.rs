//! The resources that exist from the start.

use std::collections::BTreeMap;

use emulator_core::{
    model::{
        error::ServiceError,
        gamelift::{FlexMatchMode, InstanceStatus},
    },
    seed::{self, Seed},
};

use crate::{
    resources::{
        alias::Routing,
        compute::Registration,
        fleet::FleetAttributes,
        game_server_group::{GroupSettings, InstanceDefinition},
        matchmaking_configuration::MatchmakingSettings,
        queue::{LatencyPolicy, Priority, QueueSettings},
        rule_set::RuleSetBody,
    },
    state::whole::State,
    types::RuleSetNameOrArn,
};

impl State {
    /// Creates the resources of the seed. A seed file is checked when it is read; only a seed that a program built
    /// itself can fail here.
    pub(crate) fn plant(&mut self, seed: &Seed, public_ip: &str) {
        for seed::Location { name } in &seed.locations {
            self.create_location(name, BTreeMap::new())
                .map(drop)
                .unwrap_or_else(|error| tracing::error!(location = name, %error, "the seed's location is left out"));
        }
        for seed::Fleet { id, name, description, locations } in &seed.fleets {
            let attributes = FleetAttributes { description: description.clone(), ..FleetAttributes::new(name.clone()) };
            self.insert_fleet(id.clone(), attributes, locations.clone(), None);
        }
        for seed::Compute { name, fleet, location, ip_address, dns_name, certificate_path } in &seed.computes {
            let Some(fleet) = self.fleets.get(fleet).cloned() else {
                tracing::error!(compute = name, fleet, "the seed's compute is left out: its fleet is not there");
                continue;
            };
            let registration = Registration {
                name: name.clone(),
                location: location.clone(),
                ip_address: ip_address.clone().unwrap_or_else(|| public_ip.to_owned()),
                dns_name: dns_name.clone(),
                certificate_path: certificate_path.clone(),
            };
            self.insert_compute(&fleet, registration);
        }
        for seed::Alias { id, name, description, fleet, message } in &seed.aliases {
            let routing = match fleet {
                Some(fleet_id) => Routing::Simple { fleet_id: fleet_id.clone() },
                None => Routing::Terminal { message: message.clone().unwrap_or_default() },
            };
            self.insert_alias(id.clone(), name.clone(), description.clone(), routing);
        }
        for queue in &seed.queues {
            let settings = self.seeded_queue(queue);
            self.insert_queue(queue.name.clone(), settings);
        }
        for rule_set in &seed.matchmaking_rule_sets {
            if let Err(error) = self.plant_rule_set(rule_set) {
                tracing::error!(rule_set = rule_set.name, error, "the seed's rule set is left out");
            }
        }
        for configuration in &seed.matchmaking_configurations {
            if let Err(error) = self.plant_configuration(configuration) {
                let name = &configuration.name;
                tracing::error!(configuration = name, %error, "the seed's matchmaking configuration is left out");
            }
        }
        for group in &seed.game_server_groups {
            self.plant_group(group);
        }
    }

    fn plant_rule_set(&mut self, rule_set: &seed::MatchmakingRuleSet) -> Result<(), String> {
        let text = rule_set.body.clone().ok_or("its file was not read")?;
        let body = RuleSetBody::read(text, &self.rules)?;
        let created = self.create_rule_set(rule_set.name.clone(), body, BTreeMap::new());
        created.map(drop).map_err(|error| error.to_string())
    }

    fn plant_configuration(&mut self, seeded: &seed::MatchmakingConfiguration) -> Result<(), ServiceError> {
        let queue = seeded.queue.as_ref().map(|name| self.arn("gamesessionqueue", name));
        let rule_set = self.rule_set(&RuleSetNameOrArn(seeded.rule_set.clone()))?.name.clone();
        let settings = MatchmakingSettings {
            description: None,
            mode: if queue.is_some() { FlexMatchMode::WithQueue } else { FlexMatchMode::Standalone },
            queues: queue.into_iter().collect(),
            request_timeout_seconds: seeded.request_timeout_seconds,
            acceptance_required: seeded.acceptance_timeout_seconds.is_some(),
            acceptance_timeout_seconds: seeded.acceptance_timeout_seconds,
            rule_set,
            notification_target: None,
            additional_players: Some(seeded.additional_players),
            custom_event_data: seeded.custom_event_data.clone(),
            properties: seeded.game_properties.clone(),
            data: seeded.game_session_data.clone(),
            backfill: seeded.backfill,
        };
        self.create_configuration(seeded.name.clone(), settings, BTreeMap::new()).map(drop)
    }

    fn plant_group(&mut self, group: &seed::GameServerGroup) {
        let definition = |name: &String| InstanceDefinition { instance_type: name.clone(), weighted_capacity: None };
        let definitions = group.instance_types.iter().map(definition).collect();
        let active = group.instances.iter().filter(|instance| instance.status == InstanceStatus::Active).count();
        let settings = GroupSettings::new(group.role_arn.clone(), definitions);
        self.insert_group(group.name.clone(), settings, group.min_size.unwrap_or(active));
        for seed::Instance { id, .. } in &group.instances {
            if let Err(error) = self.start_instance(&group.name, id.clone()) {
                tracing::error!(instance = id, %error, "the seed's instance is left out");
            }
        }
        self.activate_group(&group.name);
        for seed::Instance { id, status } in &group.instances {
            self.set_instance_status(&group.name, id, *status);
        }
    }

    fn seeded_queue(&self, queue: &seed::Queue) -> QueueSettings {
        let priority = Priority {
            order: queue.priority_order.iter().filter_map(|by| by.parse().ok()).collect(),
            locations: queue.location_order.clone(),
        };
        let default = QueueSettings::default();
        QueueSettings {
            timeout_seconds: queue.timeout_seconds.unwrap_or(default.timeout_seconds),
            latency_policies: queue
                .latency_policies
                .iter()
                .map(|policy| LatencyPolicy {
                    maximum_milliseconds: policy.maximum_milliseconds,
                    seconds: policy.seconds,
                })
                .collect(),
            destinations: queue
                .destinations
                .iter()
                .map(|id| self.arn(if self.aliases.contains_key(id) { "alias" } else { "fleet" }, id))
                .collect(),
            priority: Some(priority).filter(|priority| !priority.order.is_empty() || !priority.locations.is_empty()),
            custom_event_data: queue.custom_event_data.clone(),
            ..default
        }
    }
}
