//! The arguments of `flexmatch`.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with a rule set.
#[derive(Debug, Subcommand)]
pub(crate) enum Flexmatch {
    /// Say everything that is wrong with a rule set, and what in it is surely not meant. Exits with 1
    /// if `ValidateMatchmakingRuleSet` would refuse it
    Check(Check),
}

/// A rule set to check.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The rule set, a file of JSON
    #[arg(value_name = "RULESET")]
    pub(crate) rule_set: PathBuf,

    /// Example players: one ticket a line, with the `Players` of `StartMatchmaking` or as a single one
    /// of them. Warns of attributes and teams that do not suit them
    #[arg(long, value_name = "FILE")]
    pub(crate) players: Option<PathBuf>,
}
