//! The arguments of `flexmatch`.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::Subcommand;
use emulator_core::{faults::duration::parse_duration, model::gamelift_rules::Rules};
use flexmatch_design::{Numbers, Rate, Source, Weighted};
use gamelift_emulator::flags::gamelift_rule;

/// What to do with a rule set.
#[derive(Debug, Subcommand)]
pub(crate) enum Flexmatch {
    /// Say everything that is wrong with a rule set, and what in it is surely not meant. Exits with 1
    /// if `ValidateMatchmakingRuleSet` would refuse it
    Check(Check),
    /// Let players use a rule set in virtual time: how long they wait, how good their matches are, and
    /// why some are never matched
    Simulate(Box<Simulate>),
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

    /// What AWS leaves open.
    #[command(flatten)]
    pub(crate) open: Open,
}

/// The emulator's rules for what AWS leaves open.
#[derive(Debug, clap::Args)]
pub(crate) struct Open {
    /// How rule sets are read and evaluated where AWS does not say, for example `averages=patient`, as
    /// for the emulator; see docs/emulator/rules.md for all. Can be given several times
    #[arg(long = "gamelift-rule", value_name = "NAME=VALUE", value_parser = gamelift_rule)]
    gamelift_rules: Vec<String>,
}

impl Open {
    pub(crate) fn rules(&self) -> Rules {
        let mut rules = Rules::default();
        for rule in &self.gamelift_rules {
            rules.set(rule).expect("a rule by itself is checked as it is read");
        }
        rules
    }
}

/// A simulation.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// The rule set, a file of JSON
    #[arg(value_name = "RULESET")]
    pub(crate) rule_set: PathBuf,

    /// Players of a file, one ticket a line. They come at their `ArrivalSeconds`, else at the rate of
    /// --arrivals, else all at once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["period", "attributes", "latencies", "parties"])]
    pub(crate) players: Option<PathBuf>,

    /// How many tickets come on average: 20/s, 300/m or 5000/h
    #[arg(long, value_name = "RATE", value_parser = Rate::from_str, required_unless_present = "players")]
    pub(crate) arrivals: Option<Rate>,

    /// How long tickets come, such as 10m
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration, required_unless_present = "players")]
    pub(crate) period: Option<Duration>,

    /// Values of an attribute: skill=normal(1500,300), lognormal(MEAN,DEVIATION), uniform(FROM,TO),
    /// exponential(MEAN), mode=choice(ctf:0.7,duel:0.3), roles=some(medic:0.2,tank:0.5), or one value for
    /// all. Can be given several times
    #[arg(long = "attribute", value_name = "NAME=VALUES", value_parser = named::<Source>)]
    pub(crate) attributes: Vec<(String, Source)>,

    /// Milliseconds to a location: us-west-2=lognormal(40,20), or as for numbers above. Can be given
    /// several times
    #[arg(long = "latency", value_name = "LOCATION=VALUES", value_parser = named::<Numbers>)]
    pub(crate) latencies: Vec<(String, Numbers)>,

    /// How many players a ticket has, each number with its weight: 1:0.6,2:0.3,4:0.1
    #[arg(long = "party", value_name = "PLAYERS:WEIGHT,...", value_parser = Weighted::<usize>::from_str, default_value = "1:1")]
    pub(crate) parties: Weighted<usize>,

    /// How long a ticket waits at most: `RequestTimeoutSeconds`
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "2m")]
    pub(crate) timeout: Duration,

    /// The time between two passes over the tickets that wait; without it that of the rule
    /// `tick_milliseconds`, 500ms
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) tick: Option<Duration>,

    /// Slots of each match that stay free: `AdditionalPlayerCount`
    #[arg(long, value_name = "PLAYERS", default_value_t = 0)]
    pub(crate) additional_players: u32,

    /// What AWS leaves open.
    #[command(flatten)]
    pub(crate) open: Open,

    /// Makes chance repeat itself: the same number has the same results
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Write all results to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Write charts of wait and match quality over time into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) svg: Option<PathBuf>,
}

/// Reads `name=value`.
fn named<T: FromStr<Err = String>>(text: &str) -> Result<(String, T), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUES, such as skill=normal(1500,300)")?;
    Ok((name.trim().to_owned(), value.trim().parse()?))
}
