//! Server processes: connected, available, hosting one game session, gone.

use std::{fmt, sync::Arc};

use tokio::sync::mpsc;

use super::{Compute, GameSession, GameSessionStatus, PlayerSessionCreationPolicy, PlayerSessionStatus, State};
use crate::{
    ServiceError,
    gamelift::{
        ServerPush,
        exceptions::{invalid_request, not_found},
    },
};

/// Names one run of a game server (the Server SDK's `processId`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId(String);

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A game server that is connected. It is forgotten when it ends: a process hosts one game session.
#[derive(Debug)]
pub(in crate::gamelift) struct ServerProcess {
    /// See [`State::next_number`].
    pub(in crate::gamelift) number: u64,
    pub(in crate::gamelift) compute: Arc<Compute>,
    /// Changed by [`State::set_process_status`] only.
    pub(in crate::gamelift) status: ProcessStatus,
    pushes: mpsc::UnboundedSender<ServerPush>,
}

/// What a process is doing. That it hosts at most one game session follows from the type.
#[derive(Debug)]
pub(in crate::gamelift) enum ProcessStatus {
    /// Not ready yet.
    Connected,
    /// Waits for a game session.
    Available { port: u16 },
    /// The ARN of its game session, whatever its status but TERMINATED.
    Hosting { game_session: String },
    /// Lost its game session and has been asked to end.
    Ending,
}

impl ProcessStatus {
    fn name(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Available { .. } => "available",
            Self::Hosting { .. } => "hosting",
            Self::Ending => "ending",
        }
    }
}

impl State {
    /// A game server connects from a compute that is registered to the fleet.
    pub(in crate::gamelift) fn connect_process(
        &mut self,
        fleet_id: &str,
        compute_name: &str,
        id: Option<&str>,
    ) -> Result<(ProcessId, mpsc::UnboundedReceiver<ServerPush>), ServiceError> {
        let compute = self
            .computes
            .iter()
            .find(|compute| compute.fleet_id == fleet_id && compute.name == compute_name)
            .ok_or_else(|| not_found("Compute", compute_name))?;
        let compute = Arc::clone(compute);
        let id = ProcessId(id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned));
        if self.processes.contains_key(&id) {
            return Err(invalid_request(format!("Process {id} is already connected.")));
        }
        let (pushes, receiver) = mpsc::unbounded_channel();
        let number = self.next_number();
        let process = ServerProcess { number, compute, status: ProcessStatus::Connected, pushes };
        tracing::debug!(process = %id, to = process.status.name(), "server process");
        self.processes.insert(id.clone(), process);
        Ok((id, receiver))
    }

    /// The process waits for a game session, players reach it at `port`.
    pub(in crate::gamelift) fn process_ready(&mut self, id: &ProcessId, port: u16) -> Result<(), ServiceError> {
        if !(1..=60_000).contains(&port) {
            return Err(invalid_request(format!("Port {port} is not between 1 and 60000.")));
        }
        match self.process(id)?.status {
            ProcessStatus::Connected => {
                self.set_process_status(id, ProcessStatus::Available { port });
                Ok(())
            }
            _ => Err(invalid_request(format!("Process {id} has been ready before."))),
        }
    }

    pub(in crate::gamelift) fn activate_game_session(
        &mut self,
        id: &ProcessId,
        game_session: &str,
    ) -> Result<(), ServiceError> {
        self.check_hosting(id, game_session)?;
        let session = self.game_session(game_session)?;
        if session.status != GameSessionStatus::Activating {
            return Err(invalid_request(format!("Game session {game_session} is {}.", session.status.name())));
        }
        let now = self.now;
        self.set_game_session_status(game_session, GameSessionStatus::Active, "ActivateGameSession");
        if let Some(session) = self.game_sessions.get_mut(game_session) {
            session.empty_since = Some(now);
        }
        Ok(())
    }

    /// The player has connected. Only a RESERVED player session can be accepted (which errors the
    /// others get is inferred).
    pub(in crate::gamelift) fn accept_player_session(
        &mut self,
        id: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<(), ServiceError> {
        match self.hosted_player_session(id, game_session, player_session)? {
            PlayerSessionStatus::Reserved => {
                self.set_player_session_status(player_session, PlayerSessionStatus::Active);
                Ok(())
            }
            status => Err(invalid_request(format!("Player session {player_session} is {}.", status.name()))),
        }
    }

    /// The player has left.
    pub(in crate::gamelift) fn remove_player_session(
        &mut self,
        id: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<(), ServiceError> {
        let status = self.hosted_player_session(id, game_session, player_session)?;
        if !status.takes_slot() {
            return Err(invalid_request(format!("Player session {player_session} is {}.", status.name())));
        }
        self.set_player_session_status(player_session, PlayerSessionStatus::Completed);
        Ok(())
    }

    pub(in crate::gamelift) fn update_player_session_creation_policy(
        &mut self,
        id: &ProcessId,
        game_session: &str,
        policy: PlayerSessionCreationPolicy,
    ) -> Result<(), ServiceError> {
        self.check_hosting(id, game_session)?;
        if let Some(session) = self.game_sessions.get_mut(game_session) {
            session.policy = policy;
        }
        Ok(())
    }

    /// The process is gone, and its game session with it.
    pub(in crate::gamelift) fn end_process(&mut self, id: &ProcessId, why: &str) -> Result<(), ServiceError> {
        let process = self.processes.remove(id).ok_or_else(|| not_found("Process", &id.0))?;
        tracing::info!(process = %id, from = process.status.name(), why, "server process ended");
        if let ProcessStatus::Hosting { game_session } = process.status {
            self.end_game_session(&game_session, why);
        }
        Ok(())
    }

    /// The one place where a process's status changes, but for its end.
    pub(super) fn set_process_status(&mut self, id: &ProcessId, to: ProcessStatus) {
        let process = self.processes.get_mut(id).expect("the caller looked it up");
        let from = std::mem::replace(&mut process.status, to);
        tracing::debug!(process = %id, from = from.name(), to = process.status.name(), "server process");
    }

    pub(super) fn push(&self, id: &ProcessId, push: ServerPush) {
        // A receiver that is gone ends the process by itself, see `ProcessConnection`.
        if let Some(process) = self.processes.get(id) {
            drop(process.pushes.send(push));
        }
    }

    /// The game session that the process hosts.
    pub(in crate::gamelift) fn hosted_game_session(&self, id: &ProcessId) -> Option<&GameSession> {
        match &self.processes.get(id)?.status {
            ProcessStatus::Hosting { game_session } => self.game_sessions.get(game_session),
            _ => None,
        }
    }

    fn process(&self, id: &ProcessId) -> Result<&ServerProcess, ServiceError> {
        self.processes.get(id).ok_or_else(|| not_found("Process", &id.0))
    }

    fn check_hosting(&self, id: &ProcessId, game_session: &str) -> Result<(), ServiceError> {
        match &self.process(id)?.status {
            ProcessStatus::Hosting { game_session: hosted } if hosted == game_session => Ok(()),
            _ => Err(not_found("On this process, game session", game_session)),
        }
    }

    fn hosted_player_session(
        &self,
        id: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<PlayerSessionStatus, ServiceError> {
        self.check_hosting(id, game_session)?;
        let session = self.player_session(player_session)?;
        if session.game_session != game_session {
            return Err(not_found("In this game session, player session", player_session));
        }
        Ok(session.status)
    }
}
