//! The flags of every program with an emulator inside: `gamelift-emulator`, and `cargo run` of Liftgate. The address to
//! listen on is not among them.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use emulator_core::{
    beacon::Beacon,
    faults::spec::Fault,
    model::stream_rules,
    rules::RuleError,
    seed::{Seed, SeedError},
    settings::{Hosting, Settings},
    signature::AccessKey,
};

use crate::{
    keep::kept::{Keep, MOST_SINKS},
    net::tls::certify,
    seed_file,
};

/// What the emulator is like.
#[derive(Clone, Debug, clap::Args)]
pub struct Flags {
    /// What exists at the start, as TOML (docs/emulator/seed-file.md explains it, emulator/examples/seed.toml is one);
    /// without it one fleet, one queue, one matchmaking configuration, one game server group and one stream group
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The IP address or host name that players and game servers are sent to
    #[arg(long, alias = "public-ip", value_name = "HOST", default_value = "127.0.0.1")]
    public_host: String,

    /// How fast the emulator's time runs: 60 makes its minutes seconds, 0 stops it until
    /// `POST /_emulator/clock` moves it
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = time_scale, allow_negative_numbers = true)]
    pub time_scale: f64,

    /// Accept any fleet id that starts with "fleet-", as GameLift Local did
    #[arg(long, overrides_with = "strict")]
    lenient: bool,

    /// Accept only fleets that exist, as AWS does. This is the default
    #[arg(long, overrides_with = "lenient")]
    strict: bool,

    /// Something that goes wrong: OPERATION[/ONLY]=FAULT[:REASON][:DURATION][:COUNT][@PROBABILITY], for example
    /// CreateGameSession=throttle:2, "*=delay:200ms@0.5" or events=drop@0.1; docs/emulator/faults.md has them all. Can
    /// be given several times
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<Fault>,

    /// How GameLift Streams behaves where AWS does not say, for example `wrong_state=validation`;
    /// see docs/emulator/rules.md for all. Can be given several times
    #[arg(long = "stream-rule", value_name = "NAME=VALUE", value_parser = stream_rule)]
    stream_rules: Vec<String>,

    /// How GameLift Servers behaves where AWS does not say, for example `pending_placement=same`;
    /// see docs/emulator/rules.md for all. Can be given several times
    #[arg(long = "gamelift-rule", value_name = "NAME=VALUE", value_parser = gamelift_rule)]
    gamelift_rules: Vec<String>,

    /// Refuse calls that are not signed with this access key
    #[arg(long, value_name = "KEY:SECRET")]
    pub verify_signatures: Option<AccessKey>,

    /// Keep AWS's documented API rate limits
    #[arg(long)]
    rate_limits: bool,

    /// Answer the UDP ping beacons of AWS's locations here, each after so long: us-west-2=20ms, or 80ms
    /// for all others. `ListLocations` has their ports. Can be given several times
    #[arg(long = "beacon", value_name = "[LOCATION=]DELAY")]
    beacons: Vec<Beacon>,

    /// The port of the first of these beacons; the others follow. 0 is any that is free, for each
    #[arg(long, value_name = "PORT", default_value_t = Settings::default().first_beacon_port)]
    first_beacon_port: u16,

    /// Makes what is random repeatable: searches without a sort expression, faults with a
    /// probability
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// How the built-in sample game servers are hosted
    #[arg(long, value_enum, default_value_t = Hosting::Anywhere)]
    hosting: Hosting,

    /// How many built-in sample game servers run; each hosts one game session at a time. Without it
    /// 8, but none with a seed file or with `gamelift-emulator exec`
    #[arg(long, value_name = "COUNT")]
    pub game_servers: Option<u16>,

    /// Lets the built-in sample game servers ask for players in place of those who left a match
    /// (FlexMatch's backfill)
    #[arg(long)]
    sample_backfill: bool,

    /// The AWS Region in every ARN
    #[arg(long, value_name = "REGION", default_value_t = Settings::default().region, value_parser = region)]
    region: String,

    /// The AWS account in every ARN
    #[arg(long, value_name = "ACCOUNT", default_value_t = Settings::default().account, value_parser = account)]
    account: String,

    /// What outlives the emulator.
    #[command(flatten)]
    pub keep: Keep,
}

/// An error in the flags.
#[derive(Debug, thiserror::Error)]
pub enum FlagsError {
    /// The seed file does not exist or cannot be read.
    #[error("the seed file {} cannot be read: {source}", .file.display())]
    Read {
        /// The file's path.
        file: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The seed file is invalid.
    #[error("the seed file {} is not usable: {source}", .file.display())]
    Seed {
        /// The file's path.
        file: PathBuf,
        /// The reason.
        source: SeedError,
    },
    /// This host is unknown.
    #[error("--public-host {0} is no IP address and no host name that is known here")]
    PublicHost(String),
    /// More sinks than there may be.
    #[error("--events-url can be given at most {MOST_SINKS} times, and was given {0} times")]
    Sinks(usize),
}

impl Flags {
    /// Returns the emulator's settings, except its port. Adds `--public-host` to the names in the emulator's
    /// certificate.
    ///
    /// # Errors
    /// The seed file cannot be used, `--public-host` is unknown, or there are too many sinks of events.
    pub async fn settings(&self) -> Result<Settings, FlagsError> {
        if self.keep.events_urls.len() > MOST_SINKS {
            return Err(FlagsError::Sinks(self.keep.events_urls.len()));
        }
        let public_ip = resolve(&self.public_host).await?.to_string();
        // Game servers on other machines connect to the name or to the address.
        certify(&self.public_host);
        certify(&public_ip);
        let default = Settings::default();
        let mut seed = self.config.as_deref().map(read_seed).transpose()?.unwrap_or_default();
        for rule in &self.stream_rules {
            seed.stream_rules.set(rule).expect("a rule by itself is checked as it is read");
        }
        for rule in &self.gamelift_rules {
            seed.gamelift_rules.set(rule).expect("a rule by itself is checked as it is read");
        }
        if let Some(file) = &self.config {
            seed_file::check_rule_sets(&seed).map_err(|source| FlagsError::Seed { file: file.clone(), source })?;
        }
        let name = self.public_host.parse::<IpAddr>().is_err().then(|| self.public_host.clone());
        let game_servers = if self.config.is_some() { 0 } else { default.game_servers };
        Ok(Settings {
            region: self.region.clone(),
            account: self.account.clone(),
            public_ip,
            hosting: self.hosting,
            game_servers: self.game_servers.unwrap_or(game_servers),
            sample_backfill: self.sample_backfill,
            seed,
            random_seed: self.seed,
            lenient: self.lenient,
            access_key: self.verify_signatures.clone(),
            rate_limits: self.rate_limits,
            beacons: self.beacons.clone(),
            first_beacon_port: self.first_beacon_port,
            faults: self.faults.clone(),
            allowed_hosts: name.into_iter().collect(),
            ..default
        })
    }
}

fn read_seed(file: &Path) -> Result<Seed, FlagsError> {
    let text = std::fs::read_to_string(file).map_err(|source| FlagsError::Read { file: file.to_owned(), source })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    seed_file::read(&text, folder).map_err(|source| FlagsError::Seed { file: file.to_owned(), source })
}

async fn resolve(host: &str) -> Result<IpAddr, FlagsError> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let unknown = || FlagsError::PublicHost(host.to_owned());
    let mut found: Vec<_> = tokio::net::lookup_host((host, 0)).await.map_err(|_| unknown())?.collect();
    // IPv4 first: more game clients lack IPv6 than IPv4.
    found.sort_by_key(|address| !address.is_ipv4());
    found.first().map(std::net::SocketAddr::ip).ok_or_else(unknown)
}

fn stream_rule(text: &str) -> Result<String, RuleError> {
    stream_rules::Rules::default().set(text)?;
    Ok(text.to_owned())
}

/// Reads `NAME=VALUE`, which has to be a rule of GameLift Servers.
///
/// # Errors
/// There is no such rule, or it has no such value.
pub fn gamelift_rule(text: &str) -> Result<String, RuleError> {
    emulator_core::model::gamelift_rules::Rules::default().set(text)?;
    Ok(text.to_owned())
}

fn time_scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "give a number, for example 60".to_owned())?;
    if scale.is_finite() && (scale == 0.0 || (0.001..=1_000_000.0).contains(&scale)) {
        return Ok(scale);
    }
    Err("give 0 or a number from 0.001 to 1000000".to_owned())
}

/// Accepts Regions of the form that the server SDKs require in ARNs.
fn region(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.split('-').collect();
    let are_letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [country, area @ .., number]
            if country.len() == 2
                && are_letters(country)
                && !area.is_empty()
                && area.iter().all(are_letters)
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("give an AWS Region, for example us-west-2".to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("an AWS account has twelve digits".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        flags: Flags,
    }

    fn flags(args: &[&str]) -> Flags {
        Program::parse_from([&["program"], args].concat()).flags
    }

    #[tokio::test]
    async fn without_flags_the_settings_are_the_default() {
        let settings = flags(&[]).settings().await.unwrap();
        assert_eq!(format!("{settings:?}"), format!("{:?}", Settings::default()));
    }

    #[tokio::test]
    async fn sample_game_servers_run_unless_the_seed_is_your_own() {
        let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/seed.toml");
        let servers = async |args: &[&str]| flags(args).settings().await.unwrap().game_servers;
        assert_eq!(servers(&[]).await, 8);
        assert_eq!(servers(&["--config", seed]).await, 0);
        assert_eq!(servers(&["--config", seed, "--game-servers", "2"]).await, 2);
    }

    #[rstest::rstest]
    #[case("us-west-2", true)]
    #[case("us-gov-east-1", true)]
    #[case("local", false)]
    #[case("us-west", false)]
    #[case("us-west-2-", false)]
    #[case("US-WEST-2", false)]
    #[case("", false)]
    fn a_region_is_one_that_arns_can_have(#[case] text: &str, #[case] good: bool) {
        assert_eq!(region(text).is_ok(), good);
    }

    #[tokio::test]
    async fn there_are_at_most_eight_sinks_of_events() {
        let settings = async |count: usize| {
            let sinks = ["--events-url", "http://127.0.0.1"].repeat(count);
            flags(&sinks).settings().await.map_err(|error| error.to_string())
        };
        assert!(settings(8).await.is_ok());
        assert!(settings(9).await.unwrap_err().contains("at most 8 times, and was given 9 times"));
    }

    #[test]
    fn the_last_of_strict_and_lenient_holds() {
        assert!(flags(&["--strict", "--lenient"]).lenient);
        assert!(!flags(&["--lenient", "--strict"]).lenient);
    }
}
