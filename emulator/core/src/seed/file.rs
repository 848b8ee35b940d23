//! A seed file, and the seed without one.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    defaults,
    faults::spec::Fault,
    model::{
        gamelift::{BackfillMode, InstanceStatus},
        gamelift_rules::Rules as GameLiftRules,
        stream_rules::Rules as StreamRules,
    },
    seed::{
        gamelift::{Alias, Compute, Fleet, GameServerGroup, Instance, Location, Queue},
        matchmaking::{MatchmakingConfiguration, MatchmakingRuleSet},
        streams::{StreamApplication, StreamGroup},
    },
};

/// The resources that exist when the emulator starts. By default one of each that the Liftgate of `cargo run` needs: a
/// location, a fleet, a compute, a queue, a rule set and a configuration of matchmaking, a game server group, a stream
/// group.
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
    /// Matchmaking rule sets (`FlexMatch`).
    #[serde(default)]
    #[garde(dive)]
    pub matchmaking_rule_sets: Vec<MatchmakingRuleSet>,
    /// Matchmaking configurations (`FlexMatch`).
    #[serde(default)]
    #[garde(dive)]
    pub matchmaking_configurations: Vec<MatchmakingConfiguration>,
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
    /// The file of a rule set does not exist or cannot be read.
    #[error("matchmaking rule set {rule_set}: the file {} cannot be read: {source}", .file.display())]
    RuleSet {
        /// The rule set's name.
        rule_set: String,
        /// The file's path.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
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
            queues: vec![Queue {
                name: defaults::QUEUE.into(),
                timeout_seconds: None,
                destinations: vec![defaults::FLEET_ID.into()],
                latency_policies: Vec::new(),
                priority_order: Vec::new(),
                location_order: Vec::new(),
                custom_event_data: None,
            }],
            matchmaking_rule_sets: vec![MatchmakingRuleSet {
                name: defaults::RULE_SET.into(),
                body: Some(defaults::RULE_SET_BODY.into()),
                file: None,
            }],
            matchmaking_configurations: vec![MatchmakingConfiguration {
                name: defaults::MATCHMAKING_CONFIGURATION.into(),
                rule_set: defaults::RULE_SET.into(),
                queue: Some(defaults::QUEUE.into()),
                request_timeout_seconds: 120,
                acceptance_timeout_seconds: None,
                additional_players: 0,
                backfill: BackfillMode::Manual,
                custom_event_data: None,
                game_properties: BTreeMap::new(),
                game_session_data: None,
            }],
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
            matchmaking_rule_sets: Vec::new(),
            matchmaking_configurations: Vec::new(),
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

    /// Reads the files of rule sets. `folder` is the seed file's.
    ///
    /// # Errors
    /// The error names the rule set whose file cannot be read.
    pub fn read_rule_sets(&mut self, folder: &Path) -> Result<(), SeedError> {
        for MatchmakingRuleSet { name, body, file } in &mut self.matchmaking_rule_sets {
            let Some(path) = file.take() else { continue };
            let path = folder.join(path);
            let read = std::fs::read_to_string(&path);
            *body = Some(read.map_err(|source| SeedError::RuleSet { rule_set: name.clone(), file: path, source })?);
        }
        Ok(())
    }
}
