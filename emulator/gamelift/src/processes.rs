//! The calls of game servers and the pushes to them (Server SDK 5), independent of the wire format.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use emulator_core::model::{error::ServiceError, gamelift::PlayerSessionCreationPolicy};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    operation::run,
    operations::{describe_player_sessions::DescribePlayerSessions, start_match_backfill::StartMatchBackfill},
    resources::{
        connect_request::ConnectRequest,
        line::{NotConnected, Order},
        server_process::ProcessId,
        server_push::ServerPush,
    },
    service::GameLift,
};

/// One connection of a game server to the service. A process may have two connections at a time. It may also come back
/// after it has lost the last one: dropping a connection does not end the process, see [`GameLift::process_crashed`].
#[derive(Debug)]
pub struct ProcessConnection {
    id: ProcessId,
    line: u64,
    orders: mpsc::Receiver<Order>,
    /// The push that is being sent: taken from `orders`, perhaps not yet on the wire.
    sending: Option<ServerPush>,
    /// The pushes on the wire, by number: the game server has not acknowledged them yet.
    sent: Vec<(u64, ServerPush)>,
    /// The number of the last push.
    pushes: u64,
    /// Whether the service gives the connection up, not the game server.
    let_go: bool,
    gamelift: Weak<GameLift>,
}

impl ProcessConnection {
    /// The process's id in the calls of [`GameLift`].
    pub fn id(&self) -> &ProcessId {
        &self.id
    }

    /// Returns the next push, or `None` once the process has ended or a newer connection gets its pushes.
    pub async fn next_push(&mut self) -> Option<ServerPush> {
        let push = self.push_to_send().await;
        let number = self.push_was_sent();
        self.pushes_have_arrived(number);
        push
    }

    /// Returns the next push, and returns it again until [`ProcessConnection::push_was_sent`]. If this connection is
    /// dropped before [`ProcessConnection::pushes_have_arrived`], the process's other connection gets the push.
    pub async fn push_to_send(&mut self) -> Option<ServerPush> {
        loop {
            match self.next_order().await? {
                Order::Push(push) => return Some(push),
                Order::Check(alive) => {
                    // A connection that waits here is alive.
                    let _ = alive.send(());
                }
            }
        }
    }

    /// Like [`ProcessConnection::push_to_send`], but returns every order of the service.
    pub async fn next_order(&mut self) -> Option<Order> {
        if let Some(push) = &self.sending {
            return Some(Order::Push(push.clone()));
        }
        match self.orders.recv().await? {
            Order::Push(push) => {
                self.sending = Some(push.clone());
                // If a newer connection has replaced this one, the newer one sends the remaining pushes.
                (!self.is_replaced()).then_some(Order::Push(push))
            }
            check @ Order::Check(_) => Some(check),
        }
    }

    /// Records that the push is on the wire. Returns its number.
    pub fn push_was_sent(&mut self) -> u64 {
        if let Some(push) = self.sending.take() {
            self.pushes += 1;
            // The list stays short even if the game server answers no pings.
            push.make_needless(&mut self.sent, |(_, known)| known);
            self.sent.push((self.pushes, push));
        }
        self.pushes
    }

    /// Records that the game server has this push and all before it.
    pub fn pushes_have_arrived(&mut self, number: u64) {
        self.sent.retain(|(sent, _)| *sent > number);
    }

    /// Whether the process runs on without this connection.
    fn is_replaced(&self) -> bool {
        self.orders.is_closed()
            && self.gamelift.upgrade().is_some_and(|gamelift| {
                gamelift.with_state(|state| state.process(&self.id).is_ok_and(|process| !process.has_line(self.line)))
            })
    }

    /// Closes the connection because the service stops. No warning of a lost connection is logged.
    pub fn let_go(mut self) {
        self.let_go = true;
    }
}

impl Drop for ProcessConnection {
    fn drop(&mut self) {
        if let Some(gamelift) = self.gamelift.upgrade() {
            self.orders.close();
            let mut unsent: Vec<_> = self.sent.drain(..).map(|(_, push)| push).chain(self.sending.take()).collect();
            unsent.extend(std::iter::from_fn(|| self.orders.try_recv().ok()).filter_map(|order| match order {
                Order::Push(push) => Some(push),
                Order::Check(_) => None,
            }));
            gamelift.with_state(|state| state.disconnect_process(&self.id, self.line, unsent, self.let_go));
        }
    }
}

/// The calls of a game server. An unknown id is a `NotFoundException`, any other error an `InvalidRequestException`
/// (inferred: the codes of the real WebSocket service are unknown).
impl GameLift {
    /// Connects a game server, for the first time or again (`InitSDK`).
    ///
    /// # Errors
    /// The compute is not registered to the fleet; the token is invalid or has expired; another game server is
    /// connected under this process id.
    pub fn connect_process(self: &Arc<Self>, request: &ConnectRequest) -> Result<ProcessConnection, ServiceError> {
        Ok(self.try_to_connect(request, &[])?)
    }

    /// Connects a game server like [`GameLift::connect_process`], but replaces connections of this process id that do
    /// not answer within `patience`. The network may lose a connection silently: the game server then comes back while
    /// the service still counts it as connected.
    ///
    /// # Errors
    /// The errors of [`GameLift::connect_process`].
    pub async fn connect_process_if_alone(
        self: &Arc<Self>,
        request: &ConnectRequest,
        patience: Duration,
    ) -> Result<ProcessConnection, ServiceError> {
        let in_use = match self.try_to_connect(request, &[]) {
            Err(NotConnected::InUse(in_use)) => in_use,
            connected => return Ok(connected?),
        };
        let checks = in_use.iter().map(async |check| {
            let answered = timeout(patience, check.is_answered()).await.unwrap_or(false);
            (!answered).then_some(check.line)
        });
        let dead: Vec<_> = join_all(checks).await.into_iter().flatten().collect();
        if !dead.is_empty() {
            tracing::warn!(
                process = request.process_id,
                "a game server comes back while its old connection does not answer; the old one is cut"
            );
        }
        Ok(self.try_to_connect(request, &dead)?)
    }

    fn try_to_connect(
        self: &Arc<Self>,
        request: &ConnectRequest,
        dead: &[u64],
    ) -> Result<ProcessConnection, NotConnected> {
        let (id, line, orders) = self.with_state(|state| state.connect_process(request, dead))?;
        Ok(ProcessConnection {
            id,
            line,
            orders,
            sending: None,
            sent: Vec::new(),
            pushes: 0,
            let_go: false,
            gamelift: Arc::downgrade(self),
        })
    }

    /// Marks the process as ready (`ProcessReady`). It gets a game session only after its first
    /// [`GameLift::heartbeat`]: until then the SDKs ignore game sessions.
    ///
    /// # Errors
    /// The process is unknown or was ready before; the port is not 1 to 60000.
    pub fn process_ready(&self, connection: &ProcessConnection, port: u16) -> Result<(), ServiceError> {
        self.with_state(|state| state.process_ready(&connection.id, connection.line, port))
    }

    /// Reports the health of the process. A process that reports unhealthy, or does not report, three times in a row
    /// has to end.
    ///
    /// # Errors
    /// The process is unknown or not ready.
    pub fn heartbeat(&self, process: &ProcessId, healthy: bool) -> Result<(), ServiceError> {
        self.with_state(|state| state.heartbeat(process, healthy))
    }

    /// Counts one heartbeat of the process as missed, as if it had not come in time. A step of the clock counts none:
    /// no connected game server could send a heartbeat within the step.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn miss_heartbeat(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.miss_heartbeat(process))
    }

    /// Opens the game session to players (`ActivateGameSession`).
    ///
    /// # Errors
    /// The process does not host this game session; the game session is not ACTIVATING.
    pub fn activate_game_session(&self, process: &ProcessId, game_session: &str) -> Result<(), ServiceError> {
        self.with_state(|state| state.activate_game_session(process, game_session))
    }

    /// Records that the player of a reservation has connected (`AcceptPlayerSession`).
    ///
    /// # Errors
    /// The player session does not belong to the process's game session; it is not RESERVED.
    pub fn accept_player_session(
        &self,
        process: &ProcessId,
        game_session: &str,
        player_session: &str,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.accept_player_session(process, game_session, player_session))
    }

    /// Records that the player has left (`RemovePlayerSession`).
    ///
    /// # Errors
    /// The player session does not belong to the process's game session; it has ended.
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

    /// Describes player sessions, with the members of the API operation `DescribePlayerSessions`.
    ///
    /// # Errors
    /// The errors of the operation.
    pub fn describe_player_sessions(&self, request: Value) -> Result<Value, ServiceError> {
        let input = serde_json::from_value(request).map_err(ServiceError::serialization)?;
        let output = run::<DescribePlayerSessions>(&self.shared, input)?;
        serde_json::to_value(output).map_err(ServiceError::serialization)
    }

    /// Asks matchmaking for more players, with the members of the API operation `StartMatchBackfill`. Returns the
    /// ticket's id.
    ///
    /// # Errors
    /// The process does not host this game session; the errors of the operation.
    pub fn start_match_backfill(
        &self,
        process: &ProcessId,
        game_session: &str,
        request: Value,
    ) -> Result<String, ServiceError> {
        self.with_state(|state| state.check_hosting(process, game_session))?;
        let input = serde_json::from_value(request).map_err(ServiceError::serialization)?;
        Ok(run::<StartMatchBackfill>(&self.shared, input)?.ticket_id())
    }

    /// Ends the request for more players (`StopMatchBackfill`).
    ///
    /// # Errors
    /// The process does not host this game session; it has no such ticket.
    pub fn stop_match_backfill(
        &self,
        process: &ProcessId,
        game_session: &str,
        ticket: &str,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.stop_match_backfill(process, game_session, ticket))
    }

    /// Ends the process and its game session (`ProcessEnding`). Does nothing if the process has ended before.
    pub fn process_ending(&self, process: &ProcessId) {
        self.with_state(|state| state.process_ending(process));
    }

    /// Ends a process that is gone without [`GameLift::process_ending`], for a caller that watches it (on AWS the
    /// agent). Without such a caller the service notices after three missed heartbeats.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn process_crashed(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.end_process(process, "process crashed"))
    }

    /// Tells the game server to connect again with a new token. AWS sends this push before API Gateway cuts the
    /// connection because of its age.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn refresh_connection(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.refresh_connection(process))
    }

    /// Returns a token for the built-in sample game servers of a compute.
    ///
    /// # Errors
    /// The compute is unknown.
    pub fn sample_server_token(&self, fleet_id: &str, compute_name: &str) -> Result<String, ServiceError> {
        self.with_state(|state| state.sample_server_token(fleet_id, compute_name))
    }

    /// Returns the compute's name and the path of its certificate as `RegisterCompute` gave it; an empty path if it
    /// gave none.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn compute_certificate(&self, process: &ProcessId) -> Result<(String, String), ServiceError> {
        self.with_state(|state| {
            let compute = &state.process(process)?.compute;
            Ok((compute.name.clone(), compute.certificate_path.clone().unwrap_or_default()))
        })
    }

    /// Whether the process runs, as far as the service knows.
    pub fn has_process(&self, process: &ProcessId) -> bool {
        self.with_state(|state| state.process(process).is_ok())
    }

    /// Returns when the game session that the process hosts was created.
    pub fn hosted_since(&self, process: &ProcessId) -> Option<Timestamp> {
        self.with_state(|state| Some(state.hosted_game_session(process)?.creation_time))
    }
}
