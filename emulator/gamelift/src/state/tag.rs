//! Tags: labels that AWS uses for bills and permissions. The emulator only keeps them.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found, tagging_failed},
};

use crate::state::whole::State;

/// The most tags of a resource: AWS's quota for all services.
const MAX_TAGS: usize = 50;

impl State {
    /// Adds tags to the resource with this ARN and replaces the values of keys it has. The resource need not exist yet.
    /// Too many tags are a `TaggingFailedException` (inferred).
    pub(crate) fn add_tags(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ServiceError> {
        if let Some(reserved) = tags.keys().find(|key| key.starts_with("aws:")) {
            return Err(invalid_request(format!("The tag key {reserved:?} is reserved: it starts with \"aws:\".")));
        }
        let mut all = self.tags.get(arn).cloned().unwrap_or_default();
        all.extend(tags);
        if all.len() > MAX_TAGS {
            return Err(tagging_failed(format!("A resource has at most {MAX_TAGS} tags.")));
        }
        if !all.is_empty() {
            self.tags.insert(arn.to_owned(), all);
        }
        Ok(())
    }

    /// Returns the tags of the resource with this ARN.
    pub(crate) fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ServiceError> {
        self.check_taggable(arn)?;
        Ok(self.tags.get(arn).cloned().unwrap_or_default())
    }

    /// Adds tags to a resource (`TagResource`).
    pub(crate) fn tag(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ServiceError> {
        self.check_taggable(arn)?;
        self.add_tags(arn, tags)
    }

    /// Removes tags; the resource need not have all of them (`UntagResource`).
    pub(crate) fn untag(&mut self, arn: &str, keys: &[String]) -> Result<(), ServiceError> {
        self.check_taggable(arn)?;
        if let Some(tags) = self.tags.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    }

    fn check_taggable(&self, arn: &str) -> Result<(), ServiceError> {
        let known = self.fleets.values().any(|fleet| fleet.arn == arn)
            || self.locations.values().any(|location| location.arn == arn)
            || self.aliases.values().any(|alias| alias.arn == arn)
            || self.queues.values().any(|queue| queue.arn == arn)
            || self.rule_sets.values().any(|rule_set| rule_set.arn == arn)
            || self.configurations.values().any(|configuration| configuration.arn == arn)
            || self.game_server_groups.values().any(|group| group.arn == arn);
        if known { Ok(()) } else { Err(not_found("Resource", arn)) }
    }
}
