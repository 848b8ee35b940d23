//! All sample game servers of the settings.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use emulator_core::{
    clock::Clock,
    seed,
    settings::{Hosting, Settings},
};
use emulator_gamelift::GameLift;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::{
    net::ready::Ready,
    sample_server::{
        fleetiq::{self, LAST_CALL},
        game::Game,
        server::SampleServer,
        sockets::listeners,
    },
};

/// The running sample servers. Dropping this ends them.
#[derive(Debug)]
pub(crate) struct SampleServers {
    /// The address at which the emulator serves.
    address: watch::Sender<Option<SocketAddr>>,
    /// The number that have not started yet.
    missing: watch::Receiver<usize>,
    /// The number that are registered in a game server group.
    registered: Arc<watch::Sender<usize>>,
    /// Tells registered ones that the emulator was reset.
    resets: watch::Sender<()>,
    _tasks: JoinSet<()>,
}

impl SampleServers {
    /// Starts the sample game servers of the settings. `tasks` may hold other tasks, which end with them.
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
                    backfill: settings.sample_backfill,
                },
            };
            tasks.spawn(server.run(started));
        }
        Self { address, missing: missed, registered, resets, _tasks: tasks }
    }

    /// Deregisters the sample game servers in game server groups, because the emulator stops soon.
    pub(crate) async fn leave(&self) {
        if self.registered() > 0 {
            self.address.send_replace(None);
            // Those that are too slow are removed later, for lack of health reports.
            drop(timeout(2 * LAST_CALL, self.registered.subscribe().wait_for(|registered| *registered == 0)).await);
        }
    }

    /// Returns the number registered in a game server group.
    pub(crate) fn registered(&self) -> usize {
        *self.registered.borrow()
    }

    /// Tells them that the emulator was reset.
    pub(crate) fn reset(&self) {
        self.resets.send_replace(());
    }

    /// Tells them the emulator's address, or `None` once it does not serve.
    pub(crate) fn serving(&self, address: Option<SocketAddr>) {
        // An emulator on all addresses is reached at this machine's loopback address.
        let reachable = address.map(|address| match address.ip() {
            ip if !ip.is_unspecified() => address,
            IpAddr::V4(_) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
            IpAddr::V6(_) => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
        });
        self.address.send_replace(reachable);
    }

    /// Returns the wait for the start of all of them.
    pub(crate) fn ready(&self) -> Ready {
        Ready(self.missing.clone())
    }
}

/// The resource that sample game servers run on.
#[derive(Clone, Copy)]
enum Host<'a> {
    Compute(&'a seed::Compute),
    Group(&'a seed::GameServerGroup),
}
