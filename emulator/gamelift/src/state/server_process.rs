//! Server processes: connected, ready, available, hosting one game session, gone.
//!
//! A process is identified by its id, not by its connection: SDKs reconnect, and a refreshed connection overlaps the
//! old one. Pushes go to the newest connection and wait while there is none.

use std::sync::Arc;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{conflict, invalid_request, not_found, unauthorized},
    gamelift::{GameSessionStatus, PlayerSessionCreationPolicy, PlayerSessionStatus},
};
use tokio::sync::mpsc;

use crate::{
    resources::{
        compute::{Compute, TokenUse},
        connect_request::ConnectRequest,
        game_session::GameSession,
        line::{NotConnected, Order},
        server_process::{ProcessId, ProcessStatus, ServerProcess},
        server_push::ServerPush,
    },
    state::{event::Event, whole::State},
    types::FleetIdOrArn,
};

/// The longest process id or `IdempotencyToken` (inferred). Real ids are UUIDs or names that developers choose.
const MAX_ID_LENGTH: usize = 256;
/// How many ended processes are remembered, to refuse game servers that do not know of their end.
const MAX_ENDED_RUNS: usize = 1000;

impl State {
    /// Connects a game server from a compute that is registered to the fleet, for the first time or again. The
    /// connections `dead` of its process are known to be lost.
    pub(crate) fn connect_process(
        &mut self,
        request: &ConnectRequest,
        dead: &[u64],
    ) -> Result<(ProcessId, u64, mpsc::Receiver<Order>), NotConnected> {
        self.admit_compute(&request.fleet_id, &request.compute_name);
        let compute = self.compute_of_connection(request)?;
        let id = ProcessId(request.process_id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()));
        for (what, value) in
            [("process id (pID)", Some(&id.0)), ("IdempotencyToken", request.idempotency_token.as_ref())]
        {
            if value.is_some_and(|value| value.chars().count() > MAX_ID_LENGTH) {
                return Err(invalid_request(format!("The {what} is longer than {MAX_ID_LENGTH} characters.")).into());
            }
        }
        // Without an `IdempotencyToken`, the ended run cannot be told from a new one, and on AWS a process id is valid
        // for one run only.
        if self.ended_runs.iter().any(|(ended, over)| *ended == id && *over == request.idempotency_token) {
            return Err(conflict(
                "This process has ended, or was given up while it had no connection. A game server that goes on \
                 has to be started again, and under another process id (pID) if its SDK has no IdempotencyToken.",
            )
            .into());
        }
        let number = self.next_number();
        match self.processes.get_mut(&id) {
            Some(known) if known.compute.arn != compute.arn => {
                return Err(conflict("A process with this id runs on another compute.").into());
            }
            Some(known) => known.admit(request, dead)?,
            None => {
                let is_sample_server = self.is_sample_servers(request.authorization.as_ref());
                self.add_process(&id, compute, is_sample_server);
            }
        }
        let process = self.processes.get_mut(&id).expect("it is known or was added");
        let receiver = process.connect(number, request);
        Ok((id, number, receiver))
    }

    /// Returns the compute that a game server names, if its authorization is valid for it.
    fn compute_of_connection(&self, request: &ConnectRequest) -> Result<Arc<Compute>, ServiceError> {
        let ConnectRequest { fleet_id, compute_name, .. } = request;
        let fleet = self.find_fleet(&FleetIdOrArn(fleet_id.clone())).ok_or_else(|| not_found("Fleet", fleet_id))?;
        let compute = self.find_compute(&fleet.id, compute_name).ok_or_else(|| not_found("Compute", compute_name))?;
        if let Some(token) = &request.authorization {
            let came_before = request.process_id.as_ref().and_then(|id| self.processes.get(&ProcessId(id.clone())));
            let came_before = came_before.is_some_and(|process| process.came_with(token));
            let good = came_before || self.is_local(fleet) || self.check_token(&fleet.id, compute_name, token);
            if !good {
                return Err(unauthorized(
                    "The auth token is not one of this compute, or has expired. GetComputeAuthToken gives a new one.",
                ));
            }
        }
        Ok(Arc::clone(compute))
    }

    fn add_process(&mut self, id: &ProcessId, compute: Arc<Compute>, is_sample_server: bool) {
        let number = self.next_number();
        let process = ServerProcess::new(number, compute, is_sample_server, self.now);
        tracing::debug!(process = %id, to = process.status.name(), "server process");
        self.processes.insert(id.clone(), process);
        self.plan(self.patience.process_ready, Event::ReadyTimesOut(id.clone(), number));
    }

    /// Removes the timers of an ended process. Most of them are due long after a short-lived process ends: a game
    /// server that connects again and again would fill the memory.
    pub(crate) fn forget_timers_of(&mut self, number: u64) {
        self.timers.forget(|event| {
            matches!(
                event,
                Event::ReadyTimesOut(_, of)
                    | Event::HeartbeatIsDue(_, of)
                    | Event::ProcessCrashes(_, of)
                    | Event::ProcessMustEnd(_, of) if *of == number
            )
        });
    }

    /// Marks the process as ready; players reach it at `port`.
    pub(crate) fn process_ready(&mut self, id: &ProcessId, line: u64, port: u16) -> Result<(), ServiceError> {
        if !(1..=60_000).contains(&port) {
            return Err(invalid_request(format!("Port {port} is not between 1 and 60000.")));
        }
        let process = self.process(id)?;
        // A process that has to end gets no more game sessions, ready or not.
        if process.must_end() || matches!(process.status, ProcessStatus::Ending) {
            return Err(invalid_request(format!("Process {id} has been asked to end.")));
        }
        let readiness = process.readiness_over(line, port);
        // SDKs repeat the request if the answer was lost.
        if process.readiness() == Some(&readiness) {
            return Ok(());
        }
        // A process that hosts a game session outlives its compute's registration; its next run does not.
        let compute = self
            .find_compute(&process.compute.fleet_id, &process.compute.name)
            .cloned()
            .ok_or_else(|| not_found("Compute", &process.compute.name))?;
        if let Some(before) = process.readiness() {
            if before.over == readiness.over {
                return Err(invalid_request(format!("Process {id} has been ready before, at port {}.", before.port)));
            }
            // This `InitSDK` is not the one that was ready: the game server died and started again under the same id
            // before the service noticed (inferred).
            self.restart_process(id, compute);
        }
        self.process_mut(id)?.became_ready(readiness);
        self.set_process_status(id, ProcessStatus::Ready { port });
        self.expect_heartbeats(id);
        Ok(())
    }

    /// Ends the run of this id. Its connections go to the new run.
    fn restart_process(&mut self, id: &ProcessId, compute: Arc<Compute>) {
        let Some(old) = self.processes.get_mut(id) else { return };
        let lines = old.take_lines();
        let is_sample_server = old.is_sample_server;
        drop(self.end_process(id, "process was started again under its id"));
        self.add_process(id, compute, is_sample_server);
        if let Some(process) = self.processes.get_mut(id) {
            process.go_on_with(lines);
        }
    }

    /// Tells the process to connect again with a new token, while its connection stays open.
    pub(crate) fn refresh_connection(&mut self, id: &ProcessId) -> Result<(), ServiceError> {
        let compute = Arc::clone(&self.process(id)?.compute);
        let auth_token = self.auth_token(&compute, TokenUse::Refresh).value.clone();
        let endpoint = self.server_sdk_endpoint.clone();
        self.process_mut(id)?.refresh(auth_token.clone());
        self.push(id, ServerPush::RefreshConnection { endpoint, auth_token });
        Ok(())
    }

    /// Returns a token that marks a process as a built-in sample game server.
    pub(crate) fn sample_server_token(&mut self, fleet_id: &str, compute_name: &str) -> Result<String, ServiceError> {
        let compute = self.find_compute(fleet_id, compute_name).ok_or_else(|| not_found("Compute", compute_name))?;
        let compute = Arc::clone(compute);
        Ok(self.auth_token(&compute, TokenUse::SampleServer).value.clone())
    }

    pub(crate) fn activate_game_session(&mut self, id: &ProcessId, game_session: &str) -> Result<(), ServiceError> {
        self.check_hosting(id, game_session)?;
        let session = self.game_session(game_session)?;
        if session.status != GameSessionStatus::Activating {
            return Err(invalid_request(format!("Game session {game_session} is {}.", session.status.name())));
        }
        self.set_game_session_status(game_session, GameSessionStatus::Active, "ActivateGameSession");
        Ok(())
    }

    /// Records that a player has connected. Only a RESERVED player session can be accepted (the errors of others are
    /// inferred).
    pub(crate) fn accept_player_session(
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

    /// Records that a player has left.
    pub(crate) fn remove_player_session(
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

    pub(crate) fn update_player_session_creation_policy(
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

    /// Ends a process at its own request (`ProcessEnding`). It is no error if the service has ended the process before
    /// (inferred).
    pub(crate) fn process_ending(&mut self, id: &ProcessId) {
        let Ok(over) = self.remove_process(id, "ProcessEnding") else { return };
        // The ending run knows that it is over. Without an `IdempotencyToken`, the next game server under this id is
        // therefore a new run.
        self.remember_end(id, over.filter(Option::is_some));
    }

    /// Ends a process and its game session; the game server may not know of it.
    pub(crate) fn end_process(&mut self, id: &ProcessId, why: &str) -> Result<(), ServiceError> {
        let over = self.remove_process(id, why)?;
        self.remember_end(id, over);
        Ok(())
    }

    /// Forgets the process and ends its game session. Its connections close because their senders are dropped. Returns
    /// the token it was ready over, if it was ready.
    fn remove_process(&mut self, id: &ProcessId, why: &str) -> Result<Option<Option<String>>, ServiceError> {
        let process = self.processes.remove(id).ok_or_else(|| not_found("Process", &id.0))?;
        self.forget_timers_of(process.number);
        tracing::info!(process = %id, from = process.status.name(), why, "server process ended");
        if let ProcessStatus::Hosting { game_session } = &process.status {
            self.end_game_session(game_session, why);
        }
        Ok(process.readiness().map(|readiness| readiness.over.clone()))
    }

    /// Refuses the run that was ready over this token from now on. Another `InitSDK` under the same id is a new run,
    /// and allowed.
    fn remember_end(&mut self, id: &ProcessId, over: Option<Option<String>>) {
        let Some(over) = over else { return };
        if self.ended_runs.len() >= MAX_ENDED_RUNS {
            self.ended_runs.pop_front();
        }
        self.ended_runs.push_back((id.clone(), over));
    }

    /// Sets a process's status; nothing else does. Its removal is elsewhere.
    pub(crate) fn set_process_status(&mut self, id: &ProcessId, to: ProcessStatus) {
        let process = self.processes.get_mut(id).expect("the caller looked it up");
        let from = std::mem::replace(&mut process.status, to);
        tracing::debug!(process = %id, from = from.name(), to = process.status.name(), "server process");
    }

    /// Returns the game session that the process hosts.
    pub(crate) fn hosted_game_session(&self, id: &ProcessId) -> Option<&GameSession> {
        match &self.processes.get(id)?.status {
            ProcessStatus::Hosting { game_session } => self.game_sessions.get(game_session),
            _ => None,
        }
    }

    pub(crate) fn process(&self, id: &ProcessId) -> Result<&ServerProcess, ServiceError> {
        self.processes.get(id).ok_or_else(|| not_found("Process", &id.0))
    }

    pub(crate) fn process_mut(&mut self, id: &ProcessId) -> Result<&mut ServerProcess, ServiceError> {
        self.processes.get_mut(id).ok_or_else(|| not_found("Process", &id.0))
    }

    /// Returns the process if it is still the run with this number.
    pub(crate) fn numbered(&self, id: &ProcessId, number: u64) -> Option<&ServerProcess> {
        self.processes.get(id).filter(|process| process.number == number)
    }

    pub(crate) fn check_hosting(&self, id: &ProcessId, game_session: &str) -> Result<(), ServiceError> {
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
