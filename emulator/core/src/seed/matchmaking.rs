//! The resources of `FlexMatch`.

use std::{collections::BTreeMap, path::PathBuf};

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::model::gamelift::BackfillMode;

/// A matchmaking rule set. It has exactly one of `body` and `file`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MatchmakingRuleSet {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]*$"))]
    pub name: String,
    /// The rule set, as JSON in a text.
    #[garde(inner(length(chars, min = 1, max = 65_535)))]
    pub body: Option<String>,
    /// The path of a file with the rule set, relative to the seed file's folder. Only the seed of a file can have it:
    /// see [`Seed::read_rule_sets`](crate::seed::Seed::read_rule_sets).
    #[garde(skip)]
    pub file: Option<PathBuf>,
}

/// A matchmaking configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MatchmakingConfiguration {
    /// Unique.
    #[garde(length(chars, min = 1, max = 128), pattern(r"^[a-zA-Z0-9\-\.]*$"))]
    pub name: String,
    /// The name of one of [`Seed::matchmaking_rule_sets`](crate::seed::Seed::matchmaking_rule_sets).
    #[garde(skip)]
    pub rule_set: String,
    /// The name of the queue that places matches, one of [`Seed::queues`](crate::seed::Seed::queues). Without it the
    /// match is the result (STANDALONE).
    #[garde(skip)]
    pub queue: Option<String>,
    /// How long a ticket searches at most.
    #[garde(range(min = 1, max = 43_200))]
    pub request_timeout_seconds: u32,
    /// How long players have to accept a match. Without it they are not asked.
    #[garde(inner(range(min = 1, max = 600)))]
    pub acceptance_timeout_seconds: Option<u32>,
    /// How many slots of a match stay free, else none.
    #[serde(default)]
    #[garde(range(max = 200))]
    pub additional_players: u32,
    /// Whether matches with free slots look for more players by themselves: `AUTOMATIC`, else `MANUAL`.
    #[serde(default = "manual")]
    #[garde(skip)]
    pub backfill: BackfillMode,
    /// A text that every event of the configuration repeats.
    #[garde(inner(length(chars, max = 256)))]
    pub custom_event_data: Option<String>,
    /// Properties of the game sessions.
    #[serde(default)]
    #[garde(length(max = 16), custom(properties))]
    pub game_properties: BTreeMap<String, String>,
    /// A text for the game servers.
    #[garde(inner(length(chars, min = 1, max = 4096)))]
    pub game_session_data: Option<String>,
}

fn manual() -> BackfillMode {
    BackfillMode::Manual
}

fn properties(properties: &BTreeMap<String, String>, (): &()) -> garde::Result {
    let is_long = |(key, value): (&String, &String)| key.chars().count() > 32 || value.chars().count() > 96;
    if properties.iter().any(is_long) {
        return Err(garde::Error::new("a key has at most 32 characters, a value 96"));
    }
    Ok(())
}
