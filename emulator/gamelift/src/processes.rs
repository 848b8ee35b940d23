//! What a game server does: the calls and the pushes of the Server SDK 5, free of its wire format.

use std::{
    mem,
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
    operations::describe_player_sessions::DescribePlayerSessions,
    resources::{
        connect_request::ConnectRequest,
        line::{NotConnected, Order},
        server_process::ProcessId,
        server_push::ServerPush,
    },
    service::GameLift,
};

/// One connection of a game server to the service. A process may have two at a time, and may come
/// back after it has lost its last one: dropping this is no end, see [`GameLift::process_crashed`].
#[derive(Debug)]
pub struct ProcessConnection {
    id: ProcessId,
    line: u64,
    orders: mpsc::Receiver<Order>,
    /// The push that is being sent: taken from `orders`, and maybe not on its way yet.
    sending: Option<ServerPush>,
    /// Those that are on their way, by their number: the game server has not shown yet that it has them.
    sent: Vec<(u64, ServerPush)>,
    /// The number of the last push.
    pushes: u64,
    /// Whether the service lets go of the game server, not the other way round.
    let_go: bool,
    gamelift: Weak<GameLift>,
}

impl ProcessConnection {
    /// Names the process in the calls of [`GameLift`].
    pub fn id(&self) -> &ProcessId {
        &self.id
    }

    /// Waits for the next push; `None` once the process has ended or a newer connection gets them.
    pub async fn next_push(&mut self) -> Option<ServerPush> {
        let push = self.push_to_send().await;
        let number = self.push_was_sent();
        self.pushes_have_arrived(number);
        push
    }

    /// The same, but until [`ProcessConnection::push_was_sent`] it is this push again, and if this is
    /// dropped before [`ProcessConnection::pushes_have_arrived`], the process's other connection gets it.
    pub async fn push_to_send(&mut self) -> Option<ServerPush> {
        loop {
            match self.next_order().await? {
                Order::Push(push) => return Some(push),
                Order::Check(alive) => {
                    // Whoever waits here is there.
                    let _ = alive.send(());
                }
            }
        }
    }

    /// The same with everything that the service wants of a connection.
    pub async fn next_order(&mut self) -> Option<Order> {
        if let Some(push) = &self.sending {
            return Some(Order::Push(push.clone()));
        }
        match self.orders.recv().await? {
            Order::Push(push) => {
                self.sending = Some(push.clone());
                // What a connection that was given up has left is the newer one's to send.
                (!self.is_replaced()).then_some(Order::Push(push))
            }
            check @ Order::Check(_) => Some(check),
        }
    }

    /// Returns the number of the push.
    pub fn push_was_sent(&mut self) -> u64 {
        if let Some(push) = self.sending.take() {
            self.pushes += 1;
            // Only the last of a kind means anything, so this stays short, whoever answers no ping.
            self.sent.retain(|(_, known)| mem::discriminant(known) != mem::discriminant(&push));
            self.sent.push((self.pushes, push));
        }
        self.pushes
    }

    /// The game server has this push and all before it.
    pub fn pushes_have_arrived(&mut self, number: u64) {
        self.sent.retain(|(sent, _)| *sent > number);
    }

    /// Whether the process goes on without this connection.
    fn is_replaced(&self) -> bool {
        self.orders.is_closed()
            && self.gamelift.upgrade().is_some_and(|gamelift| {
                gamelift.with_state(|state| state.process(&self.id).is_ok_and(|process| !process.has_line(self.line)))
            })
    }

    /// Ends the connection because the service stops, which is no loss to warn of.
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

/// The calls of a game server. Unknown ids are a `NotFoundException`, anything else that is wrong
/// an `InvalidRequestException` (the codes of the real WebSocket service are unknown: inferred).
impl GameLift {
    /// A game server connects, for the first time or again (`InitSDK`).
    ///
    /// # Errors
    /// The compute is not registered to the fleet; the token is not good; another game server is
    /// connected under this process id.
    pub fn connect_process(self: &Arc<Self>, request: &ConnectRequest) -> Result<ProcessConnection, ServiceError> {
        Ok(self.try_to_connect(request, &[])?)
    }

    /// The same, but a connection of this process id that does not answer within `patience` is in
    /// nobody's way. The network may have lost it without a word: its game server then comes back while
    /// the service still takes it for connected.
    ///
    /// # Errors
    /// As [`GameLift::connect_process`].
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

    /// The process is ready (`ProcessReady`). It gets a game session after its first
    /// [`GameLift::heartbeat`]: until then the SDKs ignore game sessions.
    ///
    /// # Errors
    /// The process is unknown or was ready before; the port is not 1 to 60000.
    pub fn process_ready(&self, connection: &ProcessConnection, port: u16) -> Result<(), ServiceError> {
        self.with_state(|state| state.process_ready(&connection.id, connection.line, port))
    }

    /// The process says how it is. After three times not healthy, or not at all, it has to end.
    ///
    /// # Errors
    /// The process is unknown or not ready.
    pub fn heartbeat(&self, process: &ProcessId, healthy: bool) -> Result<(), ServiceError> {
        self.with_state(|state| state.heartbeat(process, healthy))
    }

    /// Counts a heartbeat of the process as missing, as if it had not come in time. A step of the
    /// clock does not: no connected game server could send one within it.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn miss_heartbeat(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.miss_heartbeat(process))
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

    /// Player sessions as `DescribePlayerSessions` of the API has them, which takes the same members.
    ///
    /// # Errors
    /// As the operation's.
    pub fn describe_player_sessions(&self, request: Value) -> Result<Value, ServiceError> {
        let input = serde_json::from_value(request).map_err(ServiceError::serialization)?;
        let output = run::<DescribePlayerSessions>(&self.shared, input)?;
        serde_json::to_value(output).map_err(ServiceError::serialization)
    }

    /// Looks for more players through matchmaking (`StartMatchBackfill`). Returns the ticket.
    ///
    /// # Errors
    /// The process does not host this game session.
    pub fn start_match_backfill(
        &self,
        process: &ProcessId,
        game_session: &str,
        ticket: Option<String>,
    ) -> Result<String, ServiceError> {
        self.with_state(|state| state.start_match_backfill(process, game_session, ticket))
    }

    /// Stops looking (`StopMatchBackfill`).
    ///
    /// # Errors
    /// The process does not host this game session; it has no such ticket.
    pub fn stop_match_backfill(
        &self,
        process: &ProcessId,
        game_session: &str,
        ticket: Option<&str>,
    ) -> Result<(), ServiceError> {
        self.with_state(|state| state.stop_match_backfill(process, game_session, ticket))
    }

    /// The process ends, and its game session with it (`ProcessEnding`), if it has not been ended before.
    pub fn process_ending(&self, process: &ProcessId) {
        self.with_state(|state| state.process_ending(process));
    }

    /// The process is gone without [`GameLift::process_ending`], as whoever watches it knows (on AWS
    /// the agent). Where nobody does, it is noticed when three heartbeats are missing.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn process_crashed(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.end_process(process, "process crashed"))
    }

    /// Tells the game server to connect again, with a fresh token. On AWS this comes before a
    /// connection reaches the age at which API Gateway cuts it.
    ///
    /// # Errors
    /// The process is unknown.
    pub fn refresh_connection(&self, process: &ProcessId) -> Result<(), ServiceError> {
        self.with_state(|state| state.refresh_connection(process))
    }

    /// A token for the built-in sample game servers of this compute.
    ///
    /// # Errors
    /// The compute is unknown.
    pub fn sample_server_token(&self, fleet_id: &str, compute_name: &str) -> Result<String, ServiceError> {
        self.with_state(|state| state.sample_server_token(fleet_id, compute_name))
    }

    /// The name and path of the certificate that `RegisterCompute` was told of; an empty path if none.
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

    /// When the game session that the process hosts was created.
    pub fn hosted_since(&self, process: &ProcessId) -> Option<Timestamp> {
        self.with_state(|state| Some(state.hosted_game_session(process)?.creation_time))
    }
}
