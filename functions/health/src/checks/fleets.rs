//! The fleets that host game sessions.

use std::collections::BTreeMap;

use aws::gamelift::Fleets;
use aws_sdk_gamelift::types::{Compute, ComputeType, FleetAttributes, FleetStatus};
use futures_util::future::join_all;
use matchmaking::{
    config::{Candidate, FleetConfig, FleetRef},
    fleets::Targets,
};
use shared::{Code, Error};

use crate::{
    checks::unanswered::Look,
    report::{Check, Status},
};

const NAME: &str = "fleets";
const FLEETS: &str = "LIFTGATE_FLEETS";
const BUILDS: &str = "LIFTGATE_BUILDS";

pub(crate) async fn check(gamelift: &impl Fleets, config: Option<&FleetConfig>, look: Look) -> Check {
    let Some(config) = config else {
        return Check::of(NAME, Status::Ok, "Not looked at, because their configuration cannot be used.");
    };
    if config.game_server_group.is_some() {
        return Check::of(NAME, Status::Ok, "Not used: a game server group hosts the game sessions.");
    }
    if config.candidates.is_empty() && config.builds.is_empty() {
        return first_active(gamelift, config, look).await;
    }
    let mut check = Check::new(NAME);
    match Seen::of(gamelift, config).await {
        Ok(seen) => seen.judge_all(config, look, &mut check),
        Err(error) => look.failed(&mut check, &error),
    }
    check.or_fine("Every fleet is ACTIVE, and Anywhere fleets have an active compute.")
}

/// The check where no fleet is named. It makes the look-up that the routes make.
async fn first_active(gamelift: &impl Fleets, config: &FleetConfig, look: Look) -> Check {
    let mut check = Check::new(NAME);
    if let Err(error) = Targets::new(config.clone()).list(gamelift, None).await {
        let sentence = match error.code() {
            Code::NoFleet => format!(
                "{FLEETS} is not set, and the Region has no ACTIVE fleet. Create one, or correct AWS_REGION, or name a fleet of this Region."
            ),
            Code::NoCompute => format!(
                "{FLEETS} is not set, and no ACTIVE fleet of the Region has an active compute. Register one with RegisterCompute, and start a game server on it."
            ),
            _ => {
                look.failed(&mut check, &error);
                return check;
            }
        };
        check.find(Status::Unhealthy, sentence);
        check.because(&error);
    }
    check.or_fine(format!("{FLEETS} is not set. The first ACTIVE fleet of the Region hosts the game sessions."))
}

/// What GameLift says about the configured fleets. Each is looked at once, however often it is named.
struct Seen {
    aliases: BTreeMap<String, Result<String, Error>>,
    fleets: Vec<FleetAttributes>,
    computes: BTreeMap<String, Result<Vec<Compute>, Error>>,
}

impl Seen {
    async fn of(gamelift: &impl Fleets, config: &FleetConfig) -> Result<Self, Error> {
        let candidates = || config.candidates.iter().chain(config.builds.values().flatten());
        let named = candidates().filter_map(|candidate| match &candidate.fleet {
            FleetRef::Alias(alias) => Some(alias.clone()),
            FleetRef::Fleet(_) => None,
        });
        let aliases = each(named, |alias| async move { gamelift.resolve_alias(&alias).await }).await;
        let mut ids: Vec<_> = candidates().filter_map(|candidate| fleet_id(candidate, &aliases)).collect();
        ids.sort_unstable();
        ids.dedup();
        let fleets = if ids.is_empty() { Vec::new() } else { gamelift.describe_fleets(&ids).await? };
        let anywhere = fleets.iter().filter(|fleet| is_active(fleet) && is_anywhere(fleet));
        let anywhere = anywhere.filter_map(|fleet| fleet.fleet_id().map(str::to_owned));
        let computes = each(anywhere, |fleet| async move { gamelift.list_compute(&fleet).await }).await;
        Ok(Self { aliases, fleets, computes })
    }

    /// Judges each list of candidates: that of all versions, and that of each `build_id`.
    fn judge_all(&self, config: &FleetConfig, look: Look, check: &mut Check) {
        self.judge_list((FLEETS, 0), &config.candidates, look, check);
        let mut before = 0;
        for list in config.builds.values() {
            self.judge_list((BUILDS, before), list, look, check);
            before += list.len();
        }
    }

    /// Judges a list, whose entries are those of a variable after the first `before`. Players are served as long as one
    /// entry is usable.
    fn judge_list(&self, (variable, before): (&str, usize), list: &[Candidate], look: Look, check: &mut Check) {
        let mut found = Check::new(NAME);
        let mut unusable = 0;
        for (number, candidate) in (before + 1..).zip(list) {
            match self.judge(candidate) {
                Ok(()) => {}
                Err(Unusable::Is(why)) => {
                    unusable += 1;
                    found.find(Status::Degraded, format!("Entry {number} of {variable}: {why}"));
                    found.cause(format!("Entry {number} of {variable} is {}.", candidate.fleet.id()));
                }
                Err(Unusable::NotSeen(error)) => look.failed(&mut found, &error),
            }
        }
        let is_lost = unusable > 0 && unusable == list.len();
        let status = if is_lost { Status::Unhealthy } else { found.status };
        found.details.into_iter().for_each(|detail| check.find(status, detail));
        found.causes.into_iter().for_each(|cause| check.cause(cause));
    }

    fn judge(&self, candidate: &Candidate) -> Result<(), Unusable> {
        if let FleetRef::Alias(alias) = &candidate.fleet
            && let Some(Err(error)) = self.aliases.get(alias)
        {
            return Err(of_alias(error));
        }
        let id = fleet_id(candidate, &self.aliases).unwrap_or_default();
        let is_it = |fleet: &&FleetAttributes| fleet.fleet_id() == Some(&id);
        let Some(fleet) = self.fleets.iter().find(is_it) else {
            return Err(Unusable::is(
                "there is no such fleet in this account and Region. Correct it, or create the fleet.",
            ));
        };
        if !is_active(fleet) {
            return Err(Unusable::Is(not_active(fleet.status())));
        }
        match self.computes.get(&id) {
            None => Ok(()),
            Some(Err(error)) => Err(Unusable::NotSeen(error.clone())),
            Some(Ok(computes)) => has_compute(computes, &candidate.locations),
        }
    }
}

/// Why a candidate cannot be used.
enum Unusable {
    Is(String),
    /// It could not be looked at.
    NotSeen(Error),
}

impl Unusable {
    fn is(why: &str) -> Self {
        Self::Is(why.to_owned())
    }
}

/// Looks at each of these once, all at the same time.
async fn each<T, F>(
    names: impl Iterator<Item = String>,
    look: impl Fn(String) -> F,
) -> BTreeMap<String, Result<T, Error>>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    let found = join_all(names.iter().map(|name| look(name.clone()))).await;
    names.into_iter().zip(found).collect()
}

fn fleet_id(candidate: &Candidate, aliases: &BTreeMap<String, Result<String, Error>>) -> Option<String> {
    match &candidate.fleet {
        FleetRef::Fleet(_) => Some(candidate.fleet.id().to_owned()),
        FleetRef::Alias(alias) => aliases.get(alias)?.as_ref().ok().cloned(),
    }
}

fn of_alias(error: &Error) -> Unusable {
    let exception = error.upstream().and_then(|upstream| upstream.exception.as_deref());
    match (error.code(), exception) {
        (Code::NoFleet, Some("TerminalRoutingStrategyException")) => {
            Unusable::is("the alias is terminal, so it leads to no fleet. Let it lead to one, or take it out.")
        }
        (Code::NoFleet, _) => {
            Unusable::is("there is no such alias in this account and Region. Correct it, or create the alias.")
        }
        _ => Unusable::NotSeen(error.clone()),
    }
}

fn is_active(fleet: &FleetAttributes) -> bool {
    fleet.status() == Some(&FleetStatus::Active)
}

fn is_anywhere(fleet: &FleetAttributes) -> bool {
    fleet.compute_type() == Some(&ComputeType::Anywhere)
}

fn not_active(status: Option<&FleetStatus>) -> String {
    match status {
        Some(
            status @ (FleetStatus::New
            | FleetStatus::Downloading
            | FleetStatus::Validating
            | FleetStatus::Building
            | FleetStatus::Activating),
        ) => format!("the fleet is {status}. Wait until it is ACTIVE; the events of the fleet say how far it is."),
        Some(status @ FleetStatus::Error) => {
            format!("the fleet is {status}. Its events say why; create another one, and name that.")
        }
        Some(status @ (FleetStatus::Deleting | FleetStatus::Terminated)) => {
            format!("the fleet is {status}. Name another one.")
        }
        _ => "the fleet is not ACTIVE. Look at its status in the console of GameLift, or name another one.".to_owned(),
    }
}

/// Anywhere computes report `Active`, not the API model's `ACTIVE`.
fn has_compute(computes: &[Compute], locations: &[String]) -> Result<(), Unusable> {
    let is_active = |compute: &&Compute| {
        compute.compute_status().is_some_and(|status| status.as_str().eq_ignore_ascii_case("active"))
    };
    let mut active = computes.iter().filter(is_active).peekable();
    if active.peek().is_none() {
        return Err(Unusable::is(
            "no compute of the Anywhere fleet is active. Register one with RegisterCompute, and start a game server on it.",
        ));
    }
    let is_there = |compute: &Compute| locations.iter().any(|name| compute.location() == Some(name));
    if locations.is_empty() || active.any(is_there) {
        return Ok(());
    }
    Err(Unusable::is(
        "no active compute of the Anywhere fleet is at a location of the entry. Register one there with RegisterCompute, or correct the locations.",
    ))
}
