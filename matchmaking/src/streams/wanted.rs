//! The stream that a client asks for.

use std::time::Duration;

use aws::streams::{GAME, MARK, StreamSession};
use shared::{Error, hash::hex_sha256, request::Fields};

use crate::{
    config::{
        connect_args::MAX_LAUNCH_ARGS,
        streams::{SESSION_LENGTH, StreamConfig},
    },
    streams::offer,
};

/// The most environment variables of a client. AWS takes 50; two are Liftgate's (`MARK` and `GAME`).
const MAX_VARIABLES: usize = 48;

/// A stream session to start, or a connection to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `signal_request`: the client's WebRTC offer, unchanged, or `NO_CLIENT_CONNECTION`.
    pub signal_request: String,
    /// `application`: the application to start, in the configured form.
    pub application: String,
    /// Whether the client named the application. A stream of another application is then not accepted.
    pub only_this_application: bool,
    /// `locations`: where to start, in order of preference; each of 1 to 20 characters. Empty: the stream group's
    /// primary location.
    pub locations: Vec<String>,
    /// `description`: 1 to 80 characters.
    pub description: Option<String>,
    /// `connection_timeout_seconds`, 1 to 3600.
    pub connection_timeout_seconds: Option<i32>,
    /// `session_length_seconds`, 1 to 86,400.
    pub session_length_seconds: Option<i32>,
    /// `launch_args`: up to 100.
    pub launch_args: Vec<String>,
    /// `environment`: up to 48 variables.
    pub environment: Vec<(String, String)>,
    /// `share_performance_stats`.
    pub share_performance_stats: Option<bool>,
    /// The game session that the application connects to, if the stream is for one.
    pub connection: Option<Connection>,
}

/// The connection of a streamed application to a game session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Identifies the game session: a stream session keeps it in [`GAME`](aws::streams::GAME).
    pub game: String,
    /// Launch arguments from the configuration, not from the client.
    pub args: Vec<String>,
}

impl Wanted {
    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none.
    pub fn read(fields: &mut Fields, config: &StreamConfig) -> Self {
        let given = application(fields, config);
        let first = config.applications.first().cloned().unwrap_or_default();
        let timeout = ("connection_timeout_seconds", config.longest_connection_timeout());
        let length = ("session_length_seconds", config.longest_session());
        Self {
            signal_request: fields.required_string("signal_request", 0..=usize::MAX).unwrap_or_default(),
            only_this_application: given.is_some(),
            application: given.unwrap_or(first),
            locations: locations(fields, config),
            description: description(fields),
            connection_timeout_seconds: fields.optional_integer(timeout.0, 1..=timeout.1).or(config.connection_timeout),
            session_length_seconds: fields.optional_integer(length.0, 1..=length.1).or(config.session_length),
            launch_args: launch_args(fields, config),
            environment: environment(fields, config),
            share_performance_stats: fields.optional_bool("share_performance_stats"),
            connection: None,
        }
    }

    /// Checks the offer, so that no call is spent on a bad one.
    ///
    /// # Errors
    /// `INVALID_SIGNAL_REQUEST`, with what is missing.
    pub fn check_offer(&self) -> Result<(), Error> {
        if self.has_no_client() { Ok(()) } else { offer::check(&self.signal_request) }
    }

    /// Whether the stream starts before there is a client to show it.
    pub fn has_no_client(&self) -> bool {
        self.signal_request == offer::NO_CLIENT
    }

    /// All launch arguments. The game session's come first, where Unreal looks for an address.
    pub(crate) fn all_launch_args(&self) -> Vec<String> {
        let connection = self.connection.iter().flat_map(|connection| &connection.args);
        connection.chain(&self.launch_args).cloned().collect()
    }

    /// Whether the stream is for a game session and the stream session belongs to another one, or to none.
    pub(crate) fn is_for_another_game(&self, session: &StreamSession) -> bool {
        self.connection.as_ref().is_some_and(|connection| session.game.as_ref() != Some(&connection.game))
    }

    /// The longest time that the stream session can live once it is ACTIVE.
    pub(crate) fn longest_life(&self) -> Duration {
        let seconds = self.session_length_seconds.unwrap_or(SESSION_LENGTH);
        Duration::from_secs(seconds.unsigned_abs().into())
    }

    /// A digest that tells two requests apart. It leaves out the offer and the game session, because a client that
    /// comes back has new ones.
    pub(crate) fn fingerprint(&self) -> String {
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut environment = self.environment.clone();
        environment.sort_unstable();
        let lists = [
            self.locations.clone(),
            self.launch_args.clone(),
            environment.into_iter().flat_map(|(name, value)| [name, value]).collect(),
        ];
        let mut parts = vec![
            self.application.clone(),
            self.description.clone().unwrap_or_default(),
            number(self.connection_timeout_seconds),
            number(self.session_length_seconds),
            format!("{:?}", self.share_performance_stats),
        ];
        for list in lists {
            parts.push(list.len().to_string());
            parts.extend(list);
        }
        hex_sha256(&parts.iter().map(String::as_bytes).collect::<Vec<_>>())
    }
}

fn application(fields: &mut Fields, config: &StreamConfig) -> Option<String> {
    let given = fields.optional_string("application", 1..=128)?;
    let known = config.application(&given).map(str::to_owned);
    if known.is_none() {
        fields.error("application", "is none of those that are streamed here (LIFTGATE_STREAM_APPLICATIONS)");
    }
    known
}

fn locations(fields: &mut Fields, config: &StreamConfig) -> Vec<String> {
    let mut locations: Vec<String> = Vec::new();
    for (index, location) in fields.optional_list("locations", 100, 1..=20).into_iter().enumerate() {
        if !config.locations.contains(&location) {
            let what = "is none of those that a client may choose (LIFTGATE_STREAM_LOCATIONS)";
            fields.error_at("locations", index, what);
        } else if !locations.contains(&location) {
            locations.push(location);
        }
    }
    locations
}

/// Reads `description` by AWS's pattern (`StartStreamSession`): it allows no colon, and no blank at the beginning.
fn description(fields: &mut Fields) -> Option<String> {
    let description = fields.optional_string("description", 1..=80)?;
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_.!+@/ ".contains(character);
    if description.chars().all(fits) && !description.starts_with(' ') {
        return Some(description);
    }
    fields.error("description", "takes A-Z, a-z, 0-9, blanks and any of - _ . ! + @ / and begins with no blank");
    None
}

fn launch_args(fields: &mut Fields, config: &StreamConfig) -> Vec<String> {
    let args = fields.optional_list("launch_args", MAX_LAUNCH_ARGS, 1..=1024);
    for (index, arg) in args.iter().enumerate() {
        if !config.launch_args.iter().any(|allowed| allowed.fits(arg)) || arg.chars().any(char::is_control) {
            let what = "is none of those that a client may add (LIFTGATE_STREAM_LAUNCH_ARGS)";
            fields.error_at("launch_args", index, what);
        }
    }
    args
}

fn environment(fields: &mut Fields, config: &StreamConfig) -> Vec<(String, String)> {
    let environment = fields.optional_strings("environment", MAX_VARIABLES, 256, 4096);
    let is_name = |name: &str| {
        name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
            && name.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
    };
    for (name, value) in &environment {
        let is_allowed =
            config.environment.iter().any(|allowed| allowed.fits(name)) && ![MARK, GAME].contains(&name.as_str());
        if !is_allowed || !is_name(name) || value.contains('\0') {
            let what = "is none of those that a client may set (LIFTGATE_STREAM_ENVIRONMENT)";
            fields.error_in("environment", name, what);
        }
    }
    environment
}
