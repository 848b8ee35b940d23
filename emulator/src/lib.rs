//! Amazon GameLift Servers and Amazon GameLift Streams, emulated on one port.
//!
//! Any AWS SDK or the AWS CLI reaches it through its endpoint setting
//! (`AWS_ENDPOINT_URL_GAMELIFT`, `AWS_ENDPOINT_URL_GAMELIFTSTREAMS`). Read the crate in this order:
//!
//! - [`Settings`]: what exists when the emulator starts;
//! - [`gamelift`] and [`streams`]: the rules of the two services, free of any wire format;
//! - [`server_sdk`]: what game servers speak, and an SDK for them; [`sample_server`]: a game server;
//! - `beacons`: what players measure their latency with;
//! - `wire`: the protocols; `http`: which request is which operation, and what stands in front of it;
//! - [`seed`], [`rules`], [`faults`], [`events`], [`state_file`], `control`: what programs with an emulator have
//!   besides; [`flags`] and [`keep`]: their flags, and what is left of them;
//! - [`serve`], [`Guard`] and [`files`]: what another program's HTTP beside the emulator shares with it;
//! - [`Clock`]: all time comes from here, so that tests can step it.
//!
//! The emulator knows nothing of Liftgate.

mod beacons;
mod clock;
mod connections;
mod control;
mod error;
pub mod events;
pub mod faults;
pub mod files;
pub mod flags;
pub mod gamelift;
mod http;
pub mod keep;
mod listener;
mod origin;
mod rate_limits;
pub mod rules;
pub mod sample_server;
pub mod seed;
pub mod server_sdk;
mod settings;
mod signature;
mod soundness;
pub mod state_file;
pub mod streams;
mod timers;
mod tls;
mod transport;
mod wire;

use std::{future::Future, sync::Arc};

use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub use crate::{
    beacons::Beacon,
    clock::Clock,
    error::ServiceError,
    faults::Fault,
    listener::{Limits, serve},
    origin::{Guard, Refusal, host_name},
    settings::{Hosting, SampleBehaviour, Settings},
    signature::AccessKey,
    tls::{certificate_pem, certify},
};
use crate::{
    connections::Connections,
    events::EventBus,
    faults::Faults,
    gamelift::GameLift,
    listener::{GameServers, Services},
    sample_server::SampleServers,
    streams::Streams,
};

/// Both services with the resources of the [`Settings`].
#[derive(Clone, Debug)]
pub struct Emulator {
    /// Amazon GameLift Servers.
    pub gamelift: Arc<GameLift>,
    /// Amazon GameLift Streams.
    pub streams: Arc<Streams>,
    /// The clock both run on.
    pub clock: Clock,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// What has happened.
    pub events: EventBus,
    settings: Arc<Settings>,
    /// Turns true when [`Emulator::serve`] has to end: answers without an end of their own end.
    stopping: Arc<watch::Sender<bool>>,
    connections: Arc<Connections>,
    sample_servers: Arc<SampleServers>,
}

impl Emulator {
    /// Sets both services up. The sample game servers take their ports now and connect as soon as the
    /// emulator serves; requests wait for them.
    ///
    /// # Panics
    /// Outside a Tokio runtime: the sample game servers are tasks.
    pub fn new(settings: &Settings, clock: Clock) -> Self {
        let faults = [settings.seed.faults.as_slice(), &settings.faults].concat();
        let faults = Faults::new(faults, settings.random_seed);
        let events = EventBus::new(&settings.account, &settings.region);
        let gamelift = Arc::new(GameLift::new(settings, clock.clone(), faults.clone(), events.clone()));
        let streams = Streams::new(settings, clock.clone(), faults.clone());
        // They hold the service weakly and end with the emulator.
        let mut tasks = JoinSet::new();
        tasks.spawn(gamelift.driver());
        tasks.spawn(streams.driver());
        gamelift.set_beacons(beacons::start(settings, &clock, &mut tasks));
        let sample_servers = Arc::new(SampleServers::start(settings, &gamelift, &clock, tasks));
        let connections = Arc::new(Connections::new(settings.limits.connections));
        let settings = Arc::new(settings.clone());
        let stopping = Arc::default();
        Self { gamelift, streams, clock, faults, events, settings, stopping, connections, sample_servers }
    }

    /// Waits until the sample game servers wait for game sessions, once the emulator serves.
    pub async fn ready(&self) {
        // An error says that the sample servers are gone, so there is nothing to wait for.
        drop(self.sample_servers.missing().wait_for(|missing| *missing == 0).await);
    }

    /// How many connections are open, of AWS SDKs and of game servers.
    pub fn open_connections(&self) -> usize {
        self.connections.open()
    }

    /// Everything that exists and was set, but the clock, is again as it was at the start. Game
    /// servers are told to end and lose their connections, which no SDK makes again: they have to be
    /// started again.
    pub fn reset(&self) {
        self.gamelift.reset(&self.settings);
        self.streams.reset(&self.settings);
        self.faults.reset();
        self.sample_servers.reset();
    }

    /// Lets everything happen that is due by now. Calls do this by themselves.
    pub fn settle(&self) {
        self.gamelift.settle();
        self.streams.settle();
    }

    /// Answers AWS SDKs on `listener` until `shutdown` completes; requests under way are finished.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let (stopping, sample_servers) = (Arc::clone(&self.stopping), Arc::clone(&self.sample_servers));
        let shutdown = async move {
            shutdown.await;
            sample_servers.leave().await;
            stopping.send_replace(true);
        };
        let address = listener.local_addr()?;
        let names = [&self.settings.public_ip].into_iter().chain(&self.settings.allowed_hosts);
        let guard = Guard::new(names.cloned());
        let services = Services {
            http: http::router(self.clone(), guard.clone()),
            game_servers: Some(GameServers {
                endpoint: server_sdk::Endpoint {
                    gamelift: Arc::clone(&self.gamelift),
                    access_key: self.settings.access_key.clone(),
                    pong: self.settings.limits.pong,
                },
                guard,
                missing: self.sample_servers.missing(),
            }),
            limits: self.settings.limits.clone(),
            connections: Arc::clone(&self.connections),
        };
        self.sample_servers.serving(Some(address));
        let served = listener::serve_all(listener, services, shutdown).await;
        self.sample_servers.serving(None);
        served
    }
}
