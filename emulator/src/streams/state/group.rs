//! The stream group, its application and its capacity.

use jiff::Timestamp;

use crate::{
    ServiceError, Settings,
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
    pub(crate) fn new(settings: &Settings, now: Timestamp) -> Self {
        let (id, application_id) = (Settings::STREAM_GROUP_ID, Settings::APPLICATION_ID);
        let prefix = format!("arn:aws:gameliftstreams:{}:{}", settings.region, settings.account);
        Self {
            id: id.into(),
            arn: format!("{prefix}:streamgroup/{id}"),
            application_id: application_id.into(),
            application_arn: format!("{prefix}:application/{application_id}"),
            location: settings.region.clone(),
            compute: settings.stream_compute,
            capacity: settings.stream_capacity,
            used: 0,
            created_at: now,
            session_prefix: format!("{prefix}:streamsession/{id}/"),
        }
    }

    /// Fails unless `identifier` is this group's id or ARN. An ARN of another account or Region is
    /// one of a group that does not exist here (inferred).
    pub(crate) fn expect_group(&self, identifier: &Identifier) -> Result<(), ServiceError> {
        if [&self.id, &self.arn].contains(&&identifier.0) {
            Ok(())
        } else {
            Err(resource_not_found("stream group", identifier))
        }
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
