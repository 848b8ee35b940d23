//! Matchmaking rule sets: created, described, deleted, never changed.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found},
};

use crate::{
    resources::rule_set::{MatchmakingRuleSet, RuleSetBody},
    state::{quota::quota, whole::State},
    types::RuleSetNameOrArn,
};

/// The kind of the resource in its ARN.
const KIND: &str = "matchmakingruleset";

impl State {
    /// Adds a rule set. `CreateMatchmakingRuleSet` has no exception for a name that exists; the invalid request is
    /// inferred.
    pub(crate) fn create_rule_set(
        &mut self,
        name: String,
        body: RuleSetBody,
        tags: BTreeMap<String, String>,
    ) -> Result<&MatchmakingRuleSet, ServiceError> {
        if self.rule_sets.contains_key(&name) {
            return Err(invalid_request(format!(
                "Matchmaking rule set {name} exists already. A rule set cannot be changed: delete it, or take another \
                 name."
            )));
        }
        quota("matchmaking rule sets", self.rule_sets.len())?;
        let arn = self.arn(KIND, &name);
        self.add_tags(&arn, tags)?;
        tracing::info!(rule_set = name, "matchmaking rule set created");
        let rule_set = MatchmakingRuleSet { name: name.clone(), arn, body, creation_time: self.now };
        Ok(self.rule_sets.entry(name).or_insert(rule_set))
    }

    /// Returns the rule set with this name or ARN.
    pub(crate) fn rule_set(
        &self,
        RuleSetNameOrArn(id): &RuleSetNameOrArn,
    ) -> Result<&MatchmakingRuleSet, ServiceError> {
        self.rule_sets.get(self.name_in_arn(KIND, id)).ok_or_else(|| not_found("Matchmaking rule set", id))
    }

    /// Returns the ARN of the rule set with this name.
    pub(crate) fn rule_set_arn(&self, name: &str) -> String {
        self.arn(KIND, name)
    }

    /// Removes a rule set that no configuration uses.
    pub(crate) fn delete_rule_set(&mut self, id: &RuleSetNameOrArn) -> Result<(), ServiceError> {
        let MatchmakingRuleSet { name, arn, .. } = self.rule_set(id)?.clone();
        if let Some(user) = self.configurations.values().find(|user| user.settings.rule_set == name) {
            return Err(invalid_request(format!(
                "Matchmaking configuration {} uses the matchmaking rule set {name}. Delete the configuration first, or \
                 give it another rule set.",
                user.name
            )));
        }
        self.rule_sets.remove(&name);
        self.tags.remove(&arn);
        tracing::info!(rule_set = name, "matchmaking rule set deleted");
        Ok(())
    }
}
