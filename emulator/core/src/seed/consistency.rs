//! Checks that each name of a seed is used once and that every reference leads to a resource.

use std::collections::BTreeSet;

use crate::{
    model::{
        gamelift::BackfillMode,
        streams::{RuntimeType, StreamClass},
    },
    seed::{
        file::Seed,
        gamelift::{Alias, Compute, Fleet, Queue},
        matchmaking::{MatchmakingConfiguration, MatchmakingRuleSet},
        streams::{StreamGroup, StreamLocation},
    },
};

impl Seed {
    /// Checks that every name is used once, and that every resource that is referred to exists.
    pub(crate) fn check_references(&self) -> Result<(), String> {
        let locations = unique("locations", self.locations.iter().map(|location| location.name.as_str()))?;
        let fleets = unique("fleets", self.fleets.iter().map(|fleet| fleet.id.as_str()))?;
        let aliases = unique("aliases", self.aliases.iter().map(|alias| alias.id.as_str()))?;
        unique("queues", self.queues.iter().map(|queue| queue.name.as_str()))?;
        unique("game_server_groups", self.game_server_groups.iter().map(|group| group.name.as_str()))?;
        unique("stream_applications", self.stream_applications.iter().map(|application| application.id.as_str()))?;
        unique("stream_groups", self.stream_groups.iter().map(|group| group.id.as_str()))?;
        unique(
            "instances",
            self.game_server_groups.iter().flat_map(|group| &group.instances).map(|it| it.id.as_str()),
        )?;

        for Fleet { id, locations: named, .. } in &self.fleets {
            unique(&format!("locations of fleet {id}"), named.iter().map(String::as_str))?;
            for location in named {
                known(&locations, location, "locations", || format!("fleet {id}"))?;
            }
        }
        let mut computes = BTreeSet::new();
        for Compute { name, fleet, location, .. } in &self.computes {
            known(&fleets, fleet, "fleets", || format!("compute {name}"))?;
            if !self.fleets.iter().any(|known| known.id == *fleet && known.locations.contains(location)) {
                return Err(format!("compute {name}: fleet {fleet} has no location {location}"));
            }
            if !computes.insert((fleet, name)) {
                return Err(format!("computes: {name} is twice in fleet {fleet}"));
            }
        }
        for Alias { id, fleet, message, .. } in &self.aliases {
            match (fleet, message) {
                (Some(fleet), None) => known(&fleets, fleet, "fleets", || format!("alias {id}"))?,
                (None, Some(_)) => {}
                _ => return Err(format!("alias {id}: give either a fleet or a message")),
            }
        }
        for Queue { name, destinations, priority_order, location_order, .. } in &self.queues {
            unique(&format!("priority_order of queue {name}"), priority_order.iter().map(String::as_str))?;
            unique(&format!("location_order of queue {name}"), location_order.iter().map(String::as_str))?;
            for destination in destinations {
                if !aliases.contains(destination.as_str()) {
                    known(&fleets, destination, "fleets or aliases", || format!("queue {name}"))?;
                }
            }
        }
        self.check_matchmaking()?;
        self.stream_groups.iter().try_for_each(|group| self.check_stream_group(group))
    }

    fn check_matchmaking(&self) -> Result<(), String> {
        let named = self.matchmaking_rule_sets.iter().map(|rule_set| rule_set.name.as_str());
        let rule_sets = unique("matchmaking_rule_sets", named)?;
        let named = self.matchmaking_configurations.iter().map(|it| it.name.as_str());
        unique("matchmaking_configurations", named)?;
        for MatchmakingRuleSet { name, body, file } in &self.matchmaking_rule_sets {
            if body.is_some() == file.is_some() {
                return Err(format!("matchmaking rule set {name}: give either a body or a file"));
            }
        }
        let queues = self.queues.iter().map(|queue| queue.name.as_str()).collect();
        for MatchmakingConfiguration { name, rule_set, queue, backfill, .. } in &self.matchmaking_configurations {
            let who = || format!("matchmaking configuration {name}");
            known(&rule_sets, rule_set, "matchmaking_rule_sets", who)?;
            match queue {
                Some(queue) => known(&queues, queue, "queues", who)?,
                None if *backfill == BackfillMode::Automatic => {
                    return Err(format!("matchmaking configuration {name}: AUTOMATIC backfill needs a queue"));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn check_stream_group(&self, group: &StreamGroup) -> Result<(), String> {
        let StreamGroup { id, application, applications, stream_class, capacity, compute, locations, .. } = group;
        unique(&format!("stream group {id}"), locations.iter().map(|location| location.name.as_str()))?;
        let named = [application].into_iter().chain(applications);
        unique(&format!("stream group {id}"), named.clone().map(String::as_str))?;
        if !locations.is_empty() && (capacity.is_some() || compute.is_some()) {
            return Err(format!("stream group {id}: give either locations or capacity and compute"));
        }
        for StreamLocation { name, always_on, maximum, target_idle } in locations {
            let maximum = maximum.unwrap_or(*always_on);
            if maximum < *always_on || maximum < *target_idle {
                return Err(format!("stream group {id}: {name} has a maximum below its always_on or target_idle"));
            }
        }
        let runtime = |application: &String| {
            let known = self.stream_applications.iter().find(|known| known.id == *application);
            known.map_or(compute.unwrap_or_default().runtime(), |known| known.runtime.unwrap_or(RuntimeType::Ubuntu))
        };
        let class = stream_class.unwrap_or_else(|| StreamClass::for_runtime(runtime(application)));
        for application in named {
            let runs = class.expect_runs(runtime(application));
            runs.map_err(|error| format!("stream group {id}: {application}: {}", error.message))?;
        }
        Ok(())
    }
}

fn unique<'a>(section: &str, names: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>, String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{section}: {name} is there twice"));
        }
    }
    Ok(seen)
}

fn known(names: &BTreeSet<&str>, name: &str, section: &str, who: impl Fn() -> String) -> Result<(), String> {
    if names.contains(name) { Ok(()) } else { Err(format!("{}: {name} is not in {section}", who())) }
}
