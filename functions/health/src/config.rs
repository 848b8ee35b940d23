//! What is configured, and which variables cannot be used.

use matchmaking::config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig};
use shared::{
    Error,
    config::{HttpConfig, environment::variable},
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
        let mut config = Self::new(
            FleetConfig::from_env(),
            LimitConfig::from_env(),
            StreamConfig::from_env(),
            TicketConfig::from_env(),
            GameServerConfig::from_env(),
        );
        usable(HttpConfig::from_env(), &mut config.bad);
        config
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
        let fleets = usable(fleets, &mut bad);
        usable(limits, &mut bad);
        let streams = usable(unless_unset(GROUP, streams), &mut bad).flatten();
        let tickets = usable(unless_unset(CONFIGURATIONS, tickets), &mut bad).flatten();
        let game_servers = usable(unless_unset(GAME_SERVER_GROUPS, game_servers), &mut bad).flatten();
        Self {
            bad,
            fleets,
            game_server_groups: game_servers.map(|config| config.groups).unwrap_or_default(),
            matchmaking: tickets.map(|config| config.configurations).unwrap_or_default(),
            streams,
            endpoints: Endpoints::from_env(),
        }
    }

    /// A configuration with which not even a client can be made.
    pub(crate) fn unusable(error: Error) -> Self {
        Self { bad: vec![error], ..Self::default() }
    }
}

const GROUP: &str = "LIFTGATE_STREAM_GROUP";
const CONFIGURATIONS: &str = "LIFTGATE_MATCHMAKING_CONFIGURATIONS";
const GAME_SERVER_GROUPS: &str = "LIFTGATE_GAME_SERVER_GROUPS";

fn usable<T>(config: Result<T, Error>, bad: &mut Vec<Error>) -> Option<T> {
    config.map_err(|error| bad.push(error)).ok()
}

/// `None` if the one thing wrong is that the variable is not set: then the part is not wanted.
fn unless_unset<T>(name: &str, config: Result<T, Error>) -> Result<Option<T>, Error> {
    match config {
        Err(error) if variable_of(&error) == Some(name) && variable(name).is_none() => Ok(None),
        config => config.map(Some),
    }
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
        let unset = || Err(Error::bad_variable(GROUP, "is not set; name the stream group to stream from."));
        assert!(unless_unset::<()>(GROUP, unset()).is_ok_and(|found| found.is_none()));
        assert!(unless_unset::<()>("LIFTGATE_QUEUE", unset()).is_err());
        let error = Error::bad_variable("LIFTGATE_STREAM_SESSION_LENGTH", "has to be a number.");
        assert!(unless_unset::<()>(GROUP, Err(error)).is_err());
    }
}
