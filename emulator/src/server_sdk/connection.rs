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

/// Who sends this many frames in a row that are no requests is no game server.
const MAX_GARBAGE: u32 = 16;
/// How long a peer may take to close its end.
const GOODBYE: Duration = Duration::from_secs(2);

/// A connection that is about to become a WebSocket.
pub(crate) struct Session {
    socket: OnUpgrade,
    connection: ProcessConnection,
    gamelift: Arc<GameLift>,
}

/// Why a connection ends.
enum End {
    /// The peer is gone, or has been told to go.
    Gone,
    /// The process has ended. Its game server may not know yet, or wants to close the connection itself.
    Ended,
    /// The peer is told why. After 1000 and 1001 no SDK connects again; after others all do.
    Close(CloseCode, &'static str),
}

impl Session {
    pub(crate) fn new(socket: OnUpgrade, connection: ProcessConnection, gamelift: Arc<GameLift>) -> Self {
        Self { socket, connection, gamelift }
    }

    /// Serves the game server until one of the two ends the connection.
    pub(crate) async fn run(mut self, limits: &Limits, mut stopping: watch::Receiver<bool>) {
        let socket = match (&mut self.socket).await {
            Ok(socket) => TokioIo::new(socket),
            Err(error) => return tracing::debug!(%error, "a WebSocket did not come about"),
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits.message))
            .max_frame_size(Some(limits.message))
            // Small, as there is one for each connection.
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
        // Before the good-bye: a peer that takes its time with that is gone all the same.
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
        // Who waits for a sign of life.
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
                        // Who has asked may have lost patience.
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
                // Pushes have no answers. The pong tells that this one has not got lost on the way.
                let number = self.connection.push_was_sent();
                if !socket.send(Message::Ping(Bytes::copy_from_slice(&number.to_be_bytes()))).await {
                    return End::Gone;
                }
            }
        }
    }
}

/// The end of a process, as its game server sees it: most are told by a `TerminateProcess` that has just
/// been sent, and say `ProcessEnding`. SDKs whose connection closes before that is answered wait for
/// minutes. Then they close the connection, and are surprised if that was done for them.
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

/// What may be a request. The rest is answered by the library, while the next message is waited for.
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
    /// Whether the peer took it in time.
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
            // Until the peer has answered: a socket that is dropped with unread bytes in it is reset,
            // and the reset may overtake the reason.
            if self.socket.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        if timeout(self.limits.send.min(GOODBYE), goodbye).await.is_err() {
            tracing::debug!("a peer did not say goodbye");
        }
        self.hang_up().await;
    }

    /// Over TLS the stream has a good-bye of its own. Without it the C++ SDK waits five seconds more
    /// for the end of a connection that it has closed.
    async fn hang_up(&mut self) {
        drop(timeout(self.limits.send.min(GOODBYE), self.socket.get_mut().shutdown()).await);
    }
}
