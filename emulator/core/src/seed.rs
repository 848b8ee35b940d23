//! The resources that exist when the emulator starts, and the TOML file that lists them.
//!
//! `examples/seed.toml` shows every section. A [`Seed`] that was read from a file is consistent:
//! every name has the form AWS gives it, and whatever it refers to is in the same file.

use std::{collections::BTreeSet, net::IpAddr};

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    defaults,
    faults::spec::Fault,
    model::{
        gamelift::{InstanceStatus, is_instance_type},
        gamelift_rules::Rules as GameLiftRules,
        stream_compute::Compute as StreamCompute,
        stream_rules::Rules as StreamRules,
        streams::{RuntimeType, StreamClass},
    },
};

/// The last integer of the API. SDKs cannot read an answer with a higher one.
const MAX_INTEGER: u32 = 2_147_483_647;

/// The resources that exist when the emulator starts. Its default is one of each that the Liftgate
/// of `cargo run` needs: a location, a fleet, a compute, a game server group, a stream group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Custom locations.
    #[serde(default)]
    #[garde(dive)]
    pub locations: Vec<Location>,
    /// Anywhere fleets.
    #[serde(default)]
    #[garde(dive)]
    pub fleets: Vec<Fleet>,
    /// Machines that are registered to a fleet. The sample game servers run on the first one.
    #[serde(default)]
    #[garde(dive)]
    pub computes: Vec<Compute>,
    /// Other names of fleets.
    #[serde(default)]
    #[garde(dive)]
    pub aliases: Vec<Alias>,
    /// Queues, which place game sessions.
    #[serde(default)]
    #[garde(dive)]
    pub queues: Vec<Queue>,
    /// Game server groups (`FleetIQ`).
    #[serde(default)]
    #[garde(dive)]
    pub game_server_groups: Vec<GameServerGroup>,
    /// Applications (GameLift Streams). Those that only a stream group names exist too.
    #[serde(default)]
    #[garde(dive)]
    pub stream_applications: Vec<StreamApplication>,
    /// Stream groups (GameLift Streams).
    #[serde(default)]
    #[garde(dive)]
    pub stream_groups: Vec<StreamGroup>,
    /// How GameLift Streams behaves where AWS does not say.
    #[serde(default)]
    #[garde(skip)]
    pub stream_rules: StreamRules,
    /// How GameLift Servers behaves where AWS does not say.
    #[serde(default)]
    #[garde(skip)]
    pub gamelift_rules: GameLiftRules,
    /// Faults from the start on, in the grammar of `--fault`.
    #[serde(default)]
    #[garde(skip)]
    pub faults: Vec<Fault>,
}

/// A custom location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// For example `custom-home`.
    #[garde(length(chars, min = 8, max = 64), pattern(r"^custom-[A-Za-z0-9\-]+$"))]
    pub name: String,
}

/// An Anywhere fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// For example `fleet-11111111-2222-3333-4444-555555555555` or `fleet-123`.
    #[garde(length(chars, max = 128), pattern(r"^fleet-[a-zA-Z0-9\-]+$"))]
    pub id: String,
    /// Need not be unique.
    #[garde(length(chars, min = 1, max = 1024))]
    pub name: String,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub description: Option<String>,
    /// Names of [`Seed::locations`].
    #[garde(length(min = 1, max = 100))]
    pub locations: Vec<String>,
}

/// A machine that is registered to a fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Unique in its fleet.
    #[garde(length(chars, max = 128), pattern(r"^[a-zA-Z0-9\-]+(/[a-zA-Z0-9\-]+)?$"))]
    pub name: String,
    /// The id of one of [`Seed::fleets`].
    #[garde(skip)]
    pub fleet: String,
    /// One of the fleet's locations.
    #[garde(skip)]
    pub location: String,
    /// Where players are sent to. Left out, it is [`Settings::public_ip`](crate::settings::Settings::public_ip).
    #[garde(inner(custom(an_ip_address)))]
    pub ip_address: Option<String>,
    /// The host name that players may use instead, in `DnsName` wherever the address is.
    #[garde(inner(length(chars, min = 1, max = 256), pattern(r"^[0-9a-zA-Z_\-\.]+$")))]
    pub dns_name: Option<String>,
    /// Where the TLS certificate of its game servers is. They ask for it with `GetComputeCertificate`.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub certificate_path: Option<String>,
}

/// Another name of a fleet, or of none any more. It has exactly one of `fleet` and `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// For example `alias-11111111-0000-0000-0000-000000000001`.
    #[garde(length(chars, max = 128), pattern(r"^alias-[!-~]+$"))]
    pub id: String,
    /// Need not be unique.
    #[garde(length(chars, min = 1, max = 1024))]
    pub name: String,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 1024)))]
    pub description: Option<String>,
    /// SIMPLE: the id of one of [`Seed::fleets`].
    #[garde(skip)]
    pub fleet: Option<String>,
    /// TERMINAL: the error that whoever uses the alias gets.
    #[garde(skip)]
    pub message: Option<String>,
}

/// A queue, which places game sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9-]+$"))]
    pub name: String,
    /// How long a placement is tried. Left out, it is AWS's 600.
    #[garde(inner(range(min = 10, max = 600)))]
    pub timeout_seconds: Option<u32>,
    /// Ids of [`Seed::fleets`] and [`Seed::aliases`], the first choice in front.
    #[garde(skip)]
    pub destinations: Vec<String>,
    /// How far from the players a game session may be, for how long; the strictest in front.
    #[serde(default)]
    #[garde(dive)]
    pub latency_policies: Vec<LatencyPolicy>,
    /// What decides between destinations, most important first: `LATENCY`, `COST`, `DESTINATION`,
    /// `LOCATION`. Empty: AWS's order, which is that one.
    #[serde(default)]
    #[garde(length(max = 4), inner(pattern(r"^(LATENCY|COST|DESTINATION|LOCATION)$")))]
    pub priority_order: Vec<String>,
    /// For the priority `LOCATION`, the first choice in front.
    #[serde(default)]
    #[garde(skip)]
    pub location_order: Vec<String>,
    /// Repeated in every event of the queue.
    #[garde(inner(length(chars, max = 256)))]
    pub custom_event_data: Option<String>,
}

/// How far from the players a game session may be, for how long (`PlayerLatencyPolicy`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LatencyPolicy {
    /// The latency that no player may be above.
    #[garde(range(max = MAX_INTEGER))]
    pub maximum_milliseconds: u32,
    /// How long this policy holds until the next one does. Left out: until the time-out.
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub seconds: Option<u32>,
}

/// A game server group (`FleetIQ`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct GameServerGroup {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]+$"))]
    pub name: String,
    /// The role that AWS would manage instances with. Only repeated in descriptions.
    #[garde(length(chars, max = 256), pattern(r"^arn:.*:role/[a-zA-Z0-9_+=,.@-]+$"))]
    pub role_arn: String,
    /// At least two, for example `c5.large`. Only repeated in descriptions.
    #[garde(length(min = 2, max = 20), inner(custom(an_instance_type)))]
    pub instance_types: Vec<String>,
    /// So many ACTIVE instances are kept: a new one takes the place of one that ends. Left out, it is
    /// how many of [`Self::instances`] are ACTIVE.
    #[garde(inner(range(max = 100)))]
    pub min_size: Option<usize>,
    /// What game servers register from.
    #[serde(default)]
    #[garde(dive)]
    pub instances: Vec<Instance>,
}

/// An instance of a game server group: a name, as there is no machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// For example `i-0123456789abcdef0`.
    #[garde(pattern(r"^i-[0-9a-zA-Z]{17}$"))]
    pub id: String,
    /// Left out, it is ACTIVE.
    #[serde(default = "active")]
    #[garde(skip)]
    pub status: InstanceStatus,
}

fn active() -> InstanceStatus {
    InstanceStatus::Active
}

/// An application that stream groups stream. It is READY.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamApplication {
    /// For example `a-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$"))]
    pub id: String,
    /// Left out, it is `UBUNTU`.
    #[garde(skip)]
    pub runtime: Option<RuntimeType>,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub description: Option<String>,
}

/// A stream group with the applications it streams. It is ACTIVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamGroup {
    /// For example `sg-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^sg-[a-zA-Z0-9]+$"))]
    pub id: String,
    /// The default application's id, for example `a-Local0001`.
    #[garde(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$"))]
    pub application: String,
    /// The ids of further applications.
    #[serde(default)]
    #[garde(length(max = 99), inner(length(chars, max = 32), pattern(r"^a-[a-zA-Z0-9]+$")))]
    pub applications: Vec<String>,
    /// Free text.
    #[garde(inner(length(chars, min = 1, max = 80), pattern(r"^[-a-zA-Z0-9_.!+@/][-a-zA-Z0-9_.!+@/ ]*$")))]
    pub description: Option<String>,
    /// Left out, it is one that runs the application, with one session a machine.
    #[garde(skip)]
    pub stream_class: Option<StreamClass>,
    /// How many stream sessions it runs at once in the emulator's Region, if it has no
    /// [`StreamGroup::locations`]. Left out, it is [`Settings::stream_capacity`](crate::settings::Settings::stream_capacity).
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub capacity: Option<u32>,
    /// What that capacity runs on. Left out, it is [`Settings::stream_compute`](crate::settings::Settings::stream_compute).
    #[garde(skip)]
    pub compute: Option<StreamCompute>,
    /// Where it streams from. The emulator's Region is always one of them, without capacity if it is not
    /// listed. Left out, there is only that one.
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    pub locations: Vec<StreamLocation>,
}

/// A location of a stream group with its capacity. It is ACTIVE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct StreamLocation {
    /// For example `eu-central-1`.
    #[garde(length(chars, min = 1, max = 20), pattern(r"^[a-zA-Z0-9-]+$"))]
    pub name: String,
    /// How many sessions have instances that are there at all times.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub always_on: u32,
    /// How many sessions it runs at most; the others' instances are started on demand. Left out, there are none.
    #[garde(inner(range(max = MAX_INTEGER)))]
    pub maximum: Option<u32>,
    /// How many instances beyond those in use are held ready.
    #[serde(default)]
    #[garde(range(max = MAX_INTEGER))]
    pub target_idle: u32,
}

/// What is wrong with a seed file.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It is no TOML, a member is missing, unknown or of the wrong type.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A name or a number is not one that AWS would accept.
    #[error("{}", .0.to_string().trim_end())]
    Invalid(#[from] garde::Report),
    /// Two resources have one name, or something that is referred to is not there.
    #[error("{0}")]
    Inconsistent(String),
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            locations: vec![Location { name: defaults::LOCATION.into() }],
            fleets: vec![Fleet {
                id: defaults::FLEET_ID.into(),
                name: "local-fleet".into(),
                description: None,
                locations: vec![defaults::LOCATION.into()],
            }],
            computes: vec![Compute {
                name: defaults::COMPUTE_NAME.into(),
                fleet: defaults::FLEET_ID.into(),
                location: defaults::LOCATION.into(),
                ip_address: None,
                dns_name: None,
                certificate_path: None,
            }],
            aliases: Vec::new(),
            queues: Vec::new(),
            game_server_groups: vec![GameServerGroup {
                name: defaults::GAME_SERVER_GROUP.into(),
                role_arn: "arn:aws:iam::111122223333:role/GameServerGroup".into(),
                instance_types: vec!["c5.large".into(), "c5.xlarge".into()],
                min_size: None,
                instances: vec![Instance { id: defaults::INSTANCE_ID.into(), status: InstanceStatus::Active }],
            }],
            stream_groups: vec![StreamGroup {
                id: defaults::STREAM_GROUP_ID.into(),
                application: defaults::APPLICATION_ID.into(),
                applications: Vec::new(),
                description: None,
                stream_class: None,
                capacity: None,
                compute: None,
                locations: Vec::new(),
            }],
            stream_applications: Vec::new(),
            stream_rules: StreamRules::default(),
            gamelift_rules: GameLiftRules::default(),
            faults: Vec::new(),
        }
    }
}

impl Seed {
    /// Nothing at all.
    pub fn empty() -> Self {
        Self {
            locations: Vec::new(),
            fleets: Vec::new(),
            computes: Vec::new(),
            aliases: Vec::new(),
            queues: Vec::new(),
            game_server_groups: Vec::new(),
            stream_applications: Vec::new(),
            stream_groups: Vec::new(),
            stream_rules: StreamRules::default(),
            gamelift_rules: GameLiftRules::default(),
            faults: Vec::new(),
        }
    }

    /// Reads a seed file's text.
    ///
    /// # Errors
    /// Says which line or which member is wrong, and how.
    pub fn from_toml(text: &str) -> Result<Self, SeedError> {
        let seed: Self = toml::from_str(text)?;
        seed.validate()?;
        seed.check_references().map_err(SeedError::Inconsistent)?;
        Ok(seed)
    }

    fn check_references(&self) -> Result<(), String> {
        let locations = unique("locations", self.locations.iter().map(|location| location.name.as_str()))?;
        let fleets = unique("fleets", self.fleets.iter().map(|fleet| fleet.id.as_str()))?;
        let aliases = unique("aliases", self.aliases.iter().map(|alias| alias.id.as_str()))?;
        unique("queues", self.queues.iter().map(|queue| queue.name.as_str()))?;
        unique("game_server_groups", self.game_server_groups.iter().map(|group| group.name.as_str()))?;
        unique("stream_applications", self.stream_applications.iter().map(|application| application.id.as_str()))?;
        unique("stream_groups", self.stream_groups.iter().map(|group| group.id.as_str()))?;
        unique(
            "instances",
            self.game_server_groups.iter().flat_map(|group| &group.instances).map(|it| it.id.as_str()),
        )?;

        for Fleet { id, locations: named, .. } in &self.fleets {
            unique(&format!("locations of fleet {id}"), named.iter().map(String::as_str))?;
            for location in named {
                known(&locations, location, "locations", || format!("fleet {id}"))?;
            }
        }
        let mut computes = BTreeSet::new();
        for Compute { name, fleet, location, .. } in &self.computes {
            known(&fleets, fleet, "fleets", || format!("compute {name}"))?;
            if !self.fleets.iter().any(|known| known.id == *fleet && known.locations.contains(location)) {
                return Err(format!("compute {name}: fleet {fleet} has no location {location}"));
            }
            if !computes.insert((fleet, name)) {
                return Err(format!("computes: {name} is twice in fleet {fleet}"));
            }
        }
        for Alias { id, fleet, message, .. } in &self.aliases {
            match (fleet, message) {
                (Some(fleet), None) => known(&fleets, fleet, "fleets", || format!("alias {id}"))?,
                (None, Some(_)) => {}
                _ => return Err(format!("alias {id}: give either a fleet or a message")),
            }
        }
        for Queue { name, destinations, priority_order, location_order, .. } in &self.queues {
            unique(&format!("priority_order of queue {name}"), priority_order.iter().map(String::as_str))?;
            unique(&format!("location_order of queue {name}"), location_order.iter().map(String::as_str))?;
            for destination in destinations {
                if !aliases.contains(destination.as_str()) {
                    known(&fleets, destination, "fleets or aliases", || format!("queue {name}"))?;
                }
            }
        }
        self.stream_groups.iter().try_for_each(|group| self.check_stream_group(group))
    }

    fn check_stream_group(&self, group: &StreamGroup) -> Result<(), String> {
        let StreamGroup { id, application, applications, stream_class, capacity, compute, locations, .. } = group;
        unique(&format!("stream group {id}"), locations.iter().map(|location| location.name.as_str()))?;
        let named = [application].into_iter().chain(applications);
        unique(&format!("stream group {id}"), named.clone().map(String::as_str))?;
        if !locations.is_empty() && (capacity.is_some() || compute.is_some()) {
            return Err(format!("stream group {id}: give either locations or capacity and compute"));
        }
        for StreamLocation { name, always_on, maximum, target_idle } in locations {
            let maximum = maximum.unwrap_or(*always_on);
            if maximum < *always_on || maximum < *target_idle {
                return Err(format!("stream group {id}: {name} has a maximum below its always_on or target_idle"));
            }
        }
        let runtime = |application: &String| {
            let known = self.stream_applications.iter().find(|known| known.id == *application);
            known.map_or(compute.unwrap_or_default().runtime(), |known| known.runtime.unwrap_or(RuntimeType::Ubuntu))
        };
        let class = stream_class.unwrap_or_else(|| StreamClass::for_runtime(runtime(application)));
        for application in named {
            let runs = class.expect_runs(runtime(application));
            runs.map_err(|error| format!("stream group {id}: {application}: {}", error.message))?;
        }
        Ok(())
    }
}

fn unique<'a>(section: &str, names: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>, String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{section}: {name} is there twice"));
        }
    }
    Ok(seen)
}

fn known(names: &BTreeSet<&str>, name: &str, section: &str, who: impl Fn() -> String) -> Result<(), String> {
    if names.contains(name) { Ok(()) } else { Err(format!("{}: {name} is not in {section}", who())) }
}

fn an_ip_address(text: &str, (): &()) -> garde::Result {
    match text.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(garde::Error::new("not an IP address")),
    }
}

fn an_instance_type(name: &str, (): &()) -> garde::Result {
    if is_instance_type(name) { Ok(()) } else { Err(garde::Error::new("not an instance type that FleetIQ knows")) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_example_is_a_seed_with_every_section() {
        let seed = Seed::from_toml(include_str!("../../examples/seed.toml")).unwrap();
        assert_eq!(seed.locations.len(), 2);
        assert_eq!(seed.fleets[1].id, "fleet-123");
        assert_eq!(seed.computes[1].ip_address, None);
        assert_eq!(seed.aliases[1].message.as_deref(), Some("This season is over. Please update your game."));
        assert_eq!(seed.queues[0].latency_policies[0].seconds, Some(30));
        let instances: Vec<_> = seed.game_server_groups[0].instances.iter().map(|it| it.status).collect();
        assert_eq!(instances, [InstanceStatus::Active, InstanceStatus::Draining]);
        assert_eq!(seed.stream_groups[0].compute, Some(StreamCompute::AlwaysOn));
        assert_eq!(seed.stream_groups[1].locations[1].maximum, Some(2));
        assert_eq!(seed.stream_applications[0].runtime, Some(RuntimeType::Windows));
        assert_eq!(seed.stream_rules.retention_seconds, Some(86_400));
        assert_eq!(seed.faults, ["CreateGameSession=throttle:2".parse().unwrap()]);
    }

    #[test]
    fn what_a_file_does_not_list_does_not_exist() {
        assert_eq!(Seed::from_toml("").unwrap(), Seed::empty());
    }

    #[test]
    fn the_default_could_be_a_file() {
        let text = toml::to_string(&Seed::default()).unwrap();
        assert_eq!(Seed::from_toml(&text).unwrap(), Seed::default());
    }

    #[rstest]
    #[case::syntax("[[fleets]\n", "line 1, column 10")]
    #[case::unknown_member("[[locations]]\nname = 'custom-home'\ncolour = 'red'\n", "unknown field `colour`")]
    #[case::unknown_section("[[feelts]]\n", "unknown field `feelts`")]
    #[case::missing_member("[[fleets]]\nid = 'fleet-1'\n", "missing field `name`")]
    #[case::location_name("[[locations]]\nname = 'home'\n", "locations[0].name: ")]
    #[case::no_such_location(
        "[[fleets]]\nid='fleet-1'\nname='f'\nlocations=['custom-home']\n",
        "fleet fleet-1: custom-home is not in locations"
    )]
    #[case::twice(
        "[[locations]]\nname='custom-home'\n[[locations]]\nname='custom-home'\n",
        "locations: custom-home is there twice"
    )]
    #[case::location_twice(
        "[[locations]]\nname='custom-home'\n\
         [[fleets]]\nid='fleet-1'\nname='f'\nlocations=['custom-home', 'custom-home']\n",
        "locations of fleet fleet-1: custom-home is there twice"
    )]
    #[case::priority_twice(
        "[[queues]]\nname='q'\ndestinations=[]\npriority_order=['COST', 'COST']\n",
        "priority_order of queue q: COST is there twice"
    )]
    #[case::no_such_fleet(
        "[[computes]]\nname='pc'\nfleet='fleet-1'\nlocation='custom-home'\n",
        "compute pc: fleet-1 is not in fleets"
    )]
    #[case::address(
        "[[computes]]\nname='pc'\nfleet='fleet-1'\nlocation='custom-home'\nip_address='here'\n",
        "computes[0].ip_address: not an IP address"
    )]
    #[case::alias_of_nothing(
        "[[aliases]]\nid='alias-1'\nname='a'\n",
        "alias alias-1: give either a fleet or a message"
    )]
    #[case::destination(
        "[[queues]]\nname='q'\ndestinations=['fleet-1']\n",
        "queue q: fleet-1 is not in fleets or aliases"
    )]
    #[case::stream_group_twice(
        "[[stream_groups]]\nid='sg-1'\napplication='a-1'\napplications=['a-1']\n",
        "stream group sg-1: a-1 is there twice"
    )]
    #[case::stream_locations(
        "[[stream_groups]]\nid='sg-1'\napplication='a-1'\ncapacity=1\n[[stream_groups.locations]]\nname='eu-west-1'\n",
        "stream group sg-1: give either locations or capacity and compute"
    )]
    #[case::stream_capacity(
        "[[stream_groups]]\nid='sg-1'\napplication='a-1'\n\
         [[stream_groups.locations]]\nname='eu-west-1'\nalways_on=2\nmaximum=1\n",
        "stream group sg-1: eu-west-1 has a maximum below its always_on or target_idle"
    )]
    #[case::stream_class(
        "[[stream_applications]]\nid='a-1'\nruntime='WINDOWS'\n\
         [[stream_groups]]\nid='sg-1'\napplication='a-1'\nstream_class='gen5n_ultra'\n",
        "stream group sg-1: a-1: The stream class runs no Windows applications"
    )]
    #[case::stream_rule("[stream_rules]\nwrong_state='fine'\n", "unknown variant `fine`")]
    #[case::instance_type(
        "[[game_server_groups]]\nname='g'\nrole_arn='arn:aws:iam::111122223333:role/r'\ninstance_types=['c5.large','c5.tiny']\n",
        "game_server_groups[0].instance_types[1]: not an instance type that FleetIQ knows"
    )]
    #[case::instance_status(
        "[[game_server_groups]]\nname='g'\nrole_arn='arn:aws:iam::111122223333:role/r'\ninstance_types=['c5.large','m5.large']\ninstances=[{id='i-0123456789abcdef0',status='GONE'}]\n",
        "\"GONE\" is none of the values of InstanceStatus"
    )]
    #[case::fault(
        "faults=['ListFleets=capacity']\n",
        "capacity happens to CreateGameSession and ClaimGameServer and StartStreamSession only"
    )]
    #[case::timeout(
        "[[queues]]\nname='q'\ntimeout_seconds=5\ndestinations=[]\n",
        "queues[0].timeout_seconds: lower than 10"
    )]
    fn an_error_says_what_is_wrong(#[case] text: &str, #[case] expected: &str) {
        let message = Seed::from_toml(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}
