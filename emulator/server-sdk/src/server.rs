//! The calls and the events of a game server.

use std::time::Duration;

use emulator_core::{clock::Clock, model::gamelift::PlayerSessionCreationPolicy};
use serde_json::{Map, Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    backfill::StartMatchBackfill,
    driver::{Call, Driver},
    error::Error,
    events::{Event, PlayerSession},
    parameters::{SDK_LANGUAGE, SDK_VERSION, ServerParameters},
};

/// How long a call waits for its answer, as in AWS's SDKs.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Most calls, and most events, that may wait to be read.
const QUEUE: usize = 64;

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

/// The calls of a game server. The connection closes when all clones are dropped.
#[derive(Clone, Debug)]
pub struct Server {
    calls: mpsc::Sender<Call>,
    healthy: watch::Sender<bool>,
}

/// The service's messages to the game server, in order.
#[derive(Debug)]
pub struct Events {
    received: mpsc::Receiver<Event>,
}

impl Events {
    /// Waits for the next event; `None` when the connection has ended permanently.
    pub async fn next(&mut self) -> Option<Event> {
        self.received.recv().await
    }
}

/// Every call fails when the service refuses it, when no answer comes in 20 seconds, or when the connection is lost
/// meanwhile.
impl Server {
    /// Reports that the game server can host a game session and that players will reach it at `port` (`ProcessReady`).
    /// Heartbeats are sent from here on.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn process_ready(&self, port: u16, log_paths: &[String]) -> Result<(), Error> {
        let members = json!({
            "SdkVersion": SDK_VERSION,
            "SdkLanguage": SDK_LANGUAGE,
            "Port": port,
            "LogPaths": log_paths,
        });
        self.call("ActivateServerProcess", members).await.map(drop)
    }

    /// Reports that players can join from here on.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn activate_game_session(&self, game_session_id: &str) -> Result<(), Error> {
        self.call("ActivateGameSession", json!({ "GameSessionId": game_session_id })).await.map(drop)
    }

    /// Reports that the player who presented this id has connected. Fails if there is no reservation for it.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn accept_player_session(&self, game_session_id: &str, player_session_id: &str) -> Result<(), Error> {
        let members = json!({ "GameSessionId": game_session_id, "PlayerSessionId": player_session_id });
        self.call("AcceptPlayerSession", members).await.map(drop)
    }

    /// Reports that the player has left.
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

    /// Returns all player sessions of the game session.
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

    /// Asks for players for the open slots of the game session, which a match has made. Returns the ticket's id; its end
    /// is an [`Event::UpdateGameSession`].
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn start_match_backfill(&self, request: &StartMatchBackfill) -> Result<String, Error> {
        let members = serde_json::to_value(request).map_err(Error::unreadable)?;
        match self.call("StartMatchBackfill", members).await?.remove("TicketId") {
            Some(Value::String(ticket)) => Ok(ticket),
            _ => Err(Error::unreadable("there is no TicketId")),
        }
    }

    /// Ends a backfill of the game session, an automatic one too.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn stop_match_backfill(
        &self,
        game_session_arn: &str,
        matchmaking_configuration_arn: &str,
        ticket_id: &str,
    ) -> Result<(), Error> {
        let members = json!({
            "GameSessionArn": game_session_arn,
            "MatchmakingConfigurationArn": matchmaking_configuration_arn,
            "TicketId": ticket_id,
        });
        self.call("StopMatchBackfill", members).await.map(drop)
    }

    /// Returns the path of the TLS certificate that the compute was registered with, empty without one.
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

    /// Sets the health that the next heartbeats report. The service ends a game server that is not healthy three times.
    pub fn set_healthy(&self, healthy: bool) {
        self.healthy.send_replace(healthy);
    }

    /// Reports that the game server ends, and its game session with it. The service closes the connection.
    ///
    /// # Errors
    /// See [`Server`].
    pub async fn process_ending(&self) -> Result<(), Error> {
        self.call("TerminateServerProcess", json!({})).await.map(drop)
    }

    /// Sends any request by its name, with its members, for calls that have no method here. Returns the members of the
    /// response.
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
