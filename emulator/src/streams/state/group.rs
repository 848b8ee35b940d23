//! A stream group, its application and its capacity.

use jiff::Timestamp;

use crate::{
    ServiceError, Settings,
    seed::StreamGroup,
    streams::{
        Compute,
        types::{Identifier, resource_not_found},
    },
};

pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) application_id: String,
    pub(crate) application_arn: String,
    pub(crate) location: String,
    pub(crate) compute: Compute,
    /// How many sessions run at once.
    pub(crate) capacity: u32,
    /// How many have a slot now.
    pub(crate) used: u32,
    pub(crate) created_at: Timestamp,
    /// What every session's ARN starts with.
    session_prefix: String,
}

impl Group {
    pub(crate) fn new(group: &StreamGroup, settings: &Settings, now: Timestamp) -> Self {
        let StreamGroup { id, application, .. } = group;
        let prefix = format!("arn:aws:gameliftstreams:{}:{}", settings.region, settings.account);
        Self {
            id: id.clone(),
            arn: format!("{prefix}:streamgroup/{id}"),
            application_id: application.clone(),
            application_arn: format!("{prefix}:application/{application}"),
            location: settings.region.clone(),
            compute: group.compute.unwrap_or(settings.stream_compute),
            capacity: group.capacity.unwrap_or(settings.stream_capacity),
            used: 0,
            created_at: now,
            session_prefix: format!("{prefix}:streamsession/{id}/"),
        }
    }

    /// Whether this is the group's id or ARN. An ARN of another account or Region is one of a group
    /// that does not exist here (inferred).
    pub(crate) fn is(&self, identifier: &Identifier) -> bool {
        [&self.id, &self.arn].contains(&&identifier.0)
    }

    /// Fails unless `identifier` is the application's id or ARN.
    pub(crate) fn expect_application(&self, identifier: &Identifier) -> Result<(), ServiceError> {
        if [&self.application_id, &self.application_arn].contains(&&identifier.0) {
            Ok(())
        } else {
            Err(resource_not_found("application", identifier))
        }
    }

    pub(crate) fn session_arn(&self, id: &str) -> String {
        format!("{}{id}", self.session_prefix)
    }

    /// The id in a session's ARN of this group. What is no such ARN can only be an id.
    pub(crate) fn session_id<'a>(&self, identifier: &'a Identifier) -> &'a str {
        identifier.0.strip_prefix(&self.session_prefix).unwrap_or(&identifier.0)
    }
}
