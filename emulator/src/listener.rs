//! One port for everything: HTTP and WebSocket, plain and over TLS.
//!
//! The first byte of a connection tells a TLS handshake from plain HTTP; the C++ and Unreal server
//! SDKs speak TLS even to a `ws://` address. Every connection is one task and holds one permit, from
//! its first byte to its end, also when it becomes a WebSocket. Whatever a peer does or does not do,
//! its connection is bounded: in the time to say something, in the time to read an answer, in what
//! is kept for it. These times are the network's, so they are real and not the emulated clock's.

use std::{
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body};
use futures_util::{StreamExt, stream};
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    header::USER_AGENT,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    origin::Guard,
    sample_server, server_sdk, tls,
    transport::{Impatient, Transport},
};

/// What a TLS connection starts with: the record type of a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long requests that are under way at the end may take.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long the first request waits for the sample game servers.
const SAMPLE_SERVERS: Duration = Duration::from_secs(10);

/// What one peer can take up. The default is generous to everything that behaves.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections are open at once. One more is closed unanswered.
    pub connections: usize,
    /// From the connection to its first byte, and to the end of the TLS handshake.
    pub handshake: Duration,
    /// To the end of a request's head, also of the next one on the same connection, and from there
    /// to the end of its body.
    pub request: Duration,
    /// How long a peer may take to read what it is sent.
    pub send: Duration,
    /// How long a game server may take to answer a ping. It gets one when its process id connects
    /// again, as the connection may be one that the network has lost.
    pub pong: Duration,
    /// How long a game server whose process has ended may take to say `ProcessEnding` and to close its
    /// connection.
    pub farewell: Duration,
    /// The largest WebSocket message.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(60),
            send: Duration::from_secs(10),
            // The C# SDK gives an attempt to connect two seconds.
            pong: Duration::from_secs(1),
            farewell: Duration::from_secs(10),
            message: 1024 * 1024,
        }
    }
}

/// What the connections of one emulator share.
#[derive(Debug)]
pub(crate) struct Connections {
    limits: Limits,
    permits: Arc<Semaphore>,
}

impl Connections {
    pub(crate) fn new(limits: Limits) -> Self {
        let permits = Arc::new(Semaphore::new(limits.connections));
        Self { limits, permits }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.limits.connections.saturating_sub(self.permits.available_permits())
    }
}

/// What is behind the port.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) http: Router,
    pub(crate) server_sdk: server_sdk::Endpoint,
    pub(crate) guard: Guard,
    pub(crate) connections: Arc<Connections>,
    /// How many sample game servers have not started yet. Requests wait for them.
    pub(crate) missing: watch::Receiver<usize>,
}

/// Serves until `shutdown` completes, and lets requests that are under way finish.
pub(crate) async fn serve(
    listener: TcpListener,
    services: Services,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    // Dropped with this future, which ends every connection at once.
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Ok(permit) = Arc::clone(&services.connections.permits).try_acquire_owned() {
                        tasks.spawn(connection(stream, peer, services.clone(), stopping.clone(), permit));
                    } else {
                        tracing::warn!(%peer, limit = services.connections.limits.connections, "too many connections");
                    }
                }
                Err(error) => pause_after(&error).await,
            }
        }
    }
    drop(listener);
    stop.send_replace(true);
    let all = async { while tasks.join_next().await.is_some() {} };
    if timeout(LAST_REQUESTS, all).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections that do not end are cut");
    }
    Ok(())
}

/// A peer that is gone already is its own affair; with no file descriptors left, the next attempt
/// would fail at once.
pub(crate) async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    services: Services,
    mut stopping: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) {
    let handshake = services.connections.limits.handshake;
    // Frames are small and wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "cannot turn Nagle's algorithm off");
    }
    let greeted = timeout(handshake, async {
        let mut first = [0];
        match stream.peek(&mut first).await? {
            0 => Ok(None),
            _ if first[0] == TLS_HANDSHAKE => {
                let stream: Pin<Box<dyn Transport>> = Box::pin(tls::acceptor().await?.accept(stream).await?);
                Ok(Some(stream))
            }
            _ => Ok(Some(Box::pin(stream) as Pin<Box<dyn Transport>>)),
        }
    });
    let greeted = tokio::select! {
        greeted = greeted => greeted,
        () = stopped(&mut stopping) => return,
    };
    match greeted {
        Ok(Ok(Some(stream))) => http(stream, peer, services, stopping).await,
        Ok(Ok(None)) => {}
        Ok(Err::<_, io::Error>(error)) => tracing::debug!(%peer, %error, "no TLS handshake"),
        Err(_) => tracing::debug!(%peer, "the connection says nothing"),
    }
    drop(permit);
}

async fn http(stream: Pin<Box<dyn Transport>>, peer: SocketAddr, services: Services, stopping: watch::Receiver<bool>) {
    let limits = services.connections.limits.clone();
    // The WebSocket that the connection becomes, if it does.
    let websocket = Arc::new(Mutex::new(None));
    let becomes = Arc::clone(&websocket);
    let service = service_fn(move |request| {
        let (services, becomes) = (services.clone(), Arc::clone(&becomes));
        async move {
            if let Some(refusal) = services.guard.refusal(&request) {
                Ok(refusal)
            } else if server_sdk::wants_websocket(&request) {
                let (response, session) = services.server_sdk.upgrade(request).await;
                *becomes.lock().unwrap_or_else(PoisonError::into_inner) = session;
                Ok(response)
            } else {
                answer(services, request).await
            }
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .serve_connection(TokioIo::new(Impatient::new(stream, limits.send)), service)
        .with_upgrades();
    let mut served = pin!(served);
    let mut stop = stopping.clone();
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stopped(&mut stop) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "the connection broke");
    }
    let session = websocket.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(session) = session {
        session.run(&limits, stopping).await;
    }
}

/// Waits until the emulator stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error says that it has stopped already.
    drop(stopping.wait_for(|stop| *stop).await);
}

async fn answer(
    mut services: Services,
    request: Request<Incoming>,
) -> Result<Response<Body>, std::convert::Infallible> {
    // A caller that starts right after the emulator expects them to be there.
    let is_one = request.headers().get(USER_AGENT).is_some_and(|agent| agent == sample_server::USER_AGENT);
    if !is_one && timeout(SAMPLE_SERVERS, services.missing.wait_for(|missing| *missing == 0)).await.is_err() {
        tracing::warn!("the sample game servers are not ready");
    }
    let request = request.map(|body| in_time(body, services.connections.limits.request));
    TowerToHyperService::new(services.http).call(request).await
}

/// The body, which breaks if it is not all there after `limit`.
fn in_time(body: Incoming, limit: Duration) -> Body {
    if body.is_end_stream() {
        return Body::empty();
    }
    let deadline = Instant::now() + limit;
    Body::from_stream(stream::unfold(Body::new(body).into_data_stream(), move |mut rest| async move {
        let next = match timeout_at(deadline, rest.next()).await {
            Ok(next) => next?,
            Err(elapsed) => Err(axum::Error::new(elapsed)),
        };
        Some((next, rest))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_would_fail_again_at_once_is_waited_for() {
        let pause = async |error: io::Error| {
            let before = Instant::now();
            pause_after(&error).await;
            before.elapsed()
        };
        for gone in [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset] {
            assert_eq!(pause(gone.into()).await, Duration::ZERO);
        }
        // No file descriptors left, as Linux says it.
        assert!(pause(io::Error::from_raw_os_error(24)).await >= Duration::from_millis(50));
    }
}
