//! What a game server does: the calls and the pushes of the Server SDK 5, free of its wire format.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{GameLift, PlayerSessionCreationPolicy, ProcessId};
use crate::ServiceError;

/// A message from the service to a game server.
#[derive(Clone, PartialEq, Eq)]
pub enum ServerPush {
    /// Host this game session: prepare, then call [`GameLift::activate_game_session`].
    CreateGameSession {
        /// The ARN.
        game_session_id: String,
        /// `Name` of `CreateGameSession`.
        game_session_name: Option<String>,
        /// Text that only the game understands.
        game_session_data: Option<String>,
        /// By key.
        game_properties: BTreeMap<String, String>,
        /// How many players fit in.
        maximum_player_session_count: usize,
        /// Where players connect.
        ip_address: String,
        /// Where players connect.
        port: u16,
        /// When it was created. Not on the SDK's wire; it lets a server on the emulated clock
        /// count from there, however late it is told.
        creation_time: Timestamp,
    },
    /// End, calling [`GameLift::process_ending`].
    TerminateProcess {
        /// When the service wants it gone.
        termination_time: Timestamp,
    },
}

/// Without what the game's author put into the game session.
impl std::fmt::Debug for ServerPush {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateGameSession { game_session_id, .. } => {
                f.debug_struct("CreateGameSession").field("game_session_id", game_session_id).finish_non_exhaustive()
            }
            Self::TerminateProcess { termination_time } => {
                f.debug_struct("TerminateProcess").field("termination_time", termination_time).finish()
            }
        }
    }
}

/// A game server's line to the service. Dropping it without [`GameLift::process_ending`] is a
/// crash: the game session ends with it.
#[derive(Debug)]
pub struct ProcessConnection {
    id: ProcessId,
    pushes: mpsc::UnboundedReceiver<ServerPush>,
    gamelift: Weak<GameLift>,
}

impl ProcessConnection {
    /// Names the process in the calls of [`GameLift`].
    pub fn id(&self) -> &ProcessId {
        &self.id
    }

    /// Waits for the next push; `None` once the process has ended or the service is gone.
    pub async fn next_push(&mut self) -> Option<ServerPush> {
        self.pushes.recv().await
    }
}

impl Drop for ProcessConnection {
    fn drop(&mut self) {
        if let Some(gamelift) = self.gamelift.upgrade() {
            // An error says that it has ended before.
            drop(gamelift.process_crashed(&self.id));
        }
    }
}

/// The calls of a game server. Unknown ids are a `NotFoundException`, anything else that is wrong
/// an `InvalidRequestException` (the codes of the real WebSocket service are unknown: inferred).
impl GameLift {
    /// A game server connects (`InitSDK`). Without `process_id` it gets one.
    ///
    /// # Errors
    /// The compute is not registered to the fleet; the process is already connected.
    pub fn connect_process(
        self: &Arc<Self>,
        fleet_id: &str,
        compute_name: &str,
        process_id: Option<&str>,
    ) -> Result<ProcessConnection, ServiceError> {
        let (id, pushes) = self.with_state(|state| state.connect_process(fleet_id, compute_name, process_id))?;
        Ok(ProcessConnection { id, pushes, gamelift: Arc::downgrade(self) })
    }

    /// The process can host a game session from now on (`ProcessReady`). An adapter calls this at
    /// the first heartbeat: until then the SDKs ignore game sessions.
    ///
    /// # Errors
    /// The process is unknown or was ready before; the port is not 1 to 60000.
    pub fn process_ready(&self, process: &ProcessId, port: u16) -> Result<(), ServiceError> {
        self.with_state(|state| state.process_ready(process, port))
    }

    /// Players can join from now on (`ActivateGameSession`).
    ///
    /// # Errors
    /// The process does not host this game session; it is not ACTIVATING.
    pub fn activate_game_session(&self, process: &ProcessId, game_session: &str) -> Result<(), ServiceError> {
        self.with_state(|state| state.activate_game_session(process, game_session))
    }

    /// The player of a reservation has connected (`AcceptPlayerSession`).
    ///
    /// # Errors
    /// The player session is not one of the process's game session; it is not RESERVED.
    pub fn accept_player_session(
        &self,
        process: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.accept_player_session(process, game_session, player_session))
    }

    /// The player has left (`RemovePlayerSession`).
    ///
    /// # Errors
    /// The player session is not one of the process's game session; it has ended.
    pub fn remove_player_session(
        &self,
        process: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.remove_player_session(process, game_session, player_session))
    }

    /// Opens or closes the game session to new players (`UpdatePlayerSessionCreationPolicy`).
    ///
    /// # Errors
    /// The process does not host this game session.
    pub fn update_player_session_creation_policy(
        &self,
        process: &ProcessId,
        game_session: &str,
        policy: PlayerSessionCreationPolicy,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.update_player_session_creation_policy(process, game_session, policy))
    }

    /// The process ends, and its game session with it (`ProcessEnding`).
    ///
    /// # Errors
    /// The process is unknown.
    pub fn process_ending(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.end_process(process, "ProcessEnding"))
    }

    /// The process is gone without [`GameLift::process_ending`].
    ///
    /// # Errors
    /// The process is unknown.
    pub fn process_crashed(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.end_process(process, "process crashed"))
    }

    /// Since when the process's game session has had neither RESERVED nor ACTIVE player sessions.
    /// `None` while it has some, and without a game session.
    pub fn empty_since(&self, process: &ProcessId) -> Option<Timestamp> {
        self.with_state(|state| state.hosted_game_session(process)?.empty_since)
    }
}
