//! Stream groups: applications and the locations that stream them.

use std::time::Duration;

use emulator_core::{
    clock::after,
    model::{
        error::ServiceError,
        exceptions::streams::{resource_not_found, validation},
        streams::StreamClass,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::location::{Location, LocationStatus};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The age at which a stream group stops to stream.
const LIFE: Duration = DAY.saturating_mul(365);
/// The age from which a stream group takes no more applications.
const OPEN_FOR_APPLICATIONS: Duration = DAY.saturating_mul(180);

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) stream_class: StreamClass,
    /// The ids of its applications, the default one first.
    pub(crate) applications: Vec<String>,
    /// Its locations, the primary one first.
    pub(crate) locations: Vec<Location>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When its deletion is complete, if it is being deleted.
    pub(crate) gone_at: Option<Timestamp>,
    /// Whether its first locations have ever been set up.
    pub(crate) was_set_up: bool,
    /// The reason why its locations could not be set up.
    pub(crate) status_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum GroupStatus {
    Activating,
    UpdatingLocations,
    Active,
    ActiveWithErrors,
    Error,
    Deleting,
    Expired,
}

impl Group {
    pub(crate) fn status(&self, now: Timestamp) -> GroupStatus {
        let any = |status| self.locations.iter().any(|location| location.status == status);
        if self.gone_at.is_some() {
            GroupStatus::Deleting
        } else if now >= self.expires_at() {
            GroupStatus::Expired
        } else if any(LocationStatus::Activating) && !self.was_set_up {
            GroupStatus::Activating
        } else if any(LocationStatus::Activating) || any(LocationStatus::Removing) {
            GroupStatus::UpdatingLocations
        } else if !any(LocationStatus::Error) {
            GroupStatus::Active
        } else if any(LocationStatus::Active) {
            GroupStatus::ActiveWithErrors
        } else {
            GroupStatus::Error
        }
    }

    pub(crate) fn expires_at(&self) -> Timestamp {
        after(self.created_at, LIFE)
    }

    /// Fails unless the group may be changed. `ACTIVE_WITH_ERRORS` allows changes, which may remove the errors
    /// (inferred).
    pub(crate) fn expect_active(
        &self,
        now: Timestamp,
        refuse: impl FnOnce(String) -> ServiceError,
    ) -> Result<(), ServiceError> {
        match self.status(now) {
            GroupStatus::Active | GroupStatus::ActiveWithErrors => Ok(()),
            status => Err(refuse(format!("The stream group is {status:?}, not ACTIVE."))),
        }
    }

    /// Fails unless sessions can start in the group. While a location is added or removed, the others still work
    /// (inferred).
    pub(crate) fn expect_streaming(
        &self,
        now: Timestamp,
        refuse: impl FnOnce(String) -> ServiceError,
    ) -> Result<(), ServiceError> {
        match self.status(now) {
            GroupStatus::UpdatingLocations => Ok(()),
            _ => self.expect_active(now, refuse),
        }
    }

    /// Fails if the group is too old for another application.
    pub(crate) fn expect_open(&self, now: Timestamp) -> Result<(), ServiceError> {
        if now < after(self.created_at, OPEN_FOR_APPLICATIONS) {
            return Ok(());
        }
        Err(validation("The stream group is older than 180 days and takes no more applications."))
    }

    /// Fails unless the group streams the application with this id.
    pub(crate) fn expect_application(&self, id: &str) -> Result<(), ServiceError> {
        if self.applications.iter().any(|known| known == id) {
            return Ok(());
        }
        Err(resource_not_found("application", format_args!("{id} in stream group {}", self.id)))
    }

    pub(crate) fn location(&self, name: &str) -> Option<&Location> {
        self.locations.iter().find(|location| location.name == name)
    }

    pub(crate) fn location_mut(&mut self, name: &str) -> Option<&mut Location> {
        self.locations.iter_mut().find(|location| location.name == name)
    }

    /// Applies the changes of its locations that are due by now.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let is_due = |location: &Location| location.due.is_some_and(|due| due <= now);
        self.locations.retain(|location| !(location.status == LocationStatus::Removing && is_due(location)));
        for location in self.locations.iter_mut().filter(|location| is_due(location)) {
            location.due = None;
            location.status = LocationStatus::Active;
            if let Some(reason) = location.fault.take() {
                location.status = LocationStatus::Error;
                self.status_reason = Some(reason);
            }
            self.updated_at = now;
            tracing::info!(group = self.id, location = location.name, to = ?location.status, "stream group location");
        }
        self.was_set_up |= !self.locations.iter().any(|location| location.status == LocationStatus::Activating);
    }
}
