//! Tags: labels that AWS uses for bills and permissions. The emulator only keeps them.

use std::collections::BTreeMap;

use emulator_core::model::{error::ServiceError, exceptions::streams::validation};

use super::whole::State;

/// The most tags of a resource: AWS's quota for all services.
const MAX_TAGS: usize = 50;

/// The operations declare no exception for an unknown resource; `ValidationException` is inferred.
impl State {
    /// Adds tags to the resource with this ARN and replaces the values of keys it has.
    pub(crate) fn tag(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ServiceError> {
        self.expect_taggable(arn)?;
        let mut all = self.tags.get(arn).cloned().unwrap_or_default();
        all.extend(tags);
        check_tags(&all)?;
        self.tags.insert(arn.to_owned(), all);
        Ok(())
    }

    /// Removes tags; the resource need not have all of them.
    pub(crate) fn untag(&mut self, arn: &str, keys: &[String]) -> Result<(), ServiceError> {
        self.expect_taggable(arn)?;
        if let Some(tags) = self.tags.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    }

    /// Returns the tags of the resource with this ARN.
    pub(crate) fn tags_of(&self, arn: &str) -> Result<BTreeMap<String, String>, ServiceError> {
        self.expect_taggable(arn)?;
        Ok(self.tags.get(arn).cloned().unwrap_or_default())
    }

    fn expect_taggable(&self, arn: &str) -> Result<(), ServiceError> {
        let known = self.applications.keys().any(|id| self.arns.application(id) == arn)
            || self.groups.keys().any(|id| self.arns.group(id) == arn);
        if known { Ok(()) } else { Err(validation(format!("There is no resource {arn}."))) }
    }
}

/// Fails for tags that no resource can have.
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    if let Some(reserved) = tags.keys().find(|key| key.starts_with("aws:")) {
        return Err(validation(format!("The tag key {reserved:?} is reserved: it starts with \"aws:\".")));
    }
    if tags.len() > MAX_TAGS {
        return Err(validation(format!("A resource has at most {MAX_TAGS} tags.")));
    }
    Ok(())
}
