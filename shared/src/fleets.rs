//! Where game sessions can be: the configured fleets and locations, or those that GameLift knows of.

use std::{sync::Mutex, time::Duration};

use aws_sdk_gamelift::types::{Compute, ComputeType, FleetAttributes, FleetStatus};
use tokio::time::Instant;

use crate::{
    config::{Candidate, FleetConfig, FleetRef},
    error::{Code, Error},
    gamelift::Fleets,
};

/// How long a look-up holds while the function stays warm. Fleets and computes change rarely, and a
/// call that shows otherwise drops it at once.
const CACHE_TIME: Duration = Duration::from_secs(60);

/// A place for game sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The fleet or alias.
    pub fleet: FleetRef,
    /// The location in it; `None` leaves the choice to GameLift.
    pub location: Option<String>,
}

/// The targets in the order they are tried, looked up when first needed.
#[derive(Debug)]
pub struct Targets {
    config: FleetConfig,
    cached: Mutex<Option<(Instant, Vec<Target>)>>,
}

impl Targets {
    /// The targets that `config` describes.
    pub fn new(config: FleetConfig) -> Self {
        Self { config, cached: Mutex::new(None) }
    }

    /// All targets, at least one.
    ///
    /// # Errors
    /// `NO_FLEET`, `FLEET_NOT_ACTIVE` or `NO_COMPUTE` when no candidate can be used, or the failure of a look-up.
    pub async fn list(&self, gamelift: &impl Fleets) -> Result<Vec<Target>, Error> {
        if let Some((_, targets)) = self.cache().as_ref().filter(|(looked_up, _)| looked_up.elapsed() < CACHE_TIME) {
            return Ok(targets.clone());
        }
        let (targets, complete) = self.look_up(gamelift).await?;
        if complete {
            *self.cache() = Some((Instant::now(), targets.clone()));
        }
        Ok(targets)
    }

    /// Drops what was looked up: a call has shown that it is stale. Says whether there was anything to drop.
    pub fn forget(&self) -> bool {
        self.cache().take().is_some()
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Vec<Target>)>> {
        self.cached.lock().expect("nothing panics while it holds the cache")
    }

    /// The targets, and whether they are all: not while AWS cannot be asked about one.
    async fn look_up(&self, gamelift: &impl Fleets) -> Result<(Vec<Target>, bool), Error> {
        if self.config.candidates.is_empty() {
            let fleet = first_active_fleet(gamelift).await?;
            return Ok((in_fleet(gamelift, fleet).await?, true));
        }
        let mut targets = Vec::new();
        let mut unusable = None;
        for candidate in &self.config.candidates {
            match of_candidate(gamelift, candidate).await {
                Ok(found) => targets.extend(found),
                // The others may still do.
                Err(error) => {
                    tracing::warn!(
                        code = error.code().as_str(),
                        "a configured fleet cannot be used: {}",
                        error.detail()
                    );
                    unusable = Some(error);
                }
            }
        }
        match unusable {
            Some(error) if targets.is_empty() => Err(error),
            unusable => Ok((targets, !unusable.is_some_and(|error| error.code().is_passing()))),
        }
    }
}

/// Whether the error shows that what is known of the fleets is out of date.
pub fn shows_staleness(code: Code) -> bool {
    matches!(code, Code::NoFleet | Code::FleetNotActive | Code::NoCompute)
}

/// The targets of a configured fleet or alias. Configured locations need no look-up.
async fn of_candidate(gamelift: &impl Fleets, candidate: &Candidate) -> Result<Vec<Target>, Error> {
    let fleet = candidate.fleet.clone();
    if !candidate.locations.is_empty() {
        let target = |location: &String| Target { fleet: fleet.clone(), location: Some(location.clone()) };
        return Ok(candidate.locations.iter().map(target).collect());
    }
    match &fleet {
        FleetRef::Alias(_) => Ok(vec![Target { fleet, location: None }]),
        FleetRef::Fleet(id) => {
            let found = gamelift.describe_fleets(std::slice::from_ref(id)).await?.into_iter().next();
            let attributes = found.ok_or_else(|| Error::new(Code::NoFleet, format!("There is no fleet {id}.")))?;
            if attributes.status() != Some(&FleetStatus::Active) {
                return Err(Error::new(Code::FleetNotActive, format!("The fleet {id} is not ACTIVE.")));
            }
            in_fleet(gamelift, attributes).await
        }
    }
}

async fn first_active_fleet(gamelift: &impl Fleets) -> Result<FleetAttributes, Error> {
    let ids = gamelift.list_fleets().await?;
    let fleets = if ids.is_empty() { Vec::new() } else { gamelift.describe_fleets(&ids).await? };
    let active = |id: &String| {
        fleets.iter().find(|fleet| fleet.fleet_id() == Some(id) && fleet.status() == Some(&FleetStatus::Active))
    };
    // DescribeFleetAttributes keeps no order, so ListFleets' order decides which is the first.
    ids.iter().find_map(active).cloned().ok_or_else(|| {
        let detail = format!(
            "The Region has {} fleets and none is ACTIVE. Create an Anywhere fleet, or name one in LIFTGATE_FLEETS.",
            ids.len()
        );
        Error::new(Code::NoFleet, detail)
    })
}

/// The targets in an ACTIVE fleet. An Anywhere fleet takes game sessions only at a custom location:
/// those of its active computes, in the order of `ListCompute`.
async fn in_fleet(gamelift: &impl Fleets, fleet: FleetAttributes) -> Result<Vec<Target>, Error> {
    let id = fleet.fleet_id.unwrap_or_default();
    if fleet.compute_type != Some(ComputeType::Anywhere) {
        return Ok(vec![Target { fleet: FleetRef::Fleet(id), location: None }]);
    }
    let computes = gamelift.list_compute(&id).await?;
    let mut targets = Vec::new();
    for location in computes.iter().filter(|compute| is_active(compute)).filter_map(Compute::location) {
        let target = Target { fleet: FleetRef::Fleet(id.clone()), location: Some(location.to_owned()) };
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    if targets.is_empty() {
        let detail = format!(
            "The Anywhere fleet {id} has {} computes and none is active. Register one with RegisterCompute and start a game server on it.",
            computes.len()
        );
        return Err(Error::new(Code::NoCompute, detail));
    }
    Ok(targets)
}

/// Anywhere computes are "Active", not "ACTIVE" as the API model's enum has it.
fn is_active(compute: &Compute) -> bool {
    compute.compute_status().is_some_and(|status| status.as_str().eq_ignore_ascii_case("active"))
}
