//! The emulator: both services with a common clock.

use std::sync::{Arc, Weak};

use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, settings::Settings};
use emulator_gamelift::GameLift;
use emulator_streams::Streams;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    beacons, calls::Calls, net::connections::Connections, sample_server::servers::SampleServers, sinks::set::Sinks,
};

/// Both services with the resources of the [`Settings`].
#[derive(Clone, Debug)]
pub struct Emulator {
    /// Amazon GameLift Servers.
    pub gamelift: Arc<GameLift>,
    /// Amazon GameLift Streams.
    pub streams: Arc<Streams>,
    /// The clock of both services.
    pub clock: Clock,
    /// The injected faults.
    pub faults: Faults,
    /// The events of both services.
    pub events: EventBus,
    /// The calls of both services, those of game servers not included.
    pub calls: Calls,
    pub(crate) settings: Arc<Settings>,
    /// Becomes true when [`Emulator::serve`] has to end: endless answers end then.
    pub(crate) stopping: Arc<watch::Sender<bool>>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) sample_servers: Arc<SampleServers>,
    /// Where events are delivered to.
    pub(crate) sinks: Sinks,
}

impl Emulator {
    /// Creates both services. The sample game servers bind their ports now and connect as soon as the emulator serves;
    /// requests wait for them.
    ///
    /// # Panics
    /// Panics outside a Tokio runtime, because the sample game servers are tasks.
    pub fn new(settings: &Settings, clock: Clock) -> Self {
        let faults = [settings.seed.faults.as_slice(), &settings.faults].concat();
        let faults = Faults::new(faults, settings.random_seed);
        let events = EventBus::new(&settings.account, &settings.region, faults.clone());
        let gamelift = Arc::new(GameLift::new(settings, clock.clone(), faults.clone(), events.clone()));
        let streams = Arc::new(Streams::new(settings, clock.clone(), faults.clone()));
        // The drivers hold the services weakly and end with the emulator.
        let mut tasks = JoinSet::new();
        tasks.spawn(gamelift.driver());
        tasks.spawn(streams.driver());
        tasks.spawn(deliver(events.clone(), Arc::downgrade(&gamelift), clock.clone()));
        gamelift.set_beacons(beacons::start(settings, &clock, &mut tasks));
        let sample_servers = Arc::new(SampleServers::start(settings, &gamelift, &clock, tasks));
        let connections = Arc::new(Connections::new(settings.limits.connections));
        let settings = Arc::new(settings.clone());
        let stopping = Arc::default();
        let (sinks, calls) = (Sinks::default(), Calls::default());
        Self { gamelift, streams, clock, faults, events, calls, settings, stopping, connections, sample_servers, sinks }
    }

    /// Waits until the sample game servers are available for game sessions. They only start once the emulator serves.
    pub async fn ready(&self) {
        self.sample_servers.ready().wait().await;
    }

    /// Returns the number of open connections, of AWS SDKs and of game servers.
    pub fn open_connections(&self) -> usize {
        self.connections.open()
    }

    /// Resets resources and settings to the start; the clock stays. Game servers are told to end and lose their
    /// connections. No SDK connects again after that: the game servers have to be started again.
    pub fn reset(&self) {
        self.gamelift.reset(&self.settings);
        self.streams.reset(&self.settings);
        self.faults.reset();
        self.events.reset();
        self.sinks.reset(&self.events);
        self.sample_servers.reset();
    }

    /// Lets everything happen that is due by now. API calls do this themselves.
    pub fn settle(&self) {
        let now = self.clock.now();
        self.gamelift.settle();
        self.streams.settle();
        self.events.settle(now);
    }
}

/// Lets events that a fault has delayed arrive when they are due, until the service is gone.
async fn deliver(events: EventBus, gamelift: Weak<GameLift>, clock: Clock) {
    loop {
        events.due(&clock).await;
        let now = clock.now();
        let Some(gamelift) = gamelift.upgrade() else { return };
        gamelift.settle();
        events.settle(now);
    }
}
