//! One WebSocket of a game server, from its first frame to its end.

use std::{sync::Arc, time::Duration};

use emulator_core::limits::Limits;
use emulator_gamelift::{GameLift, Order, ProcessConnection, ProcessId};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::AsyncWriteExt,
    sync::{oneshot, watch},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Bytes, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    net::pause::stopped,
    server_sdk::{frames, requests},
};

/// The most frames in a row that are not requests: a game server sends fewer.
const MAX_GARBAGE: u32 = 16;
/// How long a peer may take to close its end.
const GOODBYE: Duration = Duration::from_secs(2);

/// A connection that is about to become a WebSocket.
pub(crate) struct Session {
    socket: OnUpgrade,
    connection: ProcessConnection,
    gamelift: Arc<GameLift>,
}

/// The reason why a connection ends.
enum End {
    /// The peer is gone, or has been told to go.
    Gone,
    /// The process has ended. Its game server may not know yet, or wants to close the connection itself.
    Ended,
    /// The connection is closed with a code and a reason. After 1000 and 1001 no SDK connects again; after other codes
    /// all do.
    Close(CloseCode, &'static str),
}

impl Session {
    pub(crate) fn new(socket: OnUpgrade, connection: ProcessConnection, gamelift: Arc<GameLift>) -> Self {
        Self { socket, connection, gamelift }
    }

    /// Serves the game server until either side ends the connection.
    pub(crate) async fn run(mut self, limits: &Limits, mut stopping: watch::Receiver<bool>) {
        let socket = match (&mut self.socket).await {
            Ok(socket) => TokioIo::new(socket),
            Err(error) => return tracing::debug!(%error, "a WebSocket did not come about"),
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits.message))
            .max_frame_size(Some(limits.message))
            // The buffers are small: each connection has its own.
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0)
            .max_write_buffer_size(4 * 1024 * 1024);
        let socket = WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await;
        let mut socket = Socket { socket, limits };
        let end = tokio::select! {
            end = self.serve(&mut socket) => end,
            () = stopped(&mut stopping) => End::Close(CloseCode::Restart, "The emulator stops."),
        };
        let process = self.connection.id().clone();
        // Before the farewell: a peer that delays it is already gone for the service.
        match &end {
            End::Close(CloseCode::Restart, _) => self.connection.let_go(),
            End::Close(..) | End::Ended | End::Gone => drop(self.connection),
        }
        match end {
            End::Close(code, reason) => socket.close(code, reason).await,
            End::Ended => {
                tokio::select! {
                    () = farewell(&mut socket, &process) => {}
                    () = stopped(&mut stopping) => {}
                }
                socket.close(CloseCode::Normal, "The process has ended.").await;
            }
            End::Gone => socket.hang_up().await,
        }
    }

    async fn serve(&mut self, socket: &mut Socket<'_>) -> End {
        let mut garbage = 0;
        // The checks that wait for a message from the peer.
        let mut checks = Vec::new();
        loop {
            let (message, is_push) = tokio::select! {
                order = self.connection.next_order() => match order {
                    Some(Order::Push(push)) => (Message::text(frames::push(&push)), true),
                    Some(Order::Check(alive)) => {
                        checks.push(alive);
                        (Message::Ping(Bytes::new()), false)
                    }
                    None if self.gamelift.has_process(self.connection.id()) => return End::Gone,
                    None => return End::Ended,
                },
                message = socket.socket.next() => {
                    let message = match message {
                        Some(Ok(message)) => message,
                        Some(Err(error)) => return broken(&error),
                        None => return End::Gone,
                    };
                    for alive in checks.drain(..) {
                        // The check may have timed out.
                        let _ = oneshot::Sender::send(alive, ());
                    }
                    if let Message::Pong(payload) = &message
                        && let Ok(number) = payload.as_ref().try_into()
                    {
                        self.connection.pushes_have_arrived(u64::from_be_bytes(number));
                    }
                    let Some(frame) = request_in(&message) else { continue };
                    let answer = requests::answer(&self.gamelift, &self.connection, frame);
                    garbage = if answer.was_request { 0 } else { garbage + 1 };
                    if garbage >= MAX_GARBAGE {
                        return End::Close(CloseCode::Policy, "These are no requests of a game server.");
                    }
                    (Message::text(answer.frame), false)
                }
            };
            if !socket.send(message).await {
                return End::Gone;
            }
            if is_push {
                // Pushes have no answers. The pong shows that this one has arrived.
                let number = self.connection.push_was_sent();
                if !socket.send(Message::Ping(Bytes::copy_from_slice(&number.to_be_bytes()))).await {
                    return End::Gone;
                }
            }
        }
    }
}

/// Ends a connection whose process has ended. Most game servers learn of the end by a `TerminateProcess` that was just
/// sent, and call `ProcessEnding`. If the connection closes before the answer, SDKs wait for minutes. After the answer
/// they close the connection themselves, and handle it badly if the service does.
async fn farewell(socket: &mut Socket<'_>, process: &ProcessId) {
    let patience = socket.limits.farewell;
    let goodbye = async {
        while let Some(Ok(message)) = socket.socket.next().await {
            let Some(frame) = request_in(&message) else { continue };
            let answer = requests::answer_after_end(process, frame);
            if !socket.send(Message::text(answer.frame)).await {
                return;
            }
        }
    };
    if timeout(patience, goodbye).await.is_err() {
        tracing::debug!(%process, "a game server keeps its connection after its end");
    }
}

/// Returns the bytes of a message that may be a request. The library answers the other messages while it waits for the
/// next one.
fn request_in(message: &Message) -> Option<&[u8]> {
    match message {
        Message::Text(text) => Some(text.as_bytes()),
        Message::Binary(bytes) => Some(bytes),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}

fn broken(error: &tungstenite::Error) -> End {
    tracing::debug!(%error, "a WebSocket broke");
    match error {
        tungstenite::Error::Capacity(_) => End::Close(CloseCode::Size, "The message is too large."),
        tungstenite::Error::Protocol(_) => End::Close(CloseCode::Protocol, "This is not the WebSocket protocol."),
        tungstenite::Error::Utf8(_) => End::Close(CloseCode::Invalid, "Text has to be UTF-8."),
        _ => End::Gone,
    }
}

struct Socket<'a> {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    limits: &'a Limits,
}

impl Socket<'_> {
    /// Sends a message. Returns whether the peer took it in time.
    async fn send(&mut self, message: Message) -> bool {
        match timeout(self.limits.send, self.socket.send(message)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a WebSocket broke");
                false
            }
            Err(_) => {
                tracing::warn!("a game server does not read what it is sent; its connection is cut");
                false
            }
        }
    }

    async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        let goodbye = async {
            // Waits for the peer's answer: dropping a socket with unread bytes resets the connection, and the reset may
            // overtake the reason.
            if self.socket.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        if timeout(self.limits.send.min(GOODBYE), goodbye).await.is_err() {
            tracing::debug!("a peer did not say goodbye");
        }
        self.hang_up().await;
    }

    /// Closes the stream itself; TLS has its own closing message. Without it the C++ SDK waits five seconds more for
    /// the end of a connection that it has closed.
    async fn hang_up(&mut self) {
        drop(timeout(self.limits.send.min(GOODBYE), self.socket.get_mut().shutdown()).await);
    }
}
