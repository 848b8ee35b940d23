//! The emulator: both services, with what they run on.

use std::sync::Arc;

use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, settings::Settings};
use emulator_gamelift::GameLift;
use emulator_streams::Streams;
use tokio::{sync::watch, task::JoinSet};

use crate::{beacons, net::connections::Connections, sample_server::servers::SampleServers};

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
    pub(crate) settings: Arc<Settings>,
    /// Turns true when [`Emulator::serve`] has to end: answers without an end of their own end.
    pub(crate) stopping: Arc<watch::Sender<bool>>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) sample_servers: Arc<SampleServers>,
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
        let streams = Arc::new(Streams::new(settings, clock.clone(), faults.clone()));
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
        self.sample_servers.ready().wait().await;
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
}
