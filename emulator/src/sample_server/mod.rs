//! The built-in sample game servers: small, but real ones. Each has a port for its players and talks
//! to the emulator over the WebSocket like any game server; `examples/game_server.rs` is the same one
//! as a program. With [`Hosting::FleetIq`] they are those of `fleetiq` instead, which call the API.
//!
//! They start when the emulator serves. One thing is as on a managed fleet, where an agent watches
//! the processes: a crash is noticed at once.

mod api;
mod fleetiq;
pub mod game;
mod player;

use std::{
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};

pub(crate) use self::api::USER_AGENT;
use self::{
    fleetiq::LAST_CALL,
    game::{Game, Outcome},
};
use crate::{
    Clock, Hosting, Settings,
    gamelift::{GameLift, ProcessId},
    seed,
    server_sdk::client::{self, ServerParameters},
};

/// What the ids of sample game servers begin with. Only the id tells one that is registered in a game
/// server group from others.
pub(crate) const SAMPLE_ID: &str = "sample-";
/// The highest port that GameLift lets a game server have.
const MAX_PORT: u16 = 60_000;
/// Between two attempts to start.
const RETRY: Duration = Duration::from_secs(1);

/// The running sample servers. Dropping this ends them.
#[derive(Debug)]
pub(crate) struct SampleServers {
    /// Where the emulator serves.
    address: watch::Sender<Option<SocketAddr>>,
    /// How many have not started yet.
    missing: watch::Receiver<usize>,
    /// How many are registered in a game server group.
    registered: Arc<watch::Sender<usize>>,
    /// Tells those that the emulator has forgotten them.
    resets: watch::Sender<()>,
    _tasks: JoinSet<()>,
}

struct SampleServer {
    gamelift: Weak<GameLift>,
    address: watch::Receiver<Option<SocketAddr>>,
    fleet_id: String,
    compute_name: String,
    listener: TcpListener,
    port: u16,
    game: Game,
}

impl SampleServers {
    /// Starts the sample game servers of the settings, and what else `tasks` holds.
    pub(crate) fn start(settings: &Settings, gamelift: &Arc<GameLift>, clock: &Clock, mut tasks: JoinSet<()>) -> Self {
        let (address, addressed) = watch::channel(None);
        let (resets, reset) = watch::channel(());
        let registered = Arc::new(watch::Sender::new(0));
        let host = match settings.hosting {
            Hosting::Anywhere => settings.seed.computes.first().map(Host::Compute),
            Hosting::FleetIq => settings.seed.game_server_groups.first().map(Host::Group),
        };
        if host.is_none() && settings.game_servers > 0 && settings.hosting == Hosting::FleetIq {
            tracing::warn!("no sample game server runs: the seed has no game server group");
        }
        let listeners = if host.is_some() { listeners(settings) } else { Vec::new() };
        let (missing, missed) = watch::channel(listeners.len());
        let missing = Arc::new(missing);
        for ((listener, port), host) in listeners.into_iter().zip(host.into_iter().cycle()) {
            let missing = Arc::clone(&missing);
            let started = move || missing.send_modify(|missing| *missing -= 1);
            let compute = match host {
                Host::Compute(compute) => compute,
                Host::Group(group) => {
                    let server = fleetiq::GameServer {
                        address: addressed.clone(),
                        resets: reset.clone(),
                        registered: Arc::clone(&registered),
                        group: group.name.clone(),
                        key: settings.access_key.clone(),
                        listener,
                        public: SocketAddr::new(settings.host(), port),
                        clock: clock.clone(),
                        empty_session_timeout: settings.empty_session_timeout,
                    };
                    tasks.spawn(server.run(started));
                    continue;
                }
            };
            let server = SampleServer {
                gamelift: Arc::downgrade(gamelift),
                address: addressed.clone(),
                fleet_id: compute.fleet.clone(),
                compute_name: compute.name.clone(),
                port,
                listener,
                game: Game {
                    clock: clock.clone(),
                    behaviour: settings.sample_behaviour,
                    activation_delay: settings.activation_delay,
                    empty_session_timeout: settings.empty_session_timeout,
                },
            };
            tasks.spawn(server.run(started));
        }
        Self { address, missing: missed, registered, resets, _tasks: tasks }
    }

    /// The emulator stops soon: those that are registered in a game server group deregister.
    pub(crate) async fn leave(&self) {
        if self.registered() > 0 {
            self.address.send_replace(None);
            // Too slow: they are found out by their health.
            drop(timeout(2 * LAST_CALL, self.registered.subscribe().wait_for(|registered| *registered == 0)).await);
        }
    }

    /// How many are registered in a game server group.
    pub(crate) fn registered(&self) -> usize {
        *self.registered.borrow()
    }

    /// The emulator has forgotten them.
    pub(crate) fn reset(&self) {
        self.resets.send_replace(());
    }

    /// Tells them where the emulator serves, or that it does not any more.
    pub(crate) fn serving(&self, address: Option<SocketAddr>) {
        // What listens on every address is reached on this machine's own.
        let reachable = address.map(|address| match address.ip() {
            ip if !ip.is_unspecified() => address,
            IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
            IpAddr::V6(_) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
        });
        self.address.send_replace(reachable);
    }

    /// How many have not started yet.
    pub(crate) fn missing(&self) -> watch::Receiver<usize> {
        self.missing.clone()
    }
}

/// What sample game servers run on.
#[derive(Clone, Copy)]
enum Host<'a> {
    Compute(&'a seed::Compute),
    Group(&'a seed::GameServerGroup),
}

/// The sockets that players will connect to.
fn listeners(settings: &Settings) -> Vec<(TcpListener, u16)> {
    let ip = settings.public_ip.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut listeners = Vec::new();
    let mut port = settings.first_game_port;
    for _ in 0..settings.game_servers {
        match listen(ip, port) {
            Ok((listener, bound)) => {
                if port != 0 && bound != port {
                    tracing::warn!(taken = port, port = bound, "a port is taken; the sample game server moves on");
                }
                listeners.push((listener, bound));
                port = if port == 0 { 0 } else { bound.saturating_add(1) };
            }
            Err(error) => {
                tracing::error!(%ip, port, %error, "a sample game server has no port and does not start");
                break;
            }
        }
    }
    listeners
}

/// Listens on `port` or the next one that is free; 0 is any.
fn listen(ip: IpAddr, port: u16) -> io::Result<(TcpListener, u16)> {
    let mut candidate = port;
    loop {
        match bind(ip, candidate) {
            Ok((listener, bound)) if bound <= MAX_PORT => return Ok((listener, bound)),
            // The system's choice is one that GameLift does not allow: again.
            Ok(_) if port == 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && (1..MAX_PORT).contains(&candidate) => {
                candidate += 1;
            }
            Err(error) => return Err(error),
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "no port up to 60000 is free")),
        }
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<(TcpListener, u16)> {
    let listener = match std::net::TcpListener::bind((ip, port)) {
        // The public address is another machine's, which forwards to this one.
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?
        }
        bound => bound?,
    };
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?.port();
    Ok((TcpListener::from_std(listener)?, bound))
}

impl SampleServer {
    /// Runs one process after the other. `started` is called once.
    async fn run(mut self, started: impl FnOnce() + Send) {
        let mut started = Some(started);
        loop {
            let Ok(address) = self.address.wait_for(Option::is_some).await.map(|address| *address) else { return };
            let Some(serving) = address else { continue };
            let mut addressed = self.address.clone();
            let moved = async { addressed.wait_for(|address| *address != Some(serving)).await.is_ok() };
            let ended = tokio::select! {
                ended = self.run_process(serving, &mut started) => ended,
                // The emulator stops: there is nobody to say goodbye to.
                _ = moved => continue,
            };
            if let Err(error) = ended {
                tracing::warn!(port = self.port, %error, "a sample game server failed");
                if let Some(started) = started.take() {
                    // Nobody should wait for it.
                    started();
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// The life of one process.
    async fn run_process(
        &self,
        address: SocketAddr,
        started: &mut Option<impl FnOnce() + Send>,
    ) -> Result<(), client::Error> {
        let Some(gamelift) = self.gamelift.upgrade() else { return Err(client::Error::Closed) };
        let auth_token = gamelift
            .sample_server_token(&self.fleet_id, &self.compute_name)
            .map_err(|error| client::Error::Connect(error.to_string()))?;
        drop(gamelift);
        let process_id = format!("{SAMPLE_ID}{}-{}", self.port, uuid::Uuid::new_v4());
        let process = ProcessId::from(process_id.as_str());
        let parameters = ServerParameters {
            websocket_url: format!("ws://{address}/"),
            process_id,
            host_id: self.compute_name.clone(),
            fleet_id: self.fleet_id.clone(),
            auth_token,
            certificate_pem: None,
        };
        let (server, mut events) = client::init_sdk(parameters, self.game.clock.clone()).await?;
        server.process_ready(self.port, &[]).await?;
        // Answered after the first heartbeat, from which on the process is available.
        server.compute_certificate().await?;
        if let Some(started) = started.take() {
            started();
        }
        let created = || self.gamelift.upgrade()?.hosted_since(&process);
        let outcome = self.game.host_one(&self.listener, &server, &mut events, created, pending()).await;
        if outcome.as_ref().map_or(true, |outcome| *outcome == Outcome::Crashed)
            && let Some(gamelift) = self.gamelift.upgrade()
        {
            // An error says that the service knows that it has ended.
            drop(gamelift.process_crashed(&process));
        }
        outcome.map(drop)
    }
}
