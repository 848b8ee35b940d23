//! A small Server SDK 5 for game servers in Rust.
//!
//! It speaks the protocol of AWS's Server SDK 5 and has its calls, so it reads like one:
//!
//! ```no_run
//! use gamelift_emulator::{Clock, server_sdk::client::{self, Event, ServerParameters}};
//!
//! # async fn run() -> Result<(), client::Error> {
//! let parameters = ServerParameters::from_env()?;
//! let (server, mut events) = client::init_sdk(parameters, Clock::new(1.0)).await?;
//! server.process_ready(7777, &[]).await?;
//! while let Some(event) = events.next().await {
//!     match event {
//!         Event::StartGameSession(session) => server.activate_game_session(&session.game_session_id).await?,
//!         Event::UpdateGameSession(_) => {}
//!         Event::ProcessTerminate { .. } => break,
//!     }
//! }
//! server.process_ending().await?;
//! # Ok(()) }
//! ```
//!
//! What AWS's SDKs hand to callbacks comes out of [`Events`]. Heartbeats are sent from
//! `process_ready` on. A lost connection is made again with the same idempotency token; so is one that was
//! lost without a word, after the second heartbeat without an answer. A `RefreshConnection` is followed.
//! Unlike AWS's SDKs, [`init_sdk`] gives up at once when it is refused. Emulated time, for heartbeats, comes
//! from a [`Clock`]; everything about the network is in real time.

mod driver;
mod error;
mod parameters;
mod socket;

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use self::driver::{Call, Driver};
pub use self::{error::Error, parameters::ServerParameters};
use crate::{Clock, gamelift::PlayerSessionCreationPolicy};

/// How long a call waits for its answer, as in AWS's SDKs.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Calls and events that may wait for the other side to look.
const QUEUE: usize = 64;

/// A game session that the game server is to host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GameSession {
    /// The ARN.
    pub game_session_id: String,
    /// `Name` of `CreateGameSession`, empty without one.
    #[serde(alias = "GameSessionName", deserialize_with = "or_default")]
    pub name: String,
    /// Text that only the game understands, empty without any.
    #[serde(deserialize_with = "or_default")]
    pub game_session_data: String,
    /// By key.
    #[serde(deserialize_with = "or_default")]
    pub game_properties: std::collections::BTreeMap<String, String>,
    /// How many players fit in.
    pub maximum_player_session_count: usize,
    /// Where players are sent to.
    #[serde(deserialize_with = "or_default")]
    pub ip_address: String,
    /// Where players are sent to.
    pub port: u16,
}

/// A player session of `DescribePlayerSessions`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlayerSession {
    /// The id that the player brings.
    pub player_session_id: String,
    /// Who it is.
    pub player_id: String,
    /// `RESERVED`, `ACTIVE`, `COMPLETED` or `TIMEDOUT`.
    pub status: String,
    /// Milliseconds since 1970.
    pub creation_time: i64,
    /// Milliseconds since 1970; 0 until it ends.
    #[serde(default)]
    pub termination_time: i64,
}

/// What the service tells the game server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Prepare the game session, then call [`Server::activate_game_session`].
    StartGameSession(GameSession),
    /// Matchmaking has changed the game session.
    UpdateGameSession(GameSession),
    /// End, with [`Server::process_ending`] as the last call.
    ProcessTerminate {
        /// When the service ends the process if it has not ended by then.
        termination_time: Timestamp,
    },
}

fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Connects a game server to the service (`InitSDK`).
///
/// # Errors
/// The service cannot be reached, or refuses the game server.
pub async fn init_sdk(parameters: ServerParameters, clock: Clock) -> Result<(Server, Events), Error> {
    let (calls, waiting) = mpsc::channel(QUEUE);
    let (events, received) = mpsc::channel(QUEUE);
    let (healthy, health) = watch::channel(true);
    let driver = Driver::connect(parameters, clock, waiting, events, health).await?;
    tokio::spawn(driver.run());
    Ok((Server { calls, healthy }, Events { received }))
}

/// The calls of a game server. The connection closes when this and [`Events`] are dropped.
#[derive(Clone, Debug)]
pub struct Server {
    calls: mpsc::Sender<Call>,
    healthy: watch::Sender<bool>,
}

/// What the service tells the game server, in order.
#[derive(Debug)]
pub struct Events {
    received: mpsc::Receiver<Event>,
}

impl Events {
    /// Waits for the next event; `None` when the connection has ended for good.
    pub async fn next(&mut self) -> Option<Event> {
        self.received.recv().await
    }
}

/// Every call fails when the service refuses it, when it does not answer in 20 seconds, and when the
/// connection is lost meanwhile.
impl Server {
    /// The game server can host a game session, players will reach it at `port` (`ProcessReady`).
    /// Heartbeats are sent from here on.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn process_ready(&self, port: u16, log_paths: &[String]) -> Result<(), Error> {
        let members = json!({
            "SdkVersion": parameters::SDK_VERSION,
            "SdkLanguage": parameters::SDK_LANGUAGE,
            "Port": port,
            "LogPaths": log_paths,
        });
        self.call("ActivateServerProcess", members).await.map(drop)
    }

    /// Players can join from here on.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn activate_game_session(&self, game_session_id: &str) -> Result<(), Error> {
        self.call("ActivateGameSession", json!({ "GameSessionId": game_session_id })).await.map(drop)
    }

    /// The player who brought this id has connected: whether there is a reservation for it.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn accept_player_session(&self, game_session_id: &str, player_session_id: &str) -> Result<(), Error> {
        let members = json!({ "GameSessionId": game_session_id, "PlayerSessionId": player_session_id });
        self.call("AcceptPlayerSession", members).await.map(drop)
    }

    /// The player has left.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn remove_player_session(&self, game_session_id: &str, player_session_id: &str) -> Result<(), Error> {
        let members = json!({ "GameSessionId": game_session_id, "PlayerSessionId": player_session_id });
        self.call("RemovePlayerSession", members).await.map(drop)
    }

    /// Opens or closes the game session to new players.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn update_player_session_creation_policy(
        &self,
        game_session_id: &str,
        policy: PlayerSessionCreationPolicy,
    ) -> Result<(), Error> {
        let members = json!({ "GameSessionId": game_session_id, "PlayerSessionPolicy": policy });
        self.call("UpdatePlayerSessionCreationPolicy", members).await.map(drop)
    }

    /// All player sessions of the game session.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn describe_player_sessions(&self, game_session_id: &str) -> Result<Vec<PlayerSession>, Error> {
        let mut sessions = Vec::new();
        let mut members = json!({ "GameSessionId": game_session_id, "Limit": 100 });
        loop {
            let mut page = self.call("DescribePlayerSessions", members.clone()).await?;
            let found = page.remove("PlayerSessions").unwrap_or_default();
            sessions.extend(serde_json::from_value::<Vec<_>>(found).map_err(Error::unreadable)?);
            match page.remove("NextToken") {
                Some(Value::String(token)) if !token.is_empty() => members["NextToken"] = token.into(),
                _ => return Ok(sessions),
            }
        }
    }

    /// The path of the TLS certificate that the compute was registered with, empty without one.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn compute_certificate(&self) -> Result<String, Error> {
        let mut members = self.call("GetComputeCertificate", json!({})).await?;
        match members.remove("CertificatePath") {
            Some(Value::String(path)) => Ok(path),
            _ => Ok(String::new()),
        }
    }

    /// What the next heartbeats say. A game server that is not healthy three times is ended.
    pub fn set_healthy(&self, healthy: bool) {
        self.healthy.send_replace(healthy);
    }

    /// The game server ends, and its game session with it. The service closes the connection.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn process_ending(&self) -> Result<(), Error> {
        self.call("TerminateServerProcess", json!({})).await.map(drop)
    }

    /// Any request by its name, with its members: for the calls that have no method here. Returns the
    /// members of the response.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn call(&self, action: &'static str, members: Value) -> Result<Map<String, Value>, Error> {
        let (answer, answered) = oneshot::channel();
        let call = Call { action, members, answer };
        let answer = timeout(CALL_TIMEOUT, async {
            self.calls.send(call).await.map_err(|_| Error::Closed)?;
            answered.await.map_err(|_| Error::Closed)?
        });
        answer.await.map_err(|_| Error::NoAnswer)?
    }
}
