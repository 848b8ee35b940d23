//! The task behind a [`Server`](crate::Server): it owns the WebSocket.

use std::{collections::HashMap, time::Duration};

use emulator_core::clock::{Clock, after};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_tungstenite::tungstenite::{
    self, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    error::Error,
    events::{Event, GameSession, UpdateReason},
    parameters::ServerParameters,
    socket,
};

/// Time between two heartbeats: at least this much emulated time, and at least this much real time.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// A service that has sent nothing for so long, not even an answer to a heartbeat, is gone: the network has lost the
/// connection without notice.
const SILENCE: Duration = Duration::from_secs(90);
/// How long the old connection is still read after a refresh.
const OVERLAP: Duration = Duration::from_secs(5);
/// Longest pause between attempts to connect again; the pauses are 1, 2, 4, … seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(32);
/// Number of attempts after which a lost connection has ended permanently.
const ATTEMPTS: u32 = 8;

/// A call that waits for its answer.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    pub(crate) members: Value,
    pub(crate) answer: oneshot::Sender<Result<Map<String, Value>, Error>>,
}

struct Pending {
    action: &'static str,
    answer: oneshot::Sender<Result<Map<String, Value>, Error>>,
}

pub(crate) struct Driver {
    parameters: ServerParameters,
    idempotency_token: String,
    clock: Clock,
    calls: mpsc::Receiver<Call>,
    events: mpsc::Sender<Event>,
    healthy: watch::Receiver<bool>,
    socket: socket::Socket,
    /// When the last message of the service came.
    heard: Instant,
    /// The connection before a refresh, and the time until which it is read.
    old: Option<(socket::Socket, Instant)>,
    pending: HashMap<String, Pending>,
    /// When the next heartbeat is due; `None` until `ProcessReady`.
    heartbeat: Option<Timestamp>,
}

/// The next event of the driver.
enum Next {
    Call(Call),
    /// No handle is left that could call.
    Dropped,
    Heard(Option<Result<Message, tungstenite::Error>>),
    HeardOld(Option<Result<Message, tungstenite::Error>>),
    Heartbeat,
    OverlapEnds,
}

#[derive(Deserialize)]
#[serde(tag = "Action", rename_all_fields = "PascalCase")]
enum Push {
    CreateGameSession(GameSession),
    UpdateGameSession {
        game_session: GameSession,
        #[serde(default)]
        update_reason: UpdateReason,
        #[serde(default)]
        backfill_ticket_id: String,
    },
    TerminateProcess {
        termination_time: i64,
    },
    RefreshConnection {
        refresh_connection_endpoint: String,
        auth_token: String,
    },
}

impl Driver {
    pub(crate) async fn connect(
        parameters: ServerParameters,
        clock: Clock,
        calls: mpsc::Receiver<Call>,
        events: mpsc::Sender<Event>,
        healthy: watch::Receiver<bool>,
    ) -> Result<Self, Error> {
        let idempotency_token = uuid::Uuid::new_v4().to_string();
        let socket = socket::open(&parameters, &idempotency_token).await?;
        Ok(Self {
            parameters,
            idempotency_token,
            clock,
            calls,
            events,
            healthy,
            socket,
            heard: Instant::now(),
            old: None,
            pending: HashMap::new(),
            heartbeat: None,
        })
    }

    /// Runs until the connection has ended permanently or is needed no longer.
    pub(crate) async fn run(mut self) {
        loop {
            let next = self.next().await;
            if matches!(next, Next::Heard(Some(Ok(_)))) {
                self.heard = Instant::now();
            }
            let alive = match next {
                Next::Call(call) => self.send(call).await,
                Next::Dropped => {
                    let frame = CloseFrame { code: CloseCode::Away, reason: "The game server has ended.".into() };
                    drop(self.socket.close(Some(frame)).await);
                    return;
                }
                Next::Heartbeat => self.heard.elapsed() < SILENCE && self.send_heartbeat().await,
                Next::Heard(Some(Ok(message))) => match message {
                    Message::Text(text) => {
                        self.receive(text.as_bytes()).await;
                        true
                    }
                    Message::Close(Some(frame)) if matches!(frame.code, CloseCode::Normal | CloseCode::Away) => return,
                    _ => true,
                },
                Next::Heard(Some(Err(error))) => {
                    tracing::debug!(%error, "the connection to the service broke");
                    false
                }
                Next::Heard(None) => false,
                Next::HeardOld(Some(Ok(Message::Text(text)))) => {
                    self.receive(text.as_bytes()).await;
                    true
                }
                Next::HeardOld(Some(Ok(_))) => true,
                Next::HeardOld(_) | Next::OverlapEnds => {
                    self.old = None;
                    true
                }
            };
            if !alive && !self.reconnect().await {
                return;
            }
        }
    }

    async fn next(&mut self) -> Next {
        let overlap = self.old.as_ref().map(|(_, until)| *until);
        tokio::select! {
            call = self.calls.recv() => call.map_or(Next::Dropped, Next::Call),
            message = self.socket.next() => Next::Heard(message),
            () = until(&self.clock, self.heartbeat) => Next::Heartbeat,
            Some(message) = async { Some(self.old.as_mut()?.0.next().await) } => Next::HeardOld(message),
            () = async { sleep_until(overlap.unwrap_or_else(Instant::now)).await }, if overlap.is_some() => {
                Next::OverlapEnds
            }
        }
    }

    /// Sends a call, and returns whether the connection took it.
    async fn send(&mut self, Call { action, members, answer }: Call) -> bool {
        // Forgets calls whose callers have given up.
        self.pending.retain(|_, pending| !pending.answer.is_closed());
        let id = uuid::Uuid::new_v4().to_string();
        let mut frame = Map::from_iter([("Action".into(), json!(action)), ("RequestId".into(), json!(id))]);
        if let Value::Object(members) = members {
            frame.extend(members);
        }
        self.pending.insert(id, Pending { action, answer });
        self.socket.send(Message::text(Value::Object(frame).to_string())).await.is_ok()
    }

    async fn send_heartbeat(&mut self) -> bool {
        self.heartbeat = Some(after(self.clock.now(), self.clock.at_least_real(HEARTBEAT)));
        let healthy = *self.healthy.borrow();
        let (answer, _) = oneshot::channel();
        let members = json!({ "HealthStatus": healthy });
        self.send(Call { action: "HeartbeatServerProcess", members, answer }).await
    }

    async fn receive(&mut self, frame: &[u8]) {
        let Ok(Value::Object(mut frame)) = serde_json::from_slice(frame) else {
            tracing::warn!("the service sends something that is no message");
            return;
        };
        match frame.remove("RequestId") {
            Some(Value::String(id)) => {
                let Some(pending) = self.pending.remove(&id) else { return };
                let status = frame.remove("StatusCode").and_then(|status| status.as_u64()).unwrap_or_default();
                let answer = if status == 200 {
                    // The first heartbeat goes at once, before the caller's next request.
                    if pending.action == "ActivateServerProcess" && !self.send_heartbeat().await {
                        tracing::debug!("the first heartbeat could not be sent");
                    }
                    Ok(frame)
                } else {
                    let message = frame.get("ErrorMessage").and_then(Value::as_str).unwrap_or_default().to_owned();
                    Err(Error::Service { status, message })
                };
                // The caller may have given up.
                drop(pending.answer.send(answer));
            }
            _ => match serde_json::from_value(Value::Object(frame)) {
                Ok(push) => self.pushed(push).await,
                Err(error) => tracing::warn!(%error, "the service tells something that cannot be read"),
            },
        }
    }

    async fn pushed(&mut self, push: Push) {
        let event = match push {
            Push::CreateGameSession(session) => Event::StartGameSession(session),
            Push::UpdateGameSession { game_session, update_reason, backfill_ticket_id } => {
                Event::UpdateGameSession { game_session, update_reason, backfill_ticket_id }
            }
            Push::TerminateProcess { termination_time } => Event::ProcessTerminate {
                termination_time: Timestamp::from_millisecond(termination_time).unwrap_or(Timestamp::MAX),
            },
            Push::RefreshConnection { refresh_connection_endpoint, auth_token } => {
                return self.refresh(refresh_connection_endpoint, auth_token).await;
            }
        };
        // A game server that no longer reads its events has ended.
        drop(self.events.send(event).await);
    }

    /// Opens a second connection and leaves the first open for a while: answers may come over it.
    async fn refresh(&mut self, endpoint: String, auth_token: String) {
        let mut parameters = ServerParameters { auth_token, ..self.parameters.clone() };
        if !endpoint.is_empty() {
            parameters.websocket_url = endpoint;
        }
        let idempotency_token = uuid::Uuid::new_v4().to_string();
        match socket::open(&parameters, &idempotency_token).await {
            Ok(socket) => {
                let old = std::mem::replace(&mut self.socket, socket);
                self.old = Some((old, Instant::now() + OVERLAP));
                self.parameters = parameters;
                self.idempotency_token = idempotency_token;
            }
            Err(error) => tracing::warn!(%error, "the connection could not be refreshed"),
        }
    }

    /// Connects again as the same `InitSDK`. Returns `false` if the connection has ended permanently.
    async fn reconnect(&mut self) -> bool {
        for (_, pending) in self.pending.drain() {
            drop(pending.answer.send(Err(Error::ConnectionLost)));
        }
        let mut pause = Duration::from_secs(1);
        for attempt in 1..=ATTEMPTS {
            match socket::open(&self.parameters, &self.idempotency_token).await {
                Ok(socket) => {
                    self.socket = socket;
                    self.heard = Instant::now();
                    return true;
                }
                Err(error) => tracing::debug!(attempt, %error, "the service cannot be reached again"),
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = self.events.closed() => return false,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tracing::warn!("the connection to the service is lost");
        false
    }
}

/// Waits until `deadline`, or forever without one.
async fn until(clock: &Clock, deadline: Option<Timestamp>) {
    match deadline {
        Some(deadline) => clock.sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
