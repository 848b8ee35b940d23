//! Where game sessions can be: the configured fleets and locations, or else the fleets that GameLift lists.

use std::time::Duration;

use aws::{
    arns::fleet_of,
    gamelift::{Fleets, GameServerListing, ListGameServers, Target},
};
use aws_sdk_gamelift::types::{Compute, ComputeType, FleetAttributes, FleetStatus, ResourceCreationLimitPolicy};
use shared::{Code, Error, cache::Cache};
use store::Store;

use crate::{
    config::fleets::{Candidate, FleetConfig, FleetRef},
    looks::sharing::Looks,
};

/// How long a look-up stays valid while the function is warm. Fleets and computes change rarely, and a call that
/// shows otherwise drops the look-up at once.
const CACHE_TIME: Duration = Duration::from_secs(60);

/// The shortest time between two look-ups that replace one which is not old yet. A request that can never succeed,
/// because its fleet or location does not exist, costs a look-up then and not each time.
const PAUSE: Duration = Duration::from_secs(2);

/// How many game versions' look-ups are kept: more versions than any game serves.
const MAX_BUILDS: usize = 64;

/// How many fleets' limits per creator are kept.
const MAX_FLEETS: usize = 64;

/// How many ACTIVE fleets are searched for a compute if no fleet is configured.
const MOST_FLEETS: usize = 10;

/// The targets in the order they are tried, looked up when first needed.
#[derive(Debug)]
pub struct Targets {
    config: FleetConfig,
    store: Option<Store>,
    /// The look-ups by game version, if versions have their own fleets.
    known: Cache<Option<i32>, LookedUp>,
    /// The periods of the fleets' limits per creator, by fleet.
    creation_periods: Cache<String, Option<Duration>>,
    looks: Looks,
}

/// The targets that were found, and whether they are complete. They are not while AWS cannot be asked about a
/// candidate.
#[derive(Clone, Debug)]
struct LookedUp {
    targets: Vec<Target>,
    is_complete: bool,
}

impl Targets {
    /// Creates the targets that `config` describes.
    pub fn new(config: FleetConfig) -> Self {
        let creation_periods = Cache::new(CACHE_TIME, MAX_FLEETS);
        Self {
            config,
            store: None,
            known: Cache::new(CACHE_TIME, MAX_BUILDS),
            creation_periods,
            looks: Looks::default(),
        }
    }

    /// The same, whose game sessions are looked at by `looks`.
    #[must_use]
    pub fn with_looks(self, looks: Looks) -> Self {
        Self { looks, ..self }
    }

    /// How the game sessions are looked at.
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// The same targets with a store, in which events tell what became of placements.
    #[must_use]
    pub fn with_store(self, store: Option<Store>) -> Self {
        Self { store, ..self }
    }

    /// The store, if there is one.
    pub fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// The configuration behind the targets.
    pub fn config(&self) -> &FleetConfig {
        &self.config
    }

    /// All targets of a game version, at least one.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a `build_id` that is not served; `NO_FLEET`, `FLEET_NOT_ACTIVE` or
    /// `NO_COMPUTE` when no candidate can be used; or the failure of a look-up.
    pub async fn list(&self, gamelift: &impl Fleets, build: Option<i32>) -> Result<Vec<Target>, Error> {
        let build = build.filter(|_| !self.config.builds.is_empty());
        let candidates = self.candidates(build)?;
        let known = self.known.get_or(build, || look_up(gamelift, candidates)).await?;
        if !known.is_complete {
            self.known.forget_sometimes(PAUSE);
        }
        Ok(known.targets)
    }

    /// Looks up what can be known before the first player needs it, which also opens the connection. If nothing has
    /// to be looked up, one call is made for the connection alone.
    pub async fn warm_up(&self, gamelift: &(impl Fleets + ListGameServers)) {
        let needs_call =
            |candidate: &Candidate| matches!(candidate.fleet, FleetRef::Alias(_)) || candidate.locations.is_empty();
        let candidates = self.candidates(None);
        // Errors are ignored: a later call meets the same errors and answers with them.
        if let Some(group) = &self.config.game_server_group {
            let listing = GameServerListing { group, limit: Some(1), ..GameServerListing::default() };
            let _ = gamelift.list_game_servers(&listing).await;
        } else if candidates.is_ok_and(|candidates| candidates.is_empty() || candidates.iter().any(needs_call)) {
            let _ = self.list(gamelift, None).await;
        } else {
            let _ = gamelift.list_fleets().await;
        }
    }

    /// The period in which one creator may create only so many game sessions in the fleet
    /// (`ResourceCreationLimitPolicy`); `None` if the fleet has no such policy, so that GameLift's own limit holds.
    ///
    /// # Errors
    /// The failure of the look-up.
    pub(crate) async fn creation_period(&self, gamelift: &impl Fleets, fleet: &str) -> Result<Option<Duration>, Error> {
        let look_up = async || {
            let found = gamelift.describe_fleets(&[fleet.to_owned()]).await?;
            let policy = found.first().and_then(FleetAttributes::resource_creation_limit_policy);
            let minutes = policy.and_then(ResourceCreationLimitPolicy::policy_period_in_minutes);
            Ok(minutes.and_then(|minutes| u64::try_from(minutes).ok()).map(|minutes| Duration::from_secs(60 * minutes)))
        };
        self.creation_periods.get_or(fleet.to_owned(), look_up).await
    }

    /// Drops the look-ups after a call has shown that they are stale. Returns whether there was anything to drop.
    /// After that they are kept for a moment, whatever calls show.
    pub fn forget(&self) -> bool {
        self.known.forget_sometimes(PAUSE)
    }

    fn candidates(&self, build: Option<i32>) -> Result<&[Candidate], Error> {
        let FleetConfig { candidates, builds, .. } = &self.config;
        match build {
            Some(id) => builds.get(&id).map(Vec::as_slice).ok_or_else(|| {
                Error::invalid_field(
                    "build_id",
                    "is of a game version that is not served. Update the game, or add it to LIFTGATE_BUILDS.",
                )
            }),
            None if builds.is_empty() || !candidates.is_empty() => Ok(candidates),
            None => Err(Error::invalid_field("build_id", "is required: every game version has fleets of its own.")),
        }
    }
}

async fn look_up(gamelift: &impl Fleets, candidates: &[Candidate]) -> Result<LookedUp, Error> {
    if candidates.is_empty() {
        return Ok(LookedUp { targets: in_first_usable_fleet(gamelift).await?, is_complete: true });
    }
    let mut targets = Vec::new();
    let mut unusable = None;
    for candidate in candidates {
        match of_candidate(gamelift, candidate).await {
            Ok(found) => {
                let new: Vec<_> = found.into_iter().filter(|target| !targets.contains(target)).collect();
                targets.extend(new);
            }
            // The other candidates may still be usable.
            Err(error) => {
                let code = error.code().as_str();
                tracing::warn!(code, "a configured fleet cannot be used: {}", error.detail());
                unusable = Some(error);
            }
        }
    }
    match unusable {
        Some(error) if targets.is_empty() => Err(error),
        unusable => Ok(LookedUp { targets, is_complete: !unusable.is_some_and(|error| error.code().is_passing()) }),
    }
}

/// The targets at the location that the client asked for, or all of them. Targets without a location, where GameLift
/// would choose, get the client's.
///
/// # Errors
/// `INVALID_REQUEST` for a location that no target has.
pub fn at_location(targets: &[Target], location: Option<&str>) -> Result<Vec<Target>, Error> {
    let Some(location) = location else { return Ok(targets.to_vec()) };
    let fits = |target: &&Target| target.location.as_deref().is_none_or(|own| own == location);
    let at = |target: &Target| Target { location: Some(location.to_owned()), ..target.clone() };
    let narrowed: Vec<_> = targets.iter().filter(fits).map(at).collect();
    if narrowed.is_empty() {
        return Err(Error::invalid_field("location", "is no location of the game; leave it out for all of them."));
    }
    Ok(narrowed)
}

/// Whether the game session with this ARN is in the fleet of one of the targets.
pub fn hold(targets: &[Target], game_session_id: &str) -> bool {
    fleet_of(game_session_id).is_some_and(|fleet| targets.iter().any(|target| target.fleet == fleet))
}

/// Whether the error shows that the looked-up fleets are out of date.
pub fn shows_staleness(code: Code) -> bool {
    matches!(code, Code::NoFleet | Code::FleetNotActive | Code::NoCompute)
}

/// The targets of a configured fleet or alias. Configured locations need no look-up of computes.
async fn of_candidate(gamelift: &impl Fleets, candidate: &Candidate) -> Result<Vec<Target>, Error> {
    let id = match &candidate.fleet {
        FleetRef::Fleet(_) => candidate.fleet.id().to_owned(),
        FleetRef::Alias(alias) => gamelift.resolve_alias(alias).await?,
    };
    if !candidate.locations.is_empty() {
        let target = |location: &String| Target { fleet: id.clone(), location: Some(location.clone()) };
        return Ok(candidate.locations.iter().map(target).collect());
    }
    let found = gamelift.describe_fleets(std::slice::from_ref(&id)).await?.into_iter().next();
    let attributes = found.ok_or_else(|| Error::new(Code::NoFleet, format!("There is no fleet {id}.")))?;
    if attributes.status() != Some(&FleetStatus::Active) {
        return Err(Error::new(Code::FleetNotActive, format!("The fleet {id} is not ACTIVE.")));
    }
    in_fleet(gamelift, attributes).await
}

/// The targets in the first ACTIVE fleet that has any.
async fn in_first_usable_fleet(gamelift: &impl Fleets) -> Result<Vec<Target>, Error> {
    let mut unusable = None;
    for fleet in active_fleets(gamelift).await?.into_iter().take(MOST_FLEETS) {
        match in_fleet(gamelift, fleet).await {
            // The fleet has no active compute or is gone since the listing; the next one may be usable.
            Err(error) if shows_staleness(error.code()) => unusable = unusable.or(Some(error)),
            found => return found,
        }
    }
    Err(unusable.expect("there is an active fleet"))
}

/// The Region's ACTIVE fleets, at least one, in the order of `ListFleets`.
async fn active_fleets(gamelift: &impl Fleets) -> Result<Vec<FleetAttributes>, Error> {
    let ids = gamelift.list_fleets().await?;
    let fleets = if ids.is_empty() { Vec::new() } else { gamelift.describe_fleets(&ids).await? };
    let active = |id: &String| {
        fleets.iter().find(|fleet| fleet.fleet_id() == Some(id) && fleet.status() == Some(&FleetStatus::Active))
    };
    // DescribeFleetAttributes keeps no order, so ListFleets' order decides which is the first.
    let active: Vec<_> = ids.iter().filter_map(active).cloned().collect();
    if active.is_empty() {
        let detail = format!(
            "The Region has {} fleets and none is ACTIVE. Create an Anywhere fleet, or name one in LIFTGATE_FLEETS.",
            ids.len()
        );
        return Err(Error::new(Code::NoFleet, detail));
    }
    Ok(active)
}

/// The targets in an ACTIVE fleet. An Anywhere fleet takes game sessions only at custom locations: those of its
/// active computes, in the order of `ListCompute`.
async fn in_fleet(gamelift: &impl Fleets, fleet: FleetAttributes) -> Result<Vec<Target>, Error> {
    let id = fleet.fleet_id.unwrap_or_default();
    if fleet.compute_type != Some(ComputeType::Anywhere) {
        return Ok(vec![Target { fleet: id, location: None }]);
    }
    let computes = gamelift.list_compute(&id).await?;
    let mut targets = Vec::new();
    let locations = computes.iter().filter(|compute| is_active(compute)).filter_map(Compute::location);
    for location in locations.filter(|location| !location.is_empty()) {
        let target = Target { fleet: id.clone(), location: Some(location.to_owned()) };
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

/// Whether the compute is active. Anywhere computes report `Active`, not the API model's `ACTIVE`.
fn is_active(compute: &Compute) -> bool {
    compute.compute_status().is_some_and(|status| status.as_str().eq_ignore_ascii_case("active"))
}
