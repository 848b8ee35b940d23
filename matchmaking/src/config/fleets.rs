//! The settings that say where game sessions are placed and found.

use std::{collections::BTreeMap, time::Duration};

use aws::arns::{fleet_of, last_part};
use shared::{
    Error,
    config::environment::{list, variable},
    deadline::BUDGET,
    request::{Fields, Member, members::Integer},
};

use crate::config::{admission::AdmissionConfig, game_servers::check_group};

/// The member with the game version. Unreal's network hash has any sign.
pub const BUILD_ID: Member<Integer> = Member::integer(
    "build_id",
    i32::MIN..=i32::MAX,
    "The game version, where LIFTGATE_BUILDS gives versions their own fleets; ignored elsewhere.",
);

/// Where game sessions are placed and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetConfig {
    /// `LIFTGATE_FLEETS`: fleets or aliases in the order they are tried, each with its locations:
    /// `fleet-1@custom-a|custom-b,alias-2`. Left out: the first usable ACTIVE fleet in the order of `ListFleets`.
    pub candidates: Vec<Candidate>,
    /// `LIFTGATE_BUILDS`: the candidates of each game version, by the client's `build_id`:
    /// `1001=alias-1,-88=fleet-2@custom-a`. Each entry names one candidate; a version with several candidates has
    /// several entries. Left out: every version plays on `LIFTGATE_FLEETS`.
    pub builds: BTreeMap<i32, Vec<Candidate>>,
    /// `LIFTGATE_QUEUE`: the game session queue, by name or ARN, that places new game sessions. Left out: new game
    /// sessions are created on the candidates.
    pub queue: Option<String>,
    /// `LIFTGATE_GAME_SERVER_GROUP`: the FleetIQ game server group, by its name, whose game servers host the game
    /// sessions instead of fleets. Left out: fleets host them.
    pub game_server_group: Option<String>,
    /// `LIFTGATE_CREATOR_SECONDS`: how long after its creation a game session without players is kept for the party
    /// that started it, 0 to 600 s. Other players do not find it until then. Left out: 25 s, as long as the call that
    /// starts it may take.
    pub creator_time: Duration,
    /// How many placements by the queue begin in a second.
    pub admission: AdmissionConfig,
}

/// See [`FleetConfig::creator_time`].
const CREATOR_TIME: Duration = BUDGET;

impl Default for FleetConfig {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
            builds: BTreeMap::new(),
            queue: None,
            game_server_group: None,
            creator_time: CREATOR_TIME,
            admission: AdmissionConfig::default(),
        }
    }
}

/// A configured fleet or alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The fleet or alias.
    pub fleet: FleetRef,
    /// The locations to try, in order. If empty, an Anywhere fleet uses the locations of its active computes; any
    /// other fleet chooses by itself.
    pub locations: Vec<String>,
}

/// A fleet, by its own id or through an alias (ids or ARNs).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FleetRef {
    /// `fleet-…`
    Fleet(String),
    /// `alias-…`
    Alias(String),
}

impl FleetRef {
    /// The id, without the rest of an ARN.
    pub fn id(&self) -> &str {
        let (Self::Fleet(reference) | Self::Alias(reference)) = self;
        reference.rsplit_once('/').map_or(reference, |(_, id)| id)
    }
}

impl FleetConfig {
    /// Whether one of the candidates can hold the game session with this ARN. `build` is its game version, if known.
    /// An alias may stand for any fleet. Without candidates, every fleet counts.
    pub fn may_hold(&self, game_session_id: &str, build: Option<i32>) -> bool {
        let fleet_of_session = fleet_of(game_session_id);
        let fits = |candidate: &Candidate| match &candidate.fleet {
            FleetRef::Alias(_) => true,
            fleet @ FleetRef::Fleet(_) => Some(fleet.id()) == fleet_of_session,
        };
        if let Some(build) = build.filter(|_| !self.builds.is_empty()) {
            return self.builds.get(&build).is_some_and(|candidates| candidates.iter().any(fits));
        }
        let mut candidates = self.candidates.iter().chain(self.builds.values().flatten()).peekable();
        candidates.peek().is_none() || candidates.any(fits)
    }

    /// Whether a placement by this queue, name or ARN, can belong to this game: only the configured queue places game
    /// sessions. Without a configured queue every placement may; the fleet of its game session is checked instead.
    pub fn may_place(&self, queue: Option<&str>) -> bool {
        match (&self.queue, queue) {
            (Some(own), Some(queue)) => last_part(own) == last_part(queue),
            _ => true,
        }
    }

    /// The client's `build_id`, if game versions have their own fleets; otherwise the field is ignored.
    pub fn build_id(&self, fields: &mut Fields) -> Option<i32> {
        if self.builds.is_empty() {
            fields.ignore(BUILD_ID.name);
            return None;
        }
        fields.integer(&BUILD_ID)
    }

    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for an entry that is neither a fleet nor an alias, a `build_id` that is not an
    /// integer, a queue together with builds (a queue would place every version on the same fleets), a game server
    /// group together with any of these, and a bad number of seconds.
    pub fn from_env() -> Result<Self, Error> {
        let value = |name| variable(name).unwrap_or_default();
        let config = Self {
            candidates: candidates(&value("LIFTGATE_FLEETS"))?,
            builds: builds(&value("LIFTGATE_BUILDS"))?,
            queue: variable("LIFTGATE_QUEUE"),
            game_server_group: variable(GROUP),
            creator_time: match variable(CREATOR_SECONDS) {
                Some(seconds) => creator_time(&seconds)?,
                None => CREATOR_TIME,
            },
            admission: AdmissionConfig::from_env()?,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let Self { candidates, builds, queue, game_server_group, .. } = self;
        if queue.is_some() && !builds.is_empty() {
            let why = "places every game version alike; unset it, or LIFTGATE_BUILDS.";
            return Err(Error::bad_variable("LIFTGATE_QUEUE", why));
        }
        let Some(group) = game_server_group else { return Ok(()) };
        if queue.is_some() || !builds.is_empty() || !candidates.is_empty() {
            let why = "takes the place of fleets; unset it, or LIFTGATE_FLEETS, LIFTGATE_BUILDS and LIFTGATE_QUEUE.";
            return Err(Error::bad_variable(GROUP, why));
        }
        check_group(GROUP, group)
    }
}

fn creator_time(value: &str) -> Result<Duration, Error> {
    let seconds = value.parse().ok().filter(|seconds| *seconds <= 600);
    let seconds = seconds.ok_or_else(|| Error::bad_variable(CREATOR_SECONDS, "takes 0 to 600 whole seconds."))?;
    Ok(Duration::from_secs(seconds))
}

fn candidates(value: &str) -> Result<Vec<Candidate>, Error> {
    list(value).iter().map(|entry| Candidate::parse("LIFTGATE_FLEETS", entry)).collect()
}

fn builds(value: &str) -> Result<BTreeMap<i32, Vec<Candidate>>, Error> {
    const NAME: &str = "LIFTGATE_BUILDS";
    let mut builds = BTreeMap::<_, Vec<_>>::new();
    for entry in list(value) {
        let build = entry.split_once('=').and_then(|(id, candidate)| Some((id.trim().parse().ok()?, candidate)));
        let (id, candidate) = build.ok_or_else(|| {
            Error::bad_variable(NAME, format!("has the entry {entry:?}; an entry is <build_id>=<fleet or alias>."))
        })?;
        builds.entry(id).or_default().push(Candidate::parse(NAME, candidate)?);
    }
    Ok(builds)
}

impl Candidate {
    fn parse(variable: &'static str, entry: &str) -> Result<Self, Error> {
        let (fleet, locations) = entry.split_once('@').unwrap_or((entry, ""));
        let fleet = fleet.trim();
        let locations =
            locations.split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let id = fleet.rsplit_once('/').map_or(fleet, |(_, id)| id);
        let fleet = if id.starts_with("alias-") {
            FleetRef::Alias(fleet.to_owned())
        } else if id.contains("fleet-") {
            FleetRef::Fleet(fleet.to_owned())
        } else {
            return Err(Error::bad_variable(
                variable,
                format!("names {entry:?}, which is neither a fleet (fleet-…) nor an alias (alias-…)."),
            ));
        };
        Ok(Self { fleet, locations })
    }
}

const GROUP: &str = "LIFTGATE_GAME_SERVER_GROUP";

const CREATOR_SECONDS: &str = "LIFTGATE_CREATOR_SECONDS";

#[cfg(test)]
mod tests {
    use shared::Code;

    use super::*;

    #[test]
    fn fleets_are_read_in_order_with_their_locations() {
        let arn = "arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-3";
        let parsed = candidates(&format!(" fleet-1@custom-a|custom-b , alias-2,{arn}@us-east-1")).unwrap();
        let candidate = |fleet, locations: &[&str]| Candidate {
            fleet,
            locations: locations.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(
            parsed,
            [
                candidate(FleetRef::Fleet("fleet-1".to_owned()), &["custom-a", "custom-b"]),
                candidate(FleetRef::Alias("alias-2".to_owned()), &[]),
                candidate(FleetRef::Fleet(arn.to_owned()), &["us-east-1"]),
            ]
        );
        assert_eq!(candidates(" , ").unwrap(), []);
    }

    #[test]
    fn a_session_is_known_by_its_fleet() {
        let session = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";
        let may_hold = |fleets: &str| {
            FleetConfig { candidates: candidates(fleets).unwrap(), ..FleetConfig::default() }.may_hold(session, None)
        };
        assert!(may_hold("") && may_hold("fleet-2,fleet-1@custom-b") && may_hold("alias-1"));
        assert!(may_hold("arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-1"));
        assert!(!may_hold("fleet-2") && !may_hold("fleet-11"));
        let of_builds = |value| FleetConfig { builds: builds(value).unwrap(), ..FleetConfig::default() };
        for (value, build, held) in [
            ("7=fleet-1", None, true),
            ("7=fleet-2", None, false),
            ("7=fleet-1,8=fleet-2", Some(7), true),
            ("7=fleet-1,8=fleet-2", Some(8), false),
            ("7=fleet-1,8=fleet-2", Some(9), false),
        ] {
            assert_eq!(of_builds(value).may_hold(session, build), held, "{build:?} on {value}");
        }
    }

    #[test]
    fn a_queue_is_known_by_its_name() {
        const ARN: &str = "arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/players";
        let of = |queue: &str| FleetConfig { queue: Some(queue.to_owned()), ..FleetConfig::default() };
        for own in ["players", ARN] {
            assert!(of(own).may_place(Some("players")) && of(own).may_place(Some(ARN)) && of(own).may_place(None));
            assert!(!of(own).may_place(Some("others")));
        }
        assert!(FleetConfig::default().may_place(Some("others")));
    }

    #[test]
    fn the_time_of_a_creator_is_in_whole_seconds() {
        assert_eq!(creator_time("0").unwrap(), Duration::ZERO);
        assert_eq!(creator_time("600").unwrap(), Duration::from_secs(600));
        for bad in ["-1", "601", "5s", "1.5"] {
            assert!(creator_time(bad).unwrap_err().detail().contains("LIFTGATE_CREATOR_SECONDS"), "{bad}");
        }
    }

    #[test]
    fn an_entry_that_is_no_fleet_is_named() {
        let error = candidates("fleet-1,build-2").unwrap_err();
        assert_eq!(error.code(), Code::BackendMisconfigured);
        assert!(error.detail().contains("LIFTGATE_FLEETS") && error.detail().contains("build-2"), "{error}");
    }
    #[test]
    fn builds_are_read_with_their_candidates_in_order() {
        let builds = builds("-88=fleet-1@custom-a, 1001 = alias-1,-88=fleet-2").unwrap();
        let fleets = |id| builds[&id].iter().map(|candidate| candidate.fleet.clone()).collect::<Vec<_>>();
        assert_eq!(fleets(-88), ["fleet-1", "fleet-2"].map(|id| FleetRef::Fleet(id.to_owned())));
        assert_eq!(fleets(1001), [FleetRef::Alias("alias-1".to_owned())]);
        assert_eq!(builds[&-88][0].locations, ["custom-a"]);
    }

    #[test]
    fn a_game_server_group_stands_alone_and_goes_by_its_name() {
        let of = |group: &str| FleetConfig { game_server_group: Some(group.to_owned()), ..FleetConfig::default() };
        assert!(of("arena-1.live").check().is_ok());
        for bad in [
            of("arn:aws:gamelift:us-west-2:111122223333:gameservergroup/arena"),
            of(&"a".repeat(129)),
            FleetConfig { queue: Some("players".to_owned()), ..of("arena") },
            FleetConfig { candidates: candidates("fleet-1").unwrap(), ..of("arena") },
            FleetConfig { builds: builds("7=fleet-1").unwrap(), ..of("arena") },
        ] {
            let error = bad.check().unwrap_err();
            assert_eq!(error.code(), Code::BackendMisconfigured);
            assert!(error.detail().contains("LIFTGATE_GAME_SERVER_GROUP"), "{error}");
        }
    }

    #[test]
    fn a_build_that_is_no_number_is_named() {
        for entry in ["v1=fleet-1", "fleet-1", "=fleet-1"] {
            let error = builds(entry).unwrap_err();
            assert!(error.detail().contains("LIFTGATE_BUILDS") && error.detail().contains(entry), "{error}");
        }
    }
}
