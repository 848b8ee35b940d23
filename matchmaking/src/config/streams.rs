//! The settings that say what players may stream and which wishes of a client are allowed.

use aws::arns::{arn_parts, last_part};
use shared::{
    Error,
    config::environment::{list, variable},
};

use crate::config::connect_args::ConnectArgs;

const GROUP: &str = "LIFTGATE_STREAM_GROUP";

/// AWS's default time to wait for a client, in seconds (`StartStreamSession`).
const CONNECTION_TIMEOUT: i32 = 120;

/// How many live streams a player may have, unless `LIFTGATE_MAX_STREAMS` says otherwise. One is not enough: GameLift
/// Streams ends none that is ACTIVATING, which can take ten minutes, so a player who wants another game meanwhile
/// would have to wait that long.
const MAX_STREAMS: usize = 2;

/// The most seconds that AWS takes for the time to wait for a client, and for the length of a stream session.
pub(crate) const MOST_CONNECTION_TIMEOUT: i32 = 3600;
pub(crate) const MOST_SESSION_LENGTH: i32 = 86_400;

/// AWS's default limit for the length of a stream session, in seconds (`StartStreamSession`).
pub(crate) const SESSION_LENGTH: i32 = 43_200;

/// What players stream. A client chooses among the values allowed here; no others reach AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamConfig {
    /// `LIFTGATE_STREAM_GROUP`: the stream group, id or ARN. Left out: streaming answers
    /// `BACKEND_MISCONFIGURED`.
    pub stream_group: String,
    /// `LIFTGATE_STREAM_APPLICATIONS`: the applications that may be streamed, ids or ARNs. The first one is started
    /// if the client names none. Left out: streaming answers `BACKEND_MISCONFIGURED`.
    pub applications: Vec<String>,
    /// `LIFTGATE_STREAM_LOCATIONS`: the locations that a client may ask for. Left out: none, and streams
    /// start in the stream group's primary location.
    pub locations: Vec<String>,
    /// `LIFTGATE_STREAM_LAUNCH_ARGS`: the launch arguments that a client may add, such as
    /// `-windowed,-map=*`. Left out: none.
    pub launch_args: Vec<Allowed>,
    /// `LIFTGATE_STREAM_ENVIRONMENT`: the names of the environment variables that a client may set, such
    /// as `LANG,GAME_*`. Left out: none.
    pub environment: Vec<Allowed>,
    /// `LIFTGATE_STREAM_CONNECTION_TIMEOUT`: how many seconds a stream session waits for its client, 1 to 3600. A
    /// client may ask for less. Left out: AWS's 120.
    pub connection_timeout: Option<i32>,
    /// `LIFTGATE_STREAM_SESSION_LENGTH`: the most seconds that a stream session lasts, 1 to 86,400. A client may ask
    /// for less. Left out: AWS's 43,200.
    pub session_length: Option<i32>,
    /// `LIFTGATE_STREAM_CONNECT_ARGS`: the launch arguments that tell an application which game session it is started
    /// for. Left out: game sessions and streams are started by separate calls only.
    pub connect_args: Option<ConnectArgs>,
    /// `LIFTGATE_MAX_STREAMS`: how many live streams a player may have, 0 to 100; 0 is without a limit. Left out: 2.
    pub max_streams: usize,
    /// `AWS_REGION`: the stream group's Region, if it is known beforehand. ARNs of another Region are then refused
    /// without a call.
    pub region: Option<String>,
}

/// A text that a client may send, or a prefix of the texts that it may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    text: String,
    is_beginning: bool,
}

impl Allowed {
    /// Allows `text`, or with a `*` at its end every text with that prefix.
    pub fn new(text: &str) -> Self {
        let beginning = text.strip_suffix('*');
        Self { text: beginning.unwrap_or(text).to_owned(), is_beginning: beginning.is_some() }
    }

    /// Whether a client may send `text`.
    pub fn fits(&self, text: &str) -> bool {
        if self.is_beginning { text.starts_with(&self.text) } else { text == self.text }
    }
}

impl StreamConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when the stream group or the application is missing, and as
    /// [`StreamConfig::allowances_from_env`].
    pub fn from_env() -> Result<Self, Error> {
        // What has to be set comes last, so that whoever reads all errors comes to the others.
        let allowances = Self::allowances_from_env()?;
        let stream_group = variable(GROUP).ok_or_else(Self::missing)?;
        let applications = list(&variable("LIFTGATE_STREAM_APPLICATIONS").unwrap_or_default());
        if applications.is_empty() {
            return Err(Error::bad_variable(
                "LIFTGATE_STREAM_APPLICATIONS",
                "is not set; name the application to stream.",
            ));
        }
        let region = variable("AWS_REGION");
        Ok(Self { stream_group, applications, region, ..allowances })
    }

    /// Whether a stream group is configured, so that streaming is wanted at all.
    pub(crate) fn names_a_group() -> bool {
        variable(GROUP).is_some()
    }

    /// The error when no stream group is configured.
    pub(crate) fn missing() -> Error {
        Error::bad_variable(GROUP, "is not set; name the stream group to stream from.")
    }

    /// Reads from the environment what clients may ask for and what applications are told; the stream group and the
    /// applications stay empty.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for a number of seconds that AWS does not take, and for a number of streams that is not
    /// one from 0 to 100; also the errors of [`ConnectArgs::parse`].
    pub fn allowances_from_env() -> Result<Self, Error> {
        let value = |name| variable(name).unwrap_or_default();
        let allowed = |name| list(&value(name)).iter().map(|text| Allowed::new(text)).collect();
        Ok(Self {
            locations: list(&value("LIFTGATE_STREAM_LOCATIONS")),
            launch_args: allowed("LIFTGATE_STREAM_LAUNCH_ARGS"),
            environment: allowed("LIFTGATE_STREAM_ENVIRONMENT"),
            connection_timeout: seconds("LIFTGATE_STREAM_CONNECTION_TIMEOUT", MOST_CONNECTION_TIMEOUT)?,
            session_length: seconds("LIFTGATE_STREAM_SESSION_LENGTH", MOST_SESSION_LENGTH)?,
            connect_args: ConnectArgs::from_env()?,
            max_streams: max_streams()?,
            ..Self::default()
        })
    }

    /// The longest connection timeout that a client may ask for, in seconds.
    pub fn longest_connection_timeout(&self) -> i32 {
        self.connection_timeout.unwrap_or(CONNECTION_TIMEOUT)
    }

    /// The longest stream session that a client may ask for, in seconds.
    pub fn longest_session(&self) -> i32 {
        self.session_length.unwrap_or(SESSION_LENGTH)
    }

    /// The configured application that `given`, an id or ARN, refers to, in the configured form.
    pub fn application(&self, given: &str) -> Option<&str> {
        self.applications.iter().map(String::as_str).find(|own| last_part(own) == last_part(given))
    }

    /// Whether the stream session with this ARN can belong to the stream group, as far as that is known without a
    /// call. Region and account are known if the group is configured by its ARN.
    pub fn may_hold(&self, stream_session_arn: &str) -> bool {
        let Some((place, of_group, _)) = arn_parts(stream_session_arn) else { return false };
        let is_place = match self.stream_group.rsplit_once(":streamgroup/") {
            Some((own, _)) => own == place,
            None => self.region.as_deref().is_none_or(|own| place.split(':').nth(3) == Some(own)),
        };
        is_place && of_group == last_part(&self.stream_group)
    }
}

fn seconds(name: &'static str, most: i32) -> Result<Option<i32>, Error> {
    let Some(value) = variable(name) else { return Ok(None) };
    let seconds = value.parse().ok().filter(|seconds| (1..=most).contains(seconds));
    let bad = || Error::bad_variable(name, format!("has to be a whole number of seconds from 1 to {most}."));
    seconds.map(Some).ok_or_else(bad)
}

fn max_streams() -> Result<usize, Error> {
    let Some(value) = variable("LIFTGATE_MAX_STREAMS") else { return Ok(MAX_STREAMS) };
    let bad = || Error::bad_variable("LIFTGATE_MAX_STREAMS", "has to be a whole number from 0 (no limit) to 100.");
    value.parse().ok().filter(|most| *most <= 100).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("-windowed", "-windowed", true)]
    #[case("-windowed", "-windowed2", false)]
    #[case("-map=*", "-map=Forest", true)]
    #[case("-map=*", "-map", false)]
    #[case("*", "anything", true)]
    fn a_star_stands_for_any_ending(#[case] allowed: &str, #[case] text: &str, #[case] fits: bool) {
        assert_eq!(Allowed::new(allowed).fits(text), fits);
    }

    const PLACE: &str = "arn:aws:gameliftstreams:us-west-2:111122223333";

    #[rstest]
    #[case::own("us-west-2:111122223333:streamsession/sg-1/a", true, true)]
    #[case::group("us-west-2:111122223333:streamsession/sg-2/a", false, false)]
    #[case::region("eu-central-1:111122223333:streamsession/sg-1/a", false, false)]
    #[case::account("us-west-2:999922223333:streamsession/sg-1/a", false, true)]
    #[case::no_session("us-west-2:111122223333:streamgroup/sg-1", false, false)]
    fn a_session_is_known_by_its_place(#[case] rest: &str, #[case] by_arn: bool, #[case] by_id: bool) {
        let arn = format!("arn:aws:gameliftstreams:{rest}");
        let of = |stream_group: &str| StreamConfig {
            stream_group: stream_group.to_owned(),
            region: Some("us-west-2".to_owned()),
            ..StreamConfig::default()
        };
        assert_eq!(of(&format!("{PLACE}:streamgroup/sg-1")).may_hold(&arn), by_arn);
        assert_eq!(of("sg-1").may_hold(&arn), by_id);
    }

    #[test]
    fn an_application_is_known_by_id_or_arn() {
        let arn = format!("{PLACE}:application/a-2");
        let config = StreamConfig { applications: vec!["a-1".to_owned(), arn.clone()], ..StreamConfig::default() };
        assert_eq!(config.application("a-2"), Some(arn.as_str()));
        assert_eq!(config.application(&format!("{PLACE}:application/a-1")), Some("a-1"));
        assert_eq!(config.application("a-3"), None);
    }
}
