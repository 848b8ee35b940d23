//! One port for everything: HTTP and WebSocket, plain and over TLS.
//!
//! The first byte of a connection tells a TLS handshake from plain HTTP; the C++ and Unreal server SDKs use TLS even
//! for a `ws://` address. Each connection is one task and has one place ([`crate::net::connections`]) from its first
//! byte to its end, even if it becomes a WebSocket. Each connection is bounded against any behaviour of its peer: in
//! the time to send a request, in the time to read an answer, and in memory. These times are real, not the emulated
//! clock's, because they are the network's.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use emulator_core::{limits::Limits, transport::Transport};
use futures_util::{StreamExt, stream};
use hyper::{
    Request, Response,
    body::{Body as _, Incoming},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    net::{
        connections::{Busy, Connections, Place},
        origin::Guard,
        pause::{NO_ACCEPT, pause_after, stopped},
        ready::Ready,
        refuse::refuse,
        tls,
        transport::Impatient,
        websocket::wants_websocket,
    },
    server_sdk::{connection::Session, endpoint::Endpoint},
};

/// The first byte of a TLS connection: the record type of a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long running requests may take after the stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// The services behind a port.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) http: Router,
    /// The endpoint for game servers, if there is one.
    pub(crate) game_servers: Option<GameServers>,
    pub(crate) limits: Limits,
    pub(crate) connections: Arc<Connections>,
}

/// The emulator's end for game servers. Only they need TLS.
#[derive(Clone)]
pub(crate) struct GameServers {
    pub(crate) endpoint: Endpoint,
    pub(crate) guard: Guard,
    /// Lets requests wait for the sample game servers.
    pub(crate) ready: Ready,
}

/// Serves the `router` of another program with the emulator's limits: `limits.connections` places for connections, and
/// a time limit for each step. Plain HTTP only. Each request has axum's `ConnectInfo` with its peer's address.
///
/// # Errors
/// The listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let connections = Arc::new(Connections::new(limits.connections));
    serve_all(listener, Services { http: router, game_servers: None, limits, connections }, shutdown).await
}

/// Serves until `shutdown` completes, then lets running requests finish.
pub(crate) async fn serve_all(
    listener: TcpListener,
    services: Services,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(false);
    // Dropping this with the future ends every connection at once.
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Further peers wait in the system's queue.
                    let place = tokio::select! {
                        place = services.connections.admit() => place,
                        () = &mut shutdown => break,
                    };
                    tasks.spawn(connection(stream, peer, services.clone(), stopping.clone(), place));
                }
                Err(error) => pause_after(&error, NO_ACCEPT).await,
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

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    services: Services,
    mut stopping: watch::Receiver<bool>,
    place: Arc<Place>,
) {
    // Frames are small and answer one another.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "cannot turn Nagle's algorithm off");
    }
    let greeted = timeout(services.limits.handshake, greet(stream, services.game_servers.is_some()));
    let greeted = tokio::select! {
        biased;
        greeted = greeted => greeted,
        () = stopped(&mut stopping) => return,
        () = place.asked_to_give_way() => return,
    };
    match greeted {
        Ok(Ok(Some(stream))) => http(stream, peer, services, stopping, &place).await,
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS handshake"),
        Err(_) => tracing::debug!(%peer, "the connection says nothing"),
    }
}

/// Waits for the first byte. Does the TLS handshake if the byte starts one and `tls` is set.
async fn greet(stream: TcpStream, tls: bool) -> io::Result<Option<Pin<Box<dyn Transport>>>> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Ok(None),
        _ if tls && first[0] == TLS_HANDSHAKE => Ok(Some(Box::pin(tls::acceptor().await?.accept(stream).await?))),
        _ => Ok(Some(Box::pin(stream))),
    }
}

/// The WebSocket that a connection becomes, if it does. The connection is busy until its end.
type Becomes = Arc<Mutex<Option<(Session, Busy)>>>;

async fn http(
    stream: Pin<Box<dyn Transport>>,
    peer: SocketAddr,
    services: Services,
    stopping: watch::Receiver<bool>,
    place: &Arc<Place>,
) {
    let limits = services.limits.clone();
    let websocket = Becomes::default();
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        respond(services.clone(), request, Arc::clone(&websocket), place.busy())
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .serve_connection(TokioIo::new(Impatient::new(stream, limits.send)), service)
        .with_upgrades();
    let mut served = pin!(served);
    let mut stop = stopping.clone();
    let ended = tokio::select! {
        biased;
        ended = &mut served => ended,
        () = stopped(&mut stop) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
        () = place.asked_to_give_way() => {
            // An incomplete first request is not waited for.
            if place.is_unheard() {
                return;
            }
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "the connection broke");
    }
    let session = websocket.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((session, _busy)) = session {
        session.run(&limits, stopping).await;
    }
}

/// Answers one request. The connection is `busy` until then.
async fn respond(
    services: Services,
    request: Request<Incoming>,
    becomes: Becomes,
    busy: Busy,
) -> Result<Response<Body>, Infallible> {
    let Some(servers) = services.game_servers.as_ref().filter(|_| wants_websocket(&request)) else {
        return answer(services, request).await;
    };
    if let Some(refusal) = servers.guard.refusal_of_websocket(&request) {
        return Ok(refuse(refusal));
    }
    let (response, session) = servers.endpoint.upgrade(request).await;
    *becomes.lock().unwrap_or_else(PoisonError::into_inner) = session.map(|session| (session, busy));
    Ok(response)
}

async fn answer(services: Services, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    if let Some(mut servers) = services.game_servers {
        servers.ready.wait_before(request.headers()).await;
    }
    let request = request.map(|body| in_time(body, services.limits.request));
    TowerToHyperService::new(services.http).call(request).await
}

/// Returns the body as one that fails if it is not complete after `limit`.
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
