//! The command line.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use gamelift_emulator::{
    AccessKey, Settings,
    flags::{Flags, FlagsError},
    host_name,
};

use crate::cli::flexmatch::args::Flexmatch;

/// Amazon GameLift Servers and GameLift Streams on this machine, for any AWS SDK and for game
/// servers with the Server SDK 5. No AWS account is needed.
#[derive(Debug, Parser)]
#[command(name = "gamelift-emulator", version)]
pub(crate) struct Args {
    /// Port of both APIs, of game servers and of the control endpoints
    #[arg(long, value_name = "PORT", default_value_t = Settings::default().port)]
    pub(crate) port: u16,

    /// Address to listen on. Only this machine by default
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) host: IpAddr,

    /// A name of this machine by which it may be called. `localhost`, IP addresses and private names such as
    /// host.docker.internal are known. Can be given several times
    #[arg(long = "allowed-host", value_name = "NAME", env = "GAMELIFT_EMULATOR_ALLOWED_HOSTS", value_delimiter = ',',
        value_parser = host_name)]
    allowed_hosts: Vec<String>,

    /// How the log looks. `RUST_LOG` says what is in it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,

    #[command(flatten)]
    pub(crate) flags: Flags,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do besides emulating.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a game server that uses the Server SDK 5, with all that its `InitSDK()` needs in the
    /// environment. Uses the emulator at --host and --port if one runs there, or starts one
    Exec(Exec),

    /// Check a FlexMatch rule set, or simulate it with players. No emulator is started, and none is needed
    #[command(subcommand)]
    Flexmatch(Flexmatch),
}

/// A game server to start.
#[derive(Debug, clap::Args)]
pub(crate) struct Exec {
    /// The fleet it belongs to; without it the first one
    #[arg(long, value_name = "ID")]
    pub(crate) fleet: Option<String>,

    /// The fleet's location it is in; without it the fleet's first one
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,

    /// The compute it runs on, registered if it is not yet; without it one of its own that is
    /// deregistered at the end
    #[arg(long, value_name = "NAME")]
    pub(crate) compute: Option<String>,

    /// Start it again whenever it ends: a game server hosts one game session
    #[arg(long)]
    pub(crate) restart: bool,

    /// The program and its arguments, after "--"
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub(crate) server: Vec<std::ffi::OsString>,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line an event, for people
    Text,
    /// One JSON object an event, for programs
    Json,
}

impl Args {
    /// Parses the command line of this program; on an error prints it and exits.
    pub(crate) fn read() -> Self {
        Self::read_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// Accepts every flag on either side of `exec`. `flexmatch` starts no emulator, so that it has none of them.
    fn read_from<T>(arguments: impl IntoIterator<Item = T>) -> Result<Self, clap::Error>
    where
        T: Into<std::ffi::OsString> + Clone,
    {
        let arguments: Vec<std::ffi::OsString> = arguments.into_iter().map(Into::into).collect();
        let mut words = arguments.iter().skip(1).skip_while(|word| *word == "help");
        let is_exec = words.next().is_none_or(|word| word != "flexmatch");
        let command = Self::command().mut_args(|argument| argument.global(is_exec));
        Self::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }

    /// Returns the emulator's settings, except its port.
    pub(crate) async fn settings(&self) -> Result<Settings, FlagsError> {
        let mut settings = self.flags.settings().await?;
        settings.allowed_hosts.extend(self.allowed_hosts.iter().cloned());
        // A user who starts a game server wants it to be used, not a sample.
        if self.command.is_some() && self.flags.game_servers.is_none() {
            settings.game_servers = 0;
        }
        Ok(settings)
    }

    /// Returns the key with which this program's own calls must be signed.
    pub(crate) fn access_key(&self) -> Option<&AccessKey> {
        self.flags.verify_signatures.as_ref()
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Returns the rows of a page's tables of flags: each flag with its value's name, and its default.
    fn documented(page: &str) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string([env!("CARGO_MANIFEST_DIR"), "/../docs/", page].concat()).unwrap();
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let default = |rest: &str| rest.split('|').next().unwrap_or_default().trim().to_owned();
        rows.filter(|(flag, _)| flag.starts_with("--")).map(|(flag, rest)| (flag.to_owned(), default(rest))).collect()
    }

    /// Returns the flags of a command in the form of `documented`.
    fn flags(command: &clap::Command) -> BTreeMap<String, String> {
        let flags = command.get_arguments().filter_map(|argument| {
            let mut flag = format!("--{}", argument.get_long()?);
            if argument.get_action().takes_values() {
                let name = argument.get_value_names().map(|names| names[0].to_string());
                flag = format!("{flag} {}", name.unwrap_or_else(|| argument.get_id().as_str().to_uppercase()));
            }
            let default = argument.get_default_values().iter().map(|value| value.to_str().unwrap());
            Some((flag, default.collect()))
        });
        flags.collect()
    }

    #[test]
    fn the_manual_has_every_flag_with_its_default() {
        let command = Args::command();
        assert_eq!(documented("emulator/flags.md"), flags(&command));
        let exec = command.find_subcommand("exec").unwrap();
        assert_eq!(documented("emulator/game-servers.md"), flags(exec));
        let flexmatch = command.find_subcommand("flexmatch").unwrap();
        assert_eq!(documented("emulator/rule-sets.md"), flexmatch.get_subcommands().flat_map(flags).collect());
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().mut_args(|argument| argument.global(true)).debug_assert();
    }

    #[tokio::test]
    async fn sample_game_servers_run_unless_you_bring_your_own() {
        let servers = async |args: &[&str]| Args::read_from(args).unwrap().settings().await.unwrap().game_servers;
        assert_eq!(servers(&["gamelift-emulator"]).await, 8);
        assert_eq!(servers(&["gamelift-emulator", "exec", "--", "server"]).await, 0);
        assert_eq!(servers(&["gamelift-emulator", "--game-servers", "2", "exec", "--", "server"]).await, 2);
    }

    #[test]
    fn what_follows_the_dashes_is_the_servers() {
        for server in [&["--", "./server", "--port", "1"][..], &["./server", "--port", "1"]] {
            let args = [&["gamelift-emulator", "exec", "--restart"], server].concat();
            let args = Args::read_from(args).unwrap();
            assert_eq!(args.port, Settings::default().port);
            let Some(Command::Exec(exec)) = args.command else { panic!("exec was given") };
            assert!(exec.restart);
            assert_eq!(exec.server, ["./server", "--port", "1"]);
        }
    }

    #[test]
    fn flexmatch_has_no_flags_of_an_emulator() {
        let read = |arguments: &[&str]| Args::read_from([&["gamelift-emulator"], arguments].concat());
        let args = read(&["flexmatch", "check", "duel.json", "--players", "players.jsonl"]).unwrap();
        let Some(Command::Flexmatch(Flexmatch::Check(check))) = args.command else { panic!("check was given") };
        assert_eq!(check.rule_set.to_str(), Some("duel.json"));
        assert!(read(&["flexmatch", "check", "duel.json", "--port", "1"]).is_err());
        let help = read(&["help", "flexmatch", "check"]).unwrap_err().to_string();
        assert!(help.contains("--players") && !help.contains("--port"), "{help}");
    }

    #[tokio::test]
    async fn flags_may_stand_on_either_side_of_exec() {
        let flags = ["--port", "9871", "--host", "::1", "--game-servers", "2", "--fault", "ListFleets=throttle"];
        let before = [&["gamelift-emulator"], &flags[..], &["exec", "--", "./server"]].concat();
        let after = [&["gamelift-emulator", "exec"], &flags[..], &["--", "./server"]].concat();
        for args in [before, after] {
            let args = Args::read_from(args).unwrap();
            assert_eq!((args.port, args.host), (9871, std::net::Ipv6Addr::LOCALHOST.into()));
            let settings = args.settings().await.unwrap();
            assert_eq!((settings.game_servers, settings.faults.len()), (2, 1));
        }
    }
}
