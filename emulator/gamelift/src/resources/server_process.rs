//! Server processes: running game servers.
//!
//! A process is identified by its id, not by its connection: SDKs reconnect, and a refreshed connection overlaps the
//! old one. Pushes go to the newest connection and wait while there is none.

use std::{fmt, mem, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::resources::{
    compute::Compute,
    connect_request::ConnectRequest,
    health::Health,
    line::{Line, MAX_QUEUED_ORDERS, NotConnected, NotSent, Order},
    server_push::ServerPush,
};

/// The most connections of a process. A refreshed connection overlaps the old one.
const MAX_LINES: usize = 4;

/// The id of one run of a game server (the Server SDK's `processId`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId(pub(crate) String);

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ProcessId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// A running game server. It is forgotten when it ends: a process hosts one game session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerProcess {
    /// Distinguishes this run from others with the same id; orders processes by their start.
    pub(crate) number: u64,
    pub(crate) compute: Arc<Compute>,
    /// Changed by `State::set_process_status` only.
    pub(crate) status: ProcessStatus,
    /// Its connections, the newest last.
    #[serde(skip)]
    lines: Vec<Line>,
    /// The pushes that wait for a connection. A state file of an older emulator has none.
    #[serde(default)]
    undelivered: Vec<ServerPush>,
    /// The `ProcessReady` that made it ready.
    readiness: Option<Readiness>,
    /// The token of a `RefreshConnection` that it has not used yet.
    refreshing: Option<String>,
    /// Whether it is a built-in sample game server, which ends with the emulator.
    pub(crate) is_sample_server: bool,
    /// The token it connected with. It may come back with it after the token has expired (inferred).
    authorization: Option<String>,
    pub(crate) health: Health,
    /// Whether it has been asked to end and is ended if it does not.
    must_end: bool,
}

/// The data of a `ProcessReady`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// The `IdempotencyToken` of the connection it came over, or of the connection that a refresh put in its place.
    pub(crate) over: Option<String>,
    pub(crate) port: u16,
}

/// The status of a process. The type allows at most one game session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ProcessStatus {
    /// Not ready yet.
    Connected,
    /// Has called `ProcessReady`. It gets no game session before its first heartbeat (inferred): SDKs ignore a game
    /// session that arrives before they have handled the answer.
    Ready { port: u16 },
    /// Waits for a game session.
    Available { port: u16 },
    /// Hosts the game session with this ARN, in any status but TERMINATED.
    Hosting { game_session: String },
    /// Has no game session and has been asked to end.
    Ending,
}

impl ProcessStatus {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Ready { .. } => "ready",
            Self::Available { .. } => "available",
            Self::Hosting { .. } => "hosting",
            Self::Ending => "ending",
        }
    }
}

impl ServerProcess {
    /// Returns a process that has just connected and is not ready yet.
    pub(crate) fn new(number: u64, compute: Arc<Compute>, is_sample_server: bool, now: Timestamp) -> Self {
        Self {
            number,
            compute,
            status: ProcessStatus::Connected,
            lines: Vec::new(),
            undelivered: Vec::new(),
            readiness: None,
            refreshing: None,
            is_sample_server,
            authorization: None,
            health: Health::new(now),
            must_end: false,
        }
    }

    /// The port for players, once it is ready.
    pub(crate) fn port(&self) -> Option<u16> {
        self.readiness.as_ref().map(|readiness| readiness.port)
    }

    /// Whether it has a connection.
    pub(crate) fn is_connected(&self) -> bool {
        !self.lines.is_empty()
    }

    pub(crate) fn has_line(&self, number: u64) -> bool {
        self.lines.iter().any(|line| line.number() == number)
    }

    /// Drops the connections in `dead` and decides whether one more may come.
    ///
    /// A second connection needs one of two proofs (inferred from the texts of the SDKs' errors): the
    /// `IdempotencyToken` of the first, for a reconnect that is faster than the news of the loss, or the token of a
    /// `RefreshConnection`. Without either, the first connection has to be dead.
    pub(crate) fn admit(&mut self, request: &ConnectRequest, dead: &[u64]) -> Result<(), NotConnected> {
        self.lines.retain(|line| !dead.contains(&line.number()));
        let reconnects = request.idempotency_token.is_some()
            && self.lines.iter().any(|line| line.idempotency_token() == request.idempotency_token.as_ref());
        let refreshes = self.refreshing.is_some() && self.refreshing == request.authorization;
        if !self.is_connected() || reconnects || refreshes {
            return Ok(());
        }
        Err(NotConnected::InUse(self.lines.iter().map(Line::check).collect()))
    }

    /// Adds the newest connection. The receiver first yields the pushes that waited.
    pub(crate) fn connect(&mut self, number: u64, request: &ConnectRequest) -> mpsc::Receiver<Order> {
        let (orders, receiver) = mpsc::channel(MAX_QUEUED_ORDERS);
        if self.refreshing.is_some() && self.refreshing == request.authorization {
            self.refreshing = None;
            // The same run continues under another token.
            if let Some(readiness) = &mut self.readiness {
                readiness.over.clone_from(&request.idempotency_token);
            }
        }
        self.authorization.clone_from(&request.authorization);
        for push in self.undelivered.drain(..) {
            // A new channel has room for all of them, see `tell`.
            drop(orders.try_send(Order::Push(push)));
        }
        // A reconnect replaces the connection with the same token; a refresh keeps the old one.
        self.lines.retain(|line| {
            line.idempotency_token().is_none() || line.idempotency_token() != request.idempotency_token.as_ref()
        });
        if self.lines.len() >= MAX_LINES {
            self.lines.remove(0);
        }
        self.lines.push(Line::new(number, request.idempotency_token.clone(), orders));
        receiver
    }

    /// Removes a connection. Returns the pushes that wait for one.
    pub(crate) fn hang_up(&mut self, line: u64) -> Vec<ServerPush> {
        self.lines.retain(|known| known.number() != line);
        mem::take(&mut self.undelivered)
    }

    /// Takes its connections, for the next run under its id.
    pub(crate) fn take_lines(&mut self) -> Vec<Line> {
        mem::take(&mut self.lines)
    }

    /// Takes over the connections of the run before.
    pub(crate) fn go_on_with(&mut self, lines: Vec<Line>) {
        self.lines = lines;
    }

    /// Sends the push now, or when there is a connection again. `id` is for the log.
    pub(crate) fn tell(&mut self, id: &ProcessId, push: ServerPush) {
        let undelivered = match self.lines.last() {
            Some(line) => match line.push(push.clone()) {
                Ok(()) => return,
                Err(NotSent::Closed) => push,
                Err(NotSent::Full) => {
                    tracing::warn!(process = %id, "a game server does not read what it is told; its connection is cut");
                    self.lines.pop();
                    push
                }
            },
            None => push,
        };
        undelivered.make_needless(&mut self.undelivered, |known| known);
        self.undelivered.push(undelivered);
    }

    /// Whether a new connection has room for the pushes that wait.
    pub(crate) fn can_be_told(&self) -> bool {
        self.undelivered.len() <= MAX_QUEUED_ORDERS
    }

    /// Whether it connected with this token. It may come back with it when the token has expired (inferred).
    pub(crate) fn came_with(&self, authorization: &str) -> bool {
        self.authorization.as_deref() == Some(authorization)
    }

    /// Returns the readiness that a `ProcessReady` over this connection declares.
    pub(crate) fn readiness_over(&self, line: u64, port: u16) -> Readiness {
        let line = self.lines.iter().find(|known| known.number() == line);
        Readiness { over: line.and_then(Line::idempotency_token).cloned(), port }
    }

    /// The `ProcessReady` that made it ready, if it is ready.
    pub(crate) fn readiness(&self) -> Option<&Readiness> {
        self.readiness.as_ref()
    }

    /// Marks it as ready.
    pub(crate) fn became_ready(&mut self, readiness: Readiness) {
        self.readiness = Some(readiness);
    }

    /// Expects it to connect again with this token.
    pub(crate) fn refresh(&mut self, token: String) {
        self.refreshing = Some(token);
    }

    /// Whether it has not used the `RefreshConnection` with this token yet.
    pub(crate) fn is_refreshing_with(&self, token: &str) -> bool {
        self.refreshing.as_deref() == Some(token)
    }

    /// Whether it has been asked to end.
    pub(crate) fn must_end(&self) -> bool {
        self.must_end
    }

    /// Marks it as asked to end.
    pub(crate) fn has_to_end(&mut self) {
        self.must_end = true;
    }
}
