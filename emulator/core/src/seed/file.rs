//! A seed file, and the seed without one.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    defaults,
    faults::spec::Fault,
    model::{gamelift::InstanceStatus, gamelift_rules::Rules as GameLiftRules, stream_rules::Rules as StreamRules},
    seed::{
        gamelift::{Alias, Compute, Fleet, GameServerGroup, Instance, Location, Queue},
        streams::{StreamApplication, StreamGroup},
    },
};

/// The resources that exist when the emulator starts. By default one of each that the Liftgate of `cargo run` needs: a
/// location, a fleet, a compute, a game server group, a stream group.
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
    /// Applications (GameLift Streams). Applications that only a stream group names exist too.
    #[serde(default)]
    #[garde(dive)]
    pub stream_applications: Vec<StreamApplication>,
    /// Stream groups (GameLift Streams).
    #[serde(default)]
    #[garde(dive)]
    pub stream_groups: Vec<StreamGroup>,
    /// GameLift Streams' behaviour where AWS does not say it.
    #[serde(default)]
    #[garde(skip)]
    pub stream_rules: StreamRules,
    /// GameLift Servers' behaviour where AWS does not say it.
    #[serde(default)]
    #[garde(skip)]
    pub gamelift_rules: GameLiftRules,
    /// Faults at the start, in the grammar of `--fault`.
    #[serde(default)]
    #[garde(skip)]
    pub faults: Vec<Fault>,
}

/// The error in a seed file.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The text is not TOML, or a member is missing, unknown or of the wrong type.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// AWS would not accept a name or a number.
    #[error("{}", .0.to_string().trim_end())]
    Invalid(#[from] garde::Report),
    /// Two resources have one name, or a resource refers to one that does not exist.
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
    /// Returns a seed without resources.
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
    /// The error names the wrong line or member and the mistake.
    pub fn from_toml(text: &str) -> Result<Self, SeedError> {
        let seed: Self = toml::from_str(text)?;
        seed.validate()?;
        seed.check_references().map_err(SeedError::Inconsistent)?;
        Ok(seed)
    }
}
