//! Game session and stream in one call. `create_session`, `find_or_create_session` and `join_session` with a member
//! `stream` also let the caller into a stream. The launch arguments tell its application where to connect to.
//!
//! The game session comes first, because the stream is started with its address. Everything that can be checked is
//! checked before either is made. Both share the 25 s of the call: the first half leaves at least `TIME_TO_STREAM`,
//! and the second leaves `TIME_TO_TAKE_BACK`.
//!
//! # When the second half fails
//!
//! The answer is its error, with the result of the first half. A game session that the call has made is terminated,
//! unless an `Idempotency-Key` lets the client come back for it. A game session that was found or joined is left
//! alone: the place in it is free again if the player does not come within 60 s.

use std::time::Duration;

use aws::{
    clients::{self, Streams},
    gamelift::{DescribePlayerSessions, TerminateGameSession},
    streams::TerminateStreamSession,
};
use aws_config::SdkConfig;
use aws_sdk_gamelift::types::PlayerSession;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use shared::{
    Answer, Code, Error,
    deadline::{Deadline, within},
    hash::hex_sha256,
    request::{Fields, Member, members::Object},
    terms::Terms,
};
use store::Store;

use crate::{
    config::{
        connect_args::{ConnectArgs, MAX_LAUNCH_ARGS, Placeholder},
        streams::StreamConfig,
    },
    looks::sharing::Looks,
    party::Party,
    present,
    sessions::take_back::take_back,
    start::Started,
    streams::{
        answer::Entered,
        asked::Asked,
        enter::{EnterCalls, enter},
        places::Places,
        wanted::Connection,
    },
};

/// The member that asks for a stream.
pub const STREAM: Member<Object> = Member::object(
    "stream",
    Asked::MEMBERS,
    "Also lets the caller into a stream of the game session: the members of /reconnect_stream's body without uuid.",
);

/// Time kept free after the game session for the stream.
const TIME_TO_STREAM: Duration = Duration::from_secs(8);

/// Time kept free after the stream to terminate the game session if the stream fails.
const TIME_TO_TAKE_BACK: Duration = Duration::from_secs(2);

/// The encoded characters. A client may have chosen its player id, which must not smuggle anything into a launch
/// argument.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Streams for game sessions, or why there are none.
#[derive(Debug)]
pub struct Streaming<S = Streams>(Result<Backend<S>, Error>);

#[derive(Debug)]
struct Backend<S> {
    streams: S,
    places: Places,
    connect_args: ConnectArgs,
}

/// A call's request for a stream: none, or one for its game session.
#[derive(Debug)]
pub struct Ticket<'a, S>(Option<Stream<'a, S>>);

#[derive(Debug)]
struct Stream<'a, S> {
    backend: &'a Backend<S>,
    asked: Asked,
}

impl Streaming {
    /// Reads the settings from the environment. Without a stream group no client is made, which would only lengthen a
    /// cold start. A bad setting does not affect game sessions without a stream.
    pub fn from_env(aws: &SdkConfig) -> Self {
        let config = StreamConfig::from_env();
        if let Some(error) = config.as_ref().err().filter(|_| StreamConfig::names_a_group()) {
            tracing::error!(code = error.code().as_str(), "no streams for game sessions: {}", error.detail());
        }
        Self::new(config, || clients::streams(aws))
    }

    /// No streams.
    pub fn none() -> Self {
        Self(Err(StreamConfig::missing()))
    }
}

impl<S> Streaming<S> {
    /// Streams as `config` says. `make` makes the client, if `config` is valid.
    pub fn new(config: Result<StreamConfig, Error>, make: impl FnOnce() -> S) -> Self {
        Self(config.and_then(|config| {
            let connect_args = config.connect_args.clone().ok_or_else(ConnectArgs::missing)?;
            Ok(Backend { streams: make(), places: Places::new(config), connect_args })
        }))
    }

    /// The same, whose stream sessions are looked at by `looks`.
    #[must_use]
    pub fn with_looks(self, looks: Looks) -> Self {
        Self(self.0.map(|backend| Backend { places: backend.places.with_looks(looks), ..backend }))
    }

    /// The same with a store, if there is one.
    #[must_use]
    pub fn with_store(self, store: Option<Store>) -> Self {
        Self(self.0.map(|backend| Backend { places: backend.places.with_store(store), ..backend }))
    }

    /// Reads `stream`, an object with the members of `reconnect_stream`'s body. `fields` collects the errors.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` when a stream is asked for and none is configured.
    pub fn read(&self, fields: &mut Fields) -> Result<Ticket<'_, S>, Error> {
        if fields.is_absent(STREAM.name) {
            return Ok(Ticket(None));
        }
        let backend = self.0.as_ref().map_err(Clone::clone)?;
        let Some(mut inner) = fields.open(&STREAM) else { return Ok(Ticket(None)) };
        let asked = Asked::read(&mut inner, backend.places.config());
        let own = backend.connect_args.count();
        if own + asked.wanted.launch_args.len() > MAX_LAUNCH_ARGS {
            let left = MAX_LAUNCH_ARGS - own;
            inner.error(
                "launch_args",
                format!("takes {left} at most: the others tell the application its game session"),
            );
        }
        fields.close(inner);
        Ok(Ticket(Some(Stream { backend, asked })))
    }
}

impl<S> Ticket<'_, S> {
    /// Checks the offer and the player's id before anything is made.
    ///
    /// # Errors
    /// `INVALID_SIGNAL_REQUEST`; `INVALID_REQUEST` for an id that makes a launch argument too long.
    pub fn check(&self, party: &Party) -> Result<(), Error> {
        let Some(Stream { backend, asked }) = &self.0 else { return Ok(()) };
        asked.wanted.check_offer()?;
        if backend.connect_args.fit(&encoded(party.caller().id())) {
            return Ok(());
        }
        Err(Error::invalid_field("uuid", "is too long for a launch argument of the stream."))
    }

    /// The terms for the game session: the call's, but with time left for the stream.
    pub fn first_half(&self, terms: &Terms) -> Terms {
        let mut first = terms.clone();
        if self.0.is_some() {
            first.deadline = terms.deadline.keep(TIME_TO_STREAM);
            first.patience = terms.patience.map(|patience| patience.min(first.deadline));
        }
        first
    }
}

impl<S> Ticket<'_, S>
where
    S: EnterCalls,
{
    /// The answer of a call that has found its game session, with the stream.
    ///
    /// # Errors
    /// Those of [`crate::streams::enter`], with `GameSessionId` and `PlayerSessionId`.
    pub async fn complete(self, started: &Started, party: &Party, terms: &Terms) -> Result<Answer, Error> {
        self.answer(started, party, terms).await.map_err(|error| {
            let left = match started {
                Started::Hosted(_) => "The player can enter the game session all the same",
                _ => "The place in the game session stays reserved for 60 s after its CreationTime",
            };
            explained(error, format!("{left}; POST /join_session with this GameSessionId and `stream` to go on."))
        })
    }

    /// The answer of a call that has made its game session, with the stream. If the stream fails and no
    /// `Idempotency-Key` leads back to it, the game session is terminated.
    ///
    /// # Errors
    /// As [`Ticket::complete`].
    pub async fn complete_new(
        self,
        gamelift: &(impl DescribePlayerSessions + TerminateGameSession),
        started: &Started,
        party: &Party,
        terms: &Terms,
    ) -> Result<Answer, Error> {
        let backend = self.0.as_ref().map(|stream| stream.backend);
        let error = match self.answer(started, party, terms).await {
            Err(error) => error,
            answer => return answer,
        };
        let left = match (started, backend) {
            _ if terms.key.is_some() => "Send the same request with the same Idempotency-Key to try the stream again.",
            (Started::Hosted(_), _) => "The claim of the game server ends after 60 s by itself unless players come.",
            (_, Some(backend)) => {
                let id = seat(started).and_then(PlayerSession::game_session_id).unwrap_or_default();
                let (is_over, ()) = tokio::join!(
                    take_back(gamelift, id, party, terms.deadline),
                    backend.end_what_may_run(&error, terms.deadline)
                );
                if is_over {
                    "The game session that was made for it is terminated."
                } else {
                    "The game session that was made for it goes on: others are in it, or it could not be terminated."
                }
            }
            (_, None) => return Err(error),
        };
        Err(explained(error, left))
    }

    /// The player session together with the stream. A game session that is still starting gets no stream yet.
    async fn answer(self, started: &Started, party: &Party, terms: &Terms) -> Result<Answer, Error> {
        let mut answer = present::started(started, party);
        let (Some(seat), Some(stream)) = (seat(started), self.0) else { return Ok(answer) };
        let entered = stream.enter(seat, matches!(started, Started::Hosted(_)), party, terms).await;
        let with_id = |error: Error, name: &str, id: Option<&str>| match id {
            Some(id) => error.with_member(name, id),
            None => error,
        };
        let entered = entered.map_err(|error| {
            let error = with_id(error, "GameSessionId", seat.game_session_id());
            with_id(error, "PlayerSessionId", seat.player_session_id())
        })?;
        answer.body["Stream"] = Value::Object(entered.members());
        Ok(answer)
    }
}

impl<S> Stream<'_, S>
where
    S: EnterCalls,
{
    /// Lets the caller into a stream of the game session. The wait ends before the call does, because the player
    /// session is worth an answer in any case.
    async fn enter(
        mut self,
        seat: &PlayerSession,
        is_hosted: bool,
        party: &Party,
        terms: &Terms,
    ) -> Result<Entered, Error> {
        let Backend { streams, places, connect_args } = self.backend;
        self.asked.wanted.connection = Some(connection(connect_args, seat, is_hosted)?);
        let deadline = terms.deadline.keep(TIME_TO_TAKE_BACK);
        let patience = Some(deadline.or_before(terms.patience));
        let terms = Terms { deadline, patience, ..terms.clone() };
        enter(streams, places, &self.asked, party.caller(), &terms).await
    }
}

impl<S: TerminateStreamSession> Backend<S> {
    /// Terminates the stream session that may be running despite the error: it leads to a game session that has
    /// ended. If it cannot be terminated yet, it ends by itself, because no client connects.
    async fn end_what_may_run(&self, error: &Error, deadline: Deadline) {
        let id = error.members().get("StreamSessionId").and_then(Value::as_str);
        if let Some(id) = id.filter(|_| error.code().is_passing()) {
            let group = &self.places.config().stream_group;
            let ended = within(deadline, self.streams.terminate_stream_session(group, id)).await;
            tracing::info!(stream_session_id = id, ended = ended.is_ok(), "a stream of a game session that is over");
        }
    }
}

/// The caller's player session, once there is one.
fn seat(started: &Started) -> Option<&PlayerSession> {
    match started {
        Started::Seated(seats) | Started::Joined(seats) => seats.first(),
        Started::Hosted(hosted) => hosted.seats.first(),
        Started::Activating(_) | Started::Pending(_) | Started::Waiting(..) => None,
    }
}

/// The connection of the application to the game session.
fn connection(args: &ConnectArgs, seat: &PlayerSession, is_hosted: bool) -> Result<Connection, Error> {
    let (Some(ip), Some(port)) = (seat.ip_address().filter(|ip| !ip.is_empty()), seat.port()) else {
        return Err(Error::new(Code::UpstreamError, "The player session has no address for the stream."));
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    // A game server can be registered again under its id, for another game session, so the id does not identify the
    // game session. A player session id is made from the game session's key and the player, so it does.
    let game = if is_hosted { seat.player_session_id() } else { seat.game_session_id() };
    let game = hex_sha256(&[game.unwrap_or_default().as_bytes()])[..32].to_owned();
    let args = args.fill(|placeholder| match placeholder {
        Placeholder::IpAddress => ip.to_owned(),
        Placeholder::Port => port.to_string(),
        Placeholder::DnsName => seat.dns_name().filter(|name| !name.is_empty()).unwrap_or(ip).to_owned(),
        Placeholder::PlayerSessionId => text(seat.player_session_id()),
        Placeholder::GameSessionId => text(seat.game_session_id()),
        Placeholder::PlayerId => encoded(seat.player_id().unwrap_or_default()),
    });
    Ok(Connection { game, args })
}

fn encoded(player_id: &str) -> String {
    utf8_percent_encode(player_id, ENCODED).to_string()
}

/// The error, with the state of the game session added.
fn explained(error: Error, left: impl std::fmt::Display) -> Error {
    if !error.members().contains_key("GameSessionId") {
        return error;
    }
    let (code, detail) = (error.code(), format!("{} {left}", error.detail()));
    error.with_code(code, detail)
}
