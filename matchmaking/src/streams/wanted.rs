//! The stream that a client asks for.

use std::time::Duration;

use aws::streams::{GAME, MARK, StreamSession};
use shared::{
    Error,
    hash::hex_sha256,
    request::{
        Fields, Member, Members,
        members::{Integer, Switch, Text, TextMap, Texts},
    },
};

use crate::{
    config::{
        connect_args::MAX_LAUNCH_ARGS,
        streams::{MOST_CONNECTION_TIMEOUT, MOST_SESSION_LENGTH, SESSION_LENGTH, StreamConfig},
    },
    streams::offer,
};

/// The offer has checks and an error of its own.
pub(super) const SIGNAL_REQUEST: Member<Text> = Member::text(
    "signal_request",
    0..=usize::MAX,
    "The client's WebRTC offer as GameLift Streams' Web SDK makes it, unchanged; or NO_CLIENT_CONNECTION to start the stream before there is a client.",
)
.required();

const APPLICATION: Member<Text> = Member::text(
    "application",
    1..=128,
    "The application to stream, one of LIFTGATE_STREAM_APPLICATIONS. Left out: the first of them.",
);

const LOCATIONS: Member<Texts> = Member::texts(
    "locations",
    100,
    1..=20,
    "Where to start, in order of preference, of LIFTGATE_STREAM_LOCATIONS. Left out: the stream group's primary location.",
);

const DESCRIPTION: Member<Text> = Member::text("description", 1..=80, "A description of the stream session.");

const CONNECTION_TIMEOUT: Member<Integer> = Member::integer(
    "connection_timeout_seconds",
    1..=MOST_CONNECTION_TIMEOUT,
    "How long the stream session waits for its client. The deployment may allow less.",
);

const LENGTH: Member<Integer> = Member::integer(
    "session_length_seconds",
    1..=MOST_SESSION_LENGTH,
    "How long the stream session lives at most. The deployment may allow less.",
);

const LAUNCH_ARGS: Member<Texts> = Member::texts(
    "launch_args",
    MAX_LAUNCH_ARGS,
    1..=1024,
    "Launch arguments of the application, as far as LIFTGATE_STREAM_LAUNCH_ARGS allows.",
);

/// AWS takes 50 variables; two are Liftgate's (`MARK` and `GAME`).
const ENVIRONMENT: Member<TextMap> = Member::text_map(
    "environment",
    TextMap { most: 48, name: 256, value: 4096 },
    "Environment variables of the application, as far as LIFTGATE_STREAM_ENVIRONMENT allows.",
);

const SHARE_STATS: Member<Switch> =
    Member::switch("share_performance_stats", "Whether the player's client sees the stream's performance.");

/// A stream session to start, or a connection to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `signal_request`: the client's WebRTC offer, unchanged, or `NO_CLIENT_CONNECTION`.
    pub signal_request: String,
    /// `application`: the application to start, in the configured form.
    pub application: String,
    /// Whether the client named the application. A stream of another application is then not accepted.
    pub only_this_application: bool,
    /// `locations`: where to start, in order of preference. Empty: the stream group's
    /// primary location.
    pub locations: Vec<String>,
    /// `description`.
    pub description: Option<String>,
    /// `connection_timeout_seconds`.
    pub connection_timeout_seconds: Option<i32>,
    /// `session_length_seconds`.
    pub session_length_seconds: Option<i32>,
    /// `launch_args`.
    pub launch_args: Vec<String>,
    /// `environment`.
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
    /// What [`Wanted::read`] reads.
    pub(super) const MEMBERS: Members = &[
        &SIGNAL_REQUEST,
        &APPLICATION,
        &LOCATIONS,
        &DESCRIPTION,
        &CONNECTION_TIMEOUT,
        &LENGTH,
        &LAUNCH_ARGS,
        &ENVIRONMENT,
        &SHARE_STATS,
    ];

    /// Reads the fields. `fields` collects the errors; the result is valid only if there are none.
    pub fn read(fields: &mut Fields, config: &StreamConfig) -> Self {
        let given = application(fields, config);
        let first = config.applications.first().cloned().unwrap_or_default();
        let timeout = CONNECTION_TIMEOUT.up_to(config.longest_connection_timeout());
        let length = LENGTH.up_to(config.longest_session());
        Self {
            signal_request: fields.string(&SIGNAL_REQUEST).unwrap_or_default(),
            only_this_application: given.is_some(),
            application: given.unwrap_or(first),
            locations: locations(fields, config),
            description: description(fields),
            connection_timeout_seconds: fields.integer(&timeout).or(config.connection_timeout),
            session_length_seconds: fields.integer(&length).or(config.session_length),
            launch_args: launch_args(fields, config),
            environment: environment(fields, config),
            share_performance_stats: fields.switch(&SHARE_STATS),
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
    let given = fields.string(&APPLICATION)?;
    let known = config.application(&given).map(str::to_owned);
    if known.is_none() {
        fields.error(APPLICATION.name, "is none of those that are streamed here (LIFTGATE_STREAM_APPLICATIONS)");
    }
    known
}

fn locations(fields: &mut Fields, config: &StreamConfig) -> Vec<String> {
    let mut locations: Vec<String> = Vec::new();
    for (index, location) in fields.texts(&LOCATIONS).into_iter().enumerate() {
        if !config.locations.contains(&location) {
            let what = "is none of those that a client may choose (LIFTGATE_STREAM_LOCATIONS)";
            fields.error_at(LOCATIONS.name, index, what);
        } else if !locations.contains(&location) {
            locations.push(location);
        }
    }
    locations
}

/// Reads `description` by AWS's pattern (`StartStreamSession`): it allows no colon, and no blank at the beginning.
fn description(fields: &mut Fields) -> Option<String> {
    let description = fields.string(&DESCRIPTION)?;
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_.!+@/ ".contains(character);
    if description.chars().all(fits) && !description.starts_with(' ') {
        return Some(description);
    }
    fields.error(DESCRIPTION.name, "takes A-Z, a-z, 0-9, blanks and any of - _ . ! + @ / and begins with no blank");
    None
}

fn launch_args(fields: &mut Fields, config: &StreamConfig) -> Vec<String> {
    let args = fields.texts(&LAUNCH_ARGS);
    for (index, arg) in args.iter().enumerate() {
        if !config.launch_args.iter().any(|allowed| allowed.fits(arg)) || arg.chars().any(char::is_control) {
            let what = "is none of those that a client may add (LIFTGATE_STREAM_LAUNCH_ARGS)";
            fields.error_at(LAUNCH_ARGS.name, index, what);
        }
    }
    args
}

fn environment(fields: &mut Fields, config: &StreamConfig) -> Vec<(String, String)> {
    let environment = fields.text_map(&ENVIRONMENT);
    let is_name = |name: &str| {
        name.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic())
            && name.chars().all(|character| character == '_' || character.is_ascii_alphanumeric())
    };
    for (name, value) in &environment {
        let is_allowed =
            config.environment.iter().any(|allowed| allowed.fits(name)) && ![MARK, GAME].contains(&name.as_str());
        if !is_allowed || !is_name(name) || value.contains('\0') {
            let what = "is none of those that a client may set (LIFTGATE_STREAM_ENVIRONMENT)";
            fields.error_in(ENVIRONMENT.name, name, what);
        }
    }
    environment
}
