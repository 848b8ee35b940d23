//! Custom locations: where the computes of Anywhere fleets are.

use std::collections::BTreeMap;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{conflict, invalid_request, not_found},
    gamelift::FleetStatus,
};

use crate::{
    resources::location::CustomLocation,
    state::{quota::quota, whole::State},
    types::CustomLocationNameOrArn,
};

impl State {
    /// Adds a custom location. A name that exists is a `ConflictException` (inferred).
    pub(crate) fn create_location(
        &mut self,
        name: &str,
        tags: BTreeMap<String, String>,
    ) -> Result<&CustomLocation, ServiceError> {
        if self.locations.contains_key(name) {
            return Err(conflict(format!("Location {name} exists already.")));
        }
        quota("custom locations", self.locations.len())?;
        let arn = self.arn("location", name);
        self.add_tags(&arn, tags)?;
        tracing::info!(location = name, "location created");
        let location = CustomLocation { name: name.to_owned(), arn };
        Ok(self.locations.entry(name.to_owned()).or_insert(location))
    }

    /// Removes a custom location that no fleet uses. `DeleteLocation` has no exception for a location in use; this one
    /// is inferred.
    pub(crate) fn delete_location(
        &mut self,
        CustomLocationNameOrArn(id): &CustomLocationNameOrArn,
    ) -> Result<(), ServiceError> {
        let location = self
            .locations
            .values()
            .find(|location| location.name == *id || location.arn == *id)
            .ok_or_else(|| not_found("Location", id))?;
        let user = self
            .fleets
            .values()
            .find(|fleet| fleet.status != FleetStatus::Terminated && fleet.locations.contains(&location.name));
        if let Some(fleet) = user {
            return Err(invalid_request(format!("Location {id} is in use by fleet {}.", fleet.id)));
        }
        let (name, arn) = (location.name.clone(), location.arn.clone());
        self.locations.remove(&name);
        self.tags.remove(&arn);
        tracing::info!(location = name, "location deleted");
        Ok(())
    }
}
