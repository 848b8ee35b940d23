//! What is configured, and which variables cannot be used.

use identity::{config::IdentityConfig, steam::SteamConfig};
use matchmaking::config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig};
use shared::{
    Error,
    config::{
        HttpConfig,
        environment::{variable, without},
    },
};

/// What the deployment is configured for. What cannot be used is left out, with its error.
#[derive(Clone, Debug, Default)]
pub struct HealthConfig {
    /// The errors of variables whose value cannot be used.
    pub(crate) bad: Vec<Error>,
    /// Where game sessions are placed. `None` if that cannot be used.
    pub(crate) fleets: Option<FleetConfig>,
    /// The groups whose game servers may register.
    pub(crate) game_server_groups: Vec<String>,
    /// The matchmaking configurations. Empty: there is no matchmaking.
    pub(crate) matchmaking: Vec<String>,
    /// The streams. `None`: there are none.
    pub(crate) streams: Option<StreamConfig>,
    /// The variables that give another address for GameLift, GameLift Streams and DynamoDB, if they are set.
    pub(crate) endpoints: Endpoints,
}

/// Names of variables with the address of a service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Endpoints {
    pub(crate) gamelift: Option<&'static str>,
    pub(crate) streams: Option<&'static str>,
    pub(crate) dynamodb: Option<&'static str>,
}

impl HealthConfig {
    /// Reads all settings from the environment. It never fails: errors are what is asked for.
    pub fn from_env() -> Self {
        let mut bad = Vec::new();
        let fleets = read(FleetConfig::from_env, None, &mut bad);
        read(LimitConfig::from_env, None, &mut bad);
        let streams = read(StreamConfig::from_env, Some(GROUP), &mut bad);
        let tickets = read(TicketConfig::from_env, Some(CONFIGURATIONS), &mut bad);
        let game_servers = read(GameServerConfig::from_env, Some(GAME_SERVER_GROUPS), &mut bad);
        read(HttpConfig::from_env, None, &mut bad);
        read(IdentityConfig::from_env, None, &mut bad);
        read(SteamConfig::from_env, None, &mut bad);
        Self::of(bad, fleets, streams, tickets, game_servers)
    }

    /// The settings as the functions have them.
    pub fn new(
        fleets: Result<FleetConfig, Error>,
        limits: Result<LimitConfig, Error>,
        streams: Result<StreamConfig, Error>,
        tickets: Result<TicketConfig, Error>,
        game_servers: Result<GameServerConfig, Error>,
    ) -> Self {
        let mut bad = Vec::new();
        let fleets = usable(fleets, None, &mut bad);
        usable(limits, None, &mut bad);
        let streams = usable(streams, Some(GROUP), &mut bad);
        let tickets = usable(tickets, Some(CONFIGURATIONS), &mut bad);
        let game_servers = usable(game_servers, Some(GAME_SERVER_GROUPS), &mut bad);
        Self::of(bad, fleets, streams, tickets, game_servers)
    }

    fn of(
        bad: Vec<Error>,
        fleets: Option<FleetConfig>,
        streams: Option<StreamConfig>,
        tickets: Option<TicketConfig>,
        game_servers: Option<GameServerConfig>,
    ) -> Self {
        Self {
            bad,
            fleets,
            game_server_groups: game_servers.map(|config| config.groups).unwrap_or_default(),
            matchmaking: tickets.map(|config| config.configurations).unwrap_or_default(),
            streams,
            endpoints: Endpoints::from_env(),
        }
    }

    /// A configuration with which not even a client can be made, for this reason among others.
    pub(crate) fn unusable(error: Error) -> Self {
        let mut config = Self::from_env();
        config.bad.push(error);
        config
    }
}

const GROUP: &str = "LIFTGATE_STREAM_GROUP";
const CONFIGURATIONS: &str = "LIFTGATE_MATCHMAKING_CONFIGURATIONS";
const GAME_SERVER_GROUPS: &str = "LIFTGATE_GAME_SERVER_GROUPS";

/// Reads a part of the settings. Reading ends at the first variable that cannot be used, so it is read again without
/// that one, until all of these are known: a part reads what has to be set after all else. `None` if one cannot be used,
/// or if the part is not wanted, because the variable that asks for it is not set.
fn read<T>(from_env: impl Fn() -> Result<T, Error>, wanted_by: Option<&str>, bad: &mut Vec<Error>) -> Option<T> {
    if wanted_by.is_some_and(|name| variable(name).is_none()) {
        return None;
    }
    let mut left_out: Vec<String> = Vec::new();
    loop {
        let error = match without(&left_out, &from_env) {
            Ok(config) => return left_out.is_empty().then_some(config),
            Err(error) => error,
        };
        let name = variable_of(&error).map(str::to_owned);
        // What is missed is there, and known to be bad.
        if name.as_ref().is_some_and(|name| left_out.contains(name)) {
            return None;
        }
        bad.push(error);
        left_out.push(name?);
    }
}

fn usable<T>(config: Result<T, Error>, wanted_by: Option<&str>, bad: &mut Vec<Error>) -> Option<T> {
    let error = match config {
        Ok(config) => return Some(config),
        Err(error) => error,
    };
    if !is_unwanted(wanted_by, &error) {
        bad.push(error);
    }
    None
}

/// Whether the one thing wrong is that this variable is not set: then the part is not wanted.
fn is_unwanted(wanted_by: Option<&str>, error: &Error) -> bool {
    wanted_by.is_some_and(|name| variable_of(error) == Some(name) && variable(name).is_none())
}

/// The variable that an error of the configuration is about: the first that its sentence names.
pub(crate) fn variable_of(error: &Error) -> Option<&str> {
    let words = error.detail().split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    words.into_iter().find(|word| word.starts_with("LIFTGATE_") || word.starts_with("AWS_"))
}

impl Endpoints {
    /// The SDK reads them too.
    fn from_env() -> Self {
        let of = |own: &'static str| [own, "AWS_ENDPOINT_URL"].into_iter().find(|name| variable(name).is_some());
        Self {
            gamelift: of("AWS_ENDPOINT_URL_GAMELIFT"),
            streams: of("AWS_ENDPOINT_URL_GAMELIFTSTREAMS"),
            dynamodb: of("AWS_ENDPOINT_URL_DYNAMODB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_not_wanted_and_what_is_wrong_is_told() {
        let unset = || Error::bad_variable(GROUP, "is not set; name the stream group to stream from.");
        assert!(is_unwanted(Some(GROUP), &unset()));
        assert!(!is_unwanted(Some("LIFTGATE_QUEUE"), &unset()) && !is_unwanted(None, &unset()));
        let error = Error::bad_variable("LIFTGATE_STREAM_SESSION_LENGTH", "has to be a number.");
        assert!(!is_unwanted(Some(GROUP), &error));
    }
}
