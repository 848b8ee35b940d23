//! Server processes: game servers that run.
//!
//! A process is known by its id, not by its connection: SDKs reconnect, and a refreshed connection
//! overlaps the old one. What the service has to tell it goes to its newest connection and waits
//! while there is none.

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

/// A refreshed connection overlaps the old one; more than this many are not kept.
const MAX_LINES: usize = 4;

/// Names one run of a game server (the Server SDK's `processId`).
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

/// A game server that runs. It is forgotten when it ends: a process hosts one game session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerProcess {
    /// Tells it from another run under its id; orders processes by their start.
    pub(crate) number: u64,
    pub(crate) compute: Arc<Compute>,
    /// Changed by `State::set_process_status` only.
    pub(crate) status: ProcessStatus,
    /// Its connections, the newest last.
    #[serde(skip)]
    lines: Vec<Line>,
    /// What waits for a connection.
    #[serde(skip)]
    undelivered: Vec<ServerPush>,
    /// What it became ready with.
    readiness: Option<Readiness>,
    /// The token of the `RefreshConnection` that it has not followed yet.
    refreshing: Option<String>,
    /// Whether it is a built-in sample game server, which ends with the emulator.
    pub(crate) is_sample_server: bool,
    /// The token it connected with. It lets it come back when the token has expired (inferred).
    authorization: Option<String>,
    pub(crate) health: Health,
    /// Whether it has been asked to end, and will be ended if it does not.
    must_end: bool,
    /// The ticket of the match backfill that is looking for players.
    backfill: Option<String>,
}

/// A `ProcessReady`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// The `IdempotencyToken` of its connection, or of the one that a refresh replaced it with.
    pub(crate) over: Option<String>,
    pub(crate) port: u16,
}

/// What a process is doing. That it hosts at most one game session follows from the type.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ProcessStatus {
    /// Not ready yet.
    Connected,
    /// Has called `ProcessReady`. SDKs ignore a game session that comes before the answer is
    /// handled, so it gets none until its first heartbeat (inferred).
    Ready { port: u16 },
    /// Waits for a game session.
    Available { port: u16 },
    /// The ARN of its game session, whatever its status but TERMINATED.
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
    /// One that is connected from now on and is not ready yet.
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
            backfill: None,
        }
    }

    /// Where players reach it, once it is ready.
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

    /// Gives up the connections that are known to lead nowhere, and says whether one more may come.
    ///
    /// What a second connection has to show (inferred from the texts of the SDKs' errors): the
    /// `IdempotencyToken` of the first, which is a reconnect that was quicker than the news of the
    /// loss, or the token of a `RefreshConnection`. Without either the first has to be dead.
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

    /// Makes the request its newest connection. What waits for one comes out of the receiver first.
    pub(crate) fn connect(&mut self, number: u64, request: &ConnectRequest) -> mpsc::Receiver<Order> {
        let (orders, receiver) = mpsc::channel(MAX_QUEUED_ORDERS);
        if self.refreshing.is_some() && self.refreshing == request.authorization {
            self.refreshing = None;
            // The same run goes on under another token.
            if let Some(readiness) = &mut self.readiness {
                readiness.over.clone_from(&request.idempotency_token);
            }
        }
        self.authorization.clone_from(&request.authorization);
        for push in self.undelivered.drain(..) {
            // A new channel has room, see `tell`.
            drop(orders.try_send(Order::Push(push)));
        }
        // What reconnects has given its old connection up; what refreshes has not.
        self.lines.retain(|line| {
            line.idempotency_token().is_none() || line.idempotency_token() != request.idempotency_token.as_ref()
        });
        if self.lines.len() >= MAX_LINES {
            self.lines.remove(0);
        }
        self.lines.push(Line::new(number, request.idempotency_token.clone(), orders));
        receiver
    }

    /// One of its connections is gone. Returns what waits for one.
    pub(crate) fn hang_up(&mut self, line: u64) -> Vec<ServerPush> {
        self.lines.retain(|known| known.number() != line);
        mem::take(&mut self.undelivered)
    }

    /// Its connections, which go on with the next run.
    pub(crate) fn take_lines(&mut self) -> Vec<Line> {
        mem::take(&mut self.lines)
    }

    /// Goes on with the connections of the run before.
    pub(crate) fn go_on_with(&mut self, lines: Vec<Line>) {
        self.lines = lines;
    }

    /// Tells the game server something, now or when it has a connection again. `id` is for the log.
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
        // Only the last of a kind means anything, so this stays short.
        self.undelivered.retain(|known| mem::discriminant(known) != mem::discriminant(&undelivered));
        self.undelivered.push(undelivered);
    }

    /// Whether it connected with this token. It may come back with it when the token has expired (inferred).
    pub(crate) fn came_with(&self, authorization: &str) -> bool {
        self.authorization.as_deref() == Some(authorization)
    }

    /// What a `ProcessReady` over this connection says.
    pub(crate) fn readiness_over(&self, line: u64, port: u16) -> Readiness {
        let line = self.lines.iter().find(|known| known.number() == line);
        Readiness { over: line.and_then(Line::idempotency_token).cloned(), port }
    }

    /// What it became ready with, if it is.
    pub(crate) fn readiness(&self) -> Option<&Readiness> {
        self.readiness.as_ref()
    }

    /// It has become ready.
    pub(crate) fn became_ready(&mut self, readiness: Readiness) {
        self.readiness = Some(readiness);
    }

    /// It is to connect again with this token.
    pub(crate) fn refresh(&mut self, token: String) {
        self.refreshing = Some(token);
    }

    /// Whether it has not followed the `RefreshConnection` with this token yet.
    pub(crate) fn is_refreshing_with(&self, token: &str) -> bool {
        self.refreshing.as_deref() == Some(token)
    }

    /// Whether it has been asked to end.
    pub(crate) fn must_end(&self) -> bool {
        self.must_end
    }

    /// It is asked to end.
    pub(crate) fn has_to_end(&mut self) {
        self.must_end = true;
    }

    /// The ticket of the match backfill that is looking for players.
    pub(crate) fn backfill(&self) -> Option<&str> {
        self.backfill.as_deref()
    }

    /// A match backfill looks for players.
    pub(crate) fn start_backfill(&mut self, ticket: String) {
        self.backfill = Some(ticket);
    }

    /// It looks no longer. Returns its ticket.
    pub(crate) fn end_backfill(&mut self) -> Option<String> {
        self.backfill.take()
    }
}
