//! One WebSocket, from its handshake to its end.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::gateway::sockets::register::Place;

/// API Gateway's limits.
pub(crate) const MAX_MESSAGE: usize = 128 * 1024;
const MAX_FRAME: usize = 32 * 1024;
const IDLE: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_hours(2);

/// The most messages of one client that the function answers at once. The next one waits.
const AT_ONCE: usize = 16;

/// How long a client may take to read a message, or the close.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long what a client has under way is read after the close, so that the close arrives and no reset.
const LINGER: Duration = Duration::from_secs(1);

/// The function `socket`: an event to its answer.
pub(crate) type Function = Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync>;

/// Why a connection ends: the code and the reason of `$disconnect`.
struct End {
    code: u16,
    reason: String,
}

impl End {
    fn new(code: u16, reason: &str) -> Self {
        Self { code, reason: reason.to_owned() }
    }
}

/// Serves a WebSocket to its end, and tells the function of it.
pub(crate) async fn serve<S>(stream: S, mut place: Place, function: Function)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_FRAME))
        .accept_unmasked_frames(false);
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
    let end = converse(&mut socket, &mut place, &function).await;
    let origin = place.known.origin.clone();
    // Whoever posts to it from now on is told that it is gone.
    drop(place);
    function(origin.disconnect(end.code, &end.reason)).await;
}

/// Passes messages both ways, until one side ends it.
async fn converse<S>(socket: &mut WebSocketStream<S>, place: &mut Place, function: &Function) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let oldest = Instant::now() + LONGEST;
    let mut idle = Instant::now() + IDLE;
    let mut answers = JoinSet::new();
    loop {
        let message = tokio::select! {
            () = sleep_until(idle.min(oldest)) => return close(socket, CloseCode::Away, "Going away").await,
            message = place.messages.recv() => match message {
                Some(message) => message,
                None => return close(socket, CloseCode::Normal, "Connection Closed Normally").await,
            },
            Some(answer) = answers.join_next() => match answer {
                Ok(Some(message)) => message,
                Ok(None) | Err(_) => continue,
            },
            heard = socket.next(), if answers.len() < AT_ONCE => {
                place.known.touch();
                idle = Instant::now() + IDLE;
                let event = match heard {
                    Some(Ok(Message::Text(text))) => place.known.origin.message(text.as_bytes(), true),
                    Some(Ok(Message::Binary(bytes))) => place.known.origin.message(&bytes, false),
                    Some(Ok(Message::Close(frame))) => return closed(socket, frame).await,
                    Some(Ok(_)) => continue,
                    Some(Err(Error::Capacity(_))) => return close(socket, CloseCode::Size, "Message too big").await,
                    Some(Err(Error::Protocol(_) | Error::Utf8(_))) => {
                        return close(socket, CloseCode::Protocol, "Protocol error").await;
                    }
                    Some(Err(_)) | None => return End::new(1006, "Connection closed abnormally"),
                };
                let answer = function(event);
                answers.spawn(async move { body(answer.await) });
                continue;
            }
        };
        if !matches!(timeout(PATIENCE, socket.send(Message::text(message))).await, Ok(Ok(()))) {
            return End::new(1006, "Connection closed abnormally");
        }
        place.known.touch();
        idle = Instant::now() + IDLE;
    }
}

/// The body of the function's answer, which goes back to the client.
fn body(answer: Value) -> Option<String> {
    answer["body"].as_str().filter(|body| !body.is_empty()).map(str::to_owned)
}

/// Closes the connection from this side.
async fn close<S>(socket: &mut WebSocketStream<S>, code: CloseCode, reason: &'static str) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let frame = CloseFrame { code, reason: reason.into() };
    let closing = async {
        let _ = socket.send(Message::Close(Some(frame))).await;
        let _ = timeout(LINGER, drain(socket.get_mut())).await;
    };
    let _ = timeout(PATIENCE, closing).await;
    End::new(code.into(), reason)
}

/// Reads what the client still sends.
async fn drain(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = vec![0; MAX_FRAME];
    while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
}

/// The client has closed the connection; it gets its close back.
async fn closed<S>(socket: &mut WebSocketStream<S>, frame: Option<CloseFrame>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let _ = timeout(PATIENCE, socket.flush()).await;
    frame.map_or_else(
        || End::new(1005, "Client-side close frame status not set"),
        |frame| End::new(frame.code.into(), &frame.reason),
    )
}
