//! Starting and stopping the local world.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    time::Duration,
};

use aws::clients::{self, Connections};
use aws_config::{Region, SdkConfig};
use aws_sdk_gamelift::config::Credentials;
use axum::Router;
use gamelift_emulator::{
    Clock, Emulator, Guard, Hosting, Limits, Settings,
    files::Files,
    keep::{Keep, Kept},
    seed::Seed,
    state_file::StateFileError,
};
use identity::config::PlayerRates;
use matchmaking::{
    config::{
        AdmissionConfig, ConnectArgs, FleetConfig, GameServerConfig, LimitConfig, ReconcileConfig, StreamConfig,
        TicketConfig,
    },
    push::{Push, SocketOffer},
};
use reconcile::Reconcile;
use record_event::RecordEvent;
use serde_json::Value;
use shared::{
    Code,
    clock::Clock as TimeOfDay,
    config::{HttpConfig, rates},
    invitation::InvitationKey,
};
use sign_in::SignInConfig;
use socket::Socket;
use store::Store;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use crate::{
    events,
    functions::{self, Config},
    gateway::{self, event::EventFormat, throttle::Throttling},
    issuer::{self, own::LocalIssuer},
    offers::{self, Offers},
    pages,
    players::Players,
    schedule,
    steam::{self, emulated::EmulatedSteam},
};

/// The parts to start, and their addresses and settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address that the gateway and the emulator listen on.
    pub host: IpAddr,
    /// Port of the gateway: 0 for any free port, `None` for no gateway and no functions.
    pub port: Option<u16>,
    /// Port of the emulator: 0 for any free port, `None` for no emulator. Without it the functions call the AWS that
    /// the environment names.
    pub emulator_port: Option<u16>,
    /// Format of the events that the gateway sends.
    pub events: EventFormat,
    /// The rates of the gateway's routes and of one player; `None` for no limits.
    pub throttling: Option<Throttling>,
    /// Who the players are.
    pub players: Players,
    /// The settings that the emulator starts with.
    pub emulator: Settings,
    /// How fast the emulator's time runs; 1 is real time, 0 stands still.
    pub time_scale: f64,
    /// Where the emulator's state and events are kept.
    pub keep: Keep,
    /// Limits for one client of the gateway.
    pub limits: Limits,
    /// Whether there is a store. Without it there is no matchmaking, as in a deployment without a table.
    pub store: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: Some(3000),
            emulator_port: Some(9870),
            events: EventFormat::Rest,
            throttling: None,
            players: Players::default(),
            emulator: Settings::default(),
            time_scale: 1.0,
            keep: Keep::default(),
            limits: Limits::default(),
            store: true,
        }
    }
}

impl Options {
    /// Sets the limits of connections by the number of files that the process may open. A call at the gateway takes up
    /// to three more files: one or two for its function's connections to AWS, and their other ends if AWS is the
    /// emulator. So the gateway and its functions get a quarter each, and the emulator half.
    #[must_use]
    pub fn within(mut self, files: Files) -> Self {
        self.limits = files.limits(4);
        self.emulator.limits = files.limits(if self.port.is_some() { 2 } else { 1 });
        self
    }
}

/// The most likely cause of a taken port.
fn guess(source: &std::io::Error) -> &'static str {
    if source.kind() == std::io::ErrorKind::AddrInUse { "Does Liftgate run already? " } else { "" }
}

/// Why the world could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not one of this machine's.
    #[error(
        "cannot listen on {address}: {source}. {}Choose another port with {flag}, or an address of this machine with --host.",
        guess(.source)
    )]
    Listen {
        /// The address that is not available.
        address: SocketAddr,
        /// The flag that changes the address.
        flag: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The system does not say where a socket listens.
    #[error("a listening socket has no address: {0}")]
    NoAddress(std::io::Error),
    /// The functions cannot use a variable of the environment.
    #[error("{0}")]
    Config(#[from] shared::Error),
    /// The emulator's state file cannot be used.
    #[error("{0}")]
    State(#[from] StateFileError),
}

/// The running local world. Dropping it ends every connection.
#[derive(Debug)]
pub struct World {
    /// Where the gateway listens, if there is one.
    pub gateway: Option<SocketAddr>,
    /// Where the emulator listens, if there is one.
    pub emulator_address: Option<SocketAddr>,
    /// The emulator, if there is one.
    pub emulator: Option<Emulator>,
    /// The seed that the emulator started with.
    pub seed: Seed,
    /// How many sample game servers run.
    pub game_servers: u16,
    /// The hosting of the sample game servers.
    pub hosting: Hosting,
    /// Who the players are.
    pub players: Players,
    /// What players can do through the gateway; nothing without one.
    pub offers: Offers,
    /// Whether the gateway gives tokens of any player to try, at `/_local/token`.
    pub gives_tokens: bool,
    /// What Liftgate remembers, if there is a store.
    pub store: Option<Store>,
    kept: Option<Kept>,
    /// The functions that no route calls. They end with the world.
    tasks: JoinSet<()>,
    /// The gateway's server comes first: it stops before the emulator, which answers the calls that the gateway has
    /// under way.
    servers: Vec<Server>,
}

/// Completes when a server has to stop.
type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Debug)]
struct Server {
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl World {
    /// Starts the parts that `options` name. All of them answer when it returns.
    ///
    /// # Errors
    /// A taken port, or a variable that cannot be used.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // Both ports first: a taken port must not leave started game servers behind.
        let for_emulator = listen(options.host, options.emulator_port, "--emulator-port").await?;
        let for_gateway = listen(options.host, options.port, "--port").await?;
        let mut world = Self {
            gateway: None,
            emulator_address: None,
            emulator: None,
            seed: options.emulator.seed.clone(),
            game_servers: options.emulator.game_servers,
            hosting: options.emulator.hosting,
            players: options.players.clone(),
            offers: Offers::default(),
            gives_tokens: false,
            store: None,
            kept: None,
            tasks: JoinSet::new(),
            servers: Vec::new(),
        };
        if let Some((listener, address)) = for_emulator {
            world.start_emulator(&options, listener, address)?;
        }
        if let Some((listener, address)) = for_gateway {
            world.start_gateway(&options, listener, address).await?;
        }
        Ok(world)
    }

    /// Returns the seed's first game server group with `--hosting fleetiq`: game servers register in it and are claimed
    /// from it.
    pub fn game_server_group(&self) -> Option<&str> {
        let group = self.seed.game_server_groups.first().filter(|_| self.hosting == Hosting::FleetIq)?;
        Some(&group.name)
    }

    /// What the functions with this configuration can do for players. Matches go to the seed's queue, whose fleet has no
    /// game servers if they are in a group.
    fn offers(&self, config: &Config) -> Offers {
        let seed = self.emulator.is_some().then_some(&self.seed);
        let tickets = config.tickets.as_ref().ok();
        let tickets = tickets.filter(|_| config.store.is_some() && self.game_server_group().is_none());
        Offers {
            game_sessions: seed.is_none_or(|seed| !seed.fleets.is_empty()) || self.game_server_group().is_some(),
            streams: config.streams.is_ok() && seed.is_none_or(|seed| !seed.stream_groups.is_empty()),
            configurations: tickets.map(|tickets| offers::configurations(tickets, seed)).unwrap_or_default(),
        }
    }

    fn start_emulator(
        &mut self,
        options: &Options,
        listener: TcpListener,
        address: SocketAddr,
    ) -> Result<(), StateFileError> {
        let settings = Settings { port: address.port(), ..options.emulator.clone() };
        let emulator = Emulator::new(&settings, Clock::new(options.time_scale));
        self.kept = Some(options.keep.begin(&emulator)?);
        self.emulator_address = Some(address);
        self.emulator = Some(emulator.clone());
        self.servers.insert(0, Server::run(|stopped| async move { emulator.serve(listener, stopped).await }));
        Ok(())
    }

    /// Returns the settings of AWS's clients and the configuration of the functions.
    async fn configured(&self, options: &Options) -> Result<(SdkConfig, Config), StartError> {
        let (aws, mut config) = match self.emulator_address {
            Some(emulator) => (
                emulated_aws(emulator, &options.emulator).await?,
                emulated_config(&options.emulator, self.game_server_group())?,
            ),
            None => {
                let aws = clients::settings().await?;
                let config = config_from_env(options.host, &aws)?;
                (aws, config)
            }
        };
        config.http.trust_body_uuid &= options.players.trusts_body();
        config.store = config.store.filter(|_| options.store);
        Ok((aws, config))
    }

    async fn start_gateway(
        &mut self,
        options: &Options,
        listener: TcpListener,
        address: SocketAddr,
    ) -> Result<(), StartError> {
        let (aws, mut config) = self.configured(options).await?;
        self.store.clone_from(&config.store);
        self.offers = self.offers(&config);
        self.offers.warn();
        let connections = clients::connections(&aws, &format!("http://{}", reachable(address)));
        self.start_tasks(&aws, &connections)?;
        let sockets = format!("ws://{}", reachable(address));
        let address_of_sockets = format!("{sockets}{}", gateway::SOCKETS);
        if let (Some(store), Some(_)) = (&self.store, &self.emulator) {
            config.sockets = SocketOffer::new(store.clone(), Some(address_of_sockets.clone()));
        }
        // Without the emulator, an AWS account is behind the functions, and a deployment's key may sign.
        let is_private = self.emulator_address.is_some() || options.host.is_loopback();
        let is_deployed = self.emulator_address.is_none() && config.sign_in.is_ok();
        let is_for_trying = is_private && !is_deployed;
        let takes_own = options.players.take_own_tokens(is_private || is_deployed);
        let steam = if is_for_trying && takes_own { Some(EmulatedSteam::start().await?) } else { None };
        let settings = config.sign_in.or_else(|_| issuer::settings::local())?;
        let settings = steam.iter().fold(settings, |settings, steam| steam.admitted_by(settings));
        let issuer = takes_own.then(|| LocalIssuer::new(settings));
        let rates = options.throttling.map_or(PlayerRates::OFF, |throttling| throttling.players);
        let authorizer = options.players.authorizer(issuer.as_ref(), rates).await?;
        config.sign_in = issuer.as_ref().map(LocalIssuer::settings).ok_or_else(no_sign_in);
        let allowed_origins = config.http.allowed_origins.clone();
        let admission = config.tickets.as_ref().map(|tickets| tickets.admission).unwrap_or_default();
        let stream_group = config.streams.clone().map(|streams| streams.stream_group);
        let tickets = config.tickets.clone().ok().filter(|_| !self.offers.configurations.is_empty());
        let mut router = gateway::router(
            functions::all(&aws, config),
            options.events,
            allowed_origins.clone(),
            options.throttling,
            Some(authorizer),
        );
        if let Some(sockets) = self.sockets(options, &aws, connections, &admission) {
            router = router.merge(sockets);
        }
        self.gives_tokens = is_for_trying && issuer.is_some();
        if is_for_trying {
            router = router.merge(issuer::route::router(issuer.clone())).merge(steam::route::router(steam));
        }
        if self.emulator.is_some() {
            let client = aws_sdk_gameliftstreams::Client::new(&aws);
            let play = stream_group
                .map(|group| pages::play::router(client, group, &options.players, issuer.is_some()))
                .unwrap_or_default();
            let matches = pages::matches::router(tickets, self.gives_tokens, sockets);
            router = router.merge(pages::router()).merge(play).merge(matches);
        }
        let router = gateway::offered_as_called(router, address_of_sockets);
        let router = gateway::guarded(router, Guard::new(options.emulator.allowed_hosts.clone()), allowed_origins);
        self.gateway = Some(address);
        let limits = options.limits.clone();
        let serve = |stopped| async move { gamelift_emulator::serve(listener, router, limits, stopped).await };
        self.servers.insert(0, Server::run(serve));
        Ok(())
    }

    /// Starts the functions that no route calls, for the emulator. An AWS account has those of its deployment.
    fn start_tasks(&mut self, aws: &SdkConfig, connections: &Connections) -> Result<(), shared::Error> {
        let (Some(emulator), Some(store)) = (&self.emulator, &self.store) else { return Ok(()) };
        let config = ReconcileConfig::from_env()?;
        let gamelift = clients::gamelift(aws);
        let push = Push::new(store.clone(), connections.clone());
        let record_event = RecordEvent::new(gamelift.clone(), store.clone());
        let record_event = record_event.with_admission(config.admission).with_push(push.clone());
        self.tasks.spawn(events::deliver(emulator.events.clone(), emulator.clock.clone(), record_event));
        let reconcile = Reconcile::new(gamelift, store.clone(), config).with_push(push);
        self.tasks.spawn(schedule::each_minute(emulator.clock.clone(), reconcile));
        Ok(())
    }

    /// The WebSocket API, for the emulator: a deployment's pushes go to its own.
    fn sockets(
        &self,
        options: &Options,
        aws: &SdkConfig,
        connections: Connections,
        admission: &AdmissionConfig,
    ) -> Option<Router> {
        let store = self.store.clone().filter(|_| self.emulator.is_some())?;
        let socket = Socket::new(clients::gamelift(aws), store, connections, true).with_admission(admission);
        Some(gateway::sockets(socket, options.limits.connections))
    }

    /// Stops the world. It takes no new connections, and returns when the calls under way are answered or `grace` is
    /// over, and the emulator's state is kept.
    ///
    /// # Errors
    /// The state file cannot be written.
    pub async fn stop(self, grace: Duration) -> Result<(), StateFileError> {
        let servers = async {
            for server in self.servers {
                // A server that has ended by itself needs no stop.
                let _ = server.stop.send(());
                let _ = server.running.await;
            }
        };
        // Calls that are too slow end with the process.
        let _ = tokio::time::timeout(grace, servers).await;
        match self.kept {
            Some(kept) => kept.end().await,
            None => Ok(()),
        }
    }
}

impl Server {
    /// Runs the server that `serve` makes of the signal to stop. Dropping the [`Server`] is that signal too.
    fn run<F>(serve: impl FnOnce(Stopped) -> F) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(Box::pin(async move {
            let _ = stopped.await;
        })));
        Self { stop, running }
    }
}

/// Whoever signs in gets a token that this world takes.
fn no_sign_in() -> shared::Error {
    shared::Error::new(
        Code::BackendMisconfigured,
        "Nobody can sign in here: this world takes no tokens of its own. Start it with --identity sign-in, or without --identity.",
    )
}

async fn listen(
    host: IpAddr,
    port: Option<u16>,
    flag: &'static str,
) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    let Some(port) = port else { return Ok(None) };
    let address = SocketAddr::new(host, port);
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, flag, source })?;
    let address = listener.local_addr().map_err(StartError::NoAddress)?;
    Ok(Some((listener, address)))
}

/// The address under which this machine reaches its own listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    let is_any = address.ip().is_unspecified();
    if is_any { SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()) } else { address }
}

/// Returns the AWS configuration for the emulator. Nothing on this machine (profiles, variables, an instance's role)
/// influences it.
async fn emulated_aws(emulator: SocketAddr, settings: &Settings) -> Result<SdkConfig, shared::Error> {
    let reachable = reachable(emulator);
    let (id, secret) = settings.access_key.as_ref().map_or(("local", "local"), |key| (key.id(), key.secret()));
    let loader = clients::loader()?
        .endpoint_url(format!("http://{reachable}"))
        .region(Region::new(settings.region.clone()))
        .credentials_provider(Credentials::new(id, secret, None, None, "local world"));
    Ok(loader.load().await)
}

/// Returns the HTTP configuration of a local world. Nothing is at stake, so the developer gets everything that AWS
/// says.
fn local_http() -> HttpConfig {
    HttpConfig { expose_errors: true, allowed_origins: vec!["localhost".to_owned()], trust_body_uuid: true }
}

/// Returns `local_http` with the allowed origins of the environment, so that other pages can be tried out here too.
fn emulated_http() -> Result<HttpConfig, shared::Error> {
    let mut http = local_http();
    http.allowed_origins.extend(HttpConfig::from_env()?.allowed_origins);
    Ok(http)
}

/// Configures the functions for the emulator: game sessions are hosted by the fleets, or by `game_server_group` if
/// there is one.
fn emulated_config(settings: &Settings, game_server_group: Option<&str>) -> Result<Config, shared::Error> {
    // The environment's allowances for clients, queues and game versions can be tried out here too.
    let streams = StreamConfig::allowances_from_env().map(|allowances| emulated_streams(settings, allowances));
    let groups = settings.seed.game_server_groups.iter().map(|group| group.name.clone()).collect();
    let game_servers = GameServerConfig::from_env_or(groups, true);
    let fleets = FleetConfig::from_env().map(|fleets| match game_server_group {
        Some(group) if fleets == FleetConfig::default() => {
            FleetConfig { game_server_group: Some(group.to_owned()), ..fleets }
        }
        _ => fleets,
    });
    let sign_in = issuer::settings::local();
    Ok(Config {
        http: emulated_http()?,
        fleets,
        limits: local_limits(),
        starts: rates::starts_from_env(),
        streams,
        game_servers,
        sign_in,
        store: Some(Store::in_memory(TimeOfDay::system())),
        tickets: emulated_tickets(settings),
        sockets: SocketOffer::default(),
    })
}

/// Returns the emulator's matchmaking: all configurations of the seed, and all attributes of its rule sets, unless
/// variables name some. Who tries it out may choose a skill.
fn emulated_tickets(settings: &Settings) -> Result<TicketConfig, shared::Error> {
    let seed = &settings.seed;
    let configurations = seed.matchmaking_configurations.iter().map(|configuration| configuration.name.clone());
    let rule_sets = seed.matchmaking_rule_sets.iter().filter_map(|rule_set| rule_set.body.as_deref());
    let attributes = rule_sets.flat_map(attributes_of);
    TicketConfig::from_env_or(configurations.collect(), attributes.collect())
}

/// The names of the attributes that a rule set declares.
fn attributes_of(rule_set: &str) -> Vec<String> {
    let rule_set: Value = serde_json::from_str(rule_set).unwrap_or_default();
    let declared = rule_set["playerAttributes"].as_array().into_iter().flatten();
    declared.filter_map(|attribute| Some(attribute["name"].as_str()?.to_owned())).collect()
}

/// Returns the limits of a deployment, without those on game sessions that nobody enters and on unused slots: a
/// developer who tries the routes by hand has no game client that would enter. Invitations need no preparation here:
/// unless a variable has a key for them, each start of the program makes one.
fn local_limits() -> Result<LimitConfig, shared::Error> {
    let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|half| half.simple().to_string()).concat();
    let invitation_key = Some(InvitationKey::new(&secret)?);
    LimitConfig { invitation_key, max_unclaimed_sessions: 0, max_unused_slots: 0, ..LimitConfig::default() }
        .overridden_by_env()
}

/// Returns the emulator's first stream group, in all its locations if no variable names any. Applications get their
/// game session in Unreal's form unless a variable gives another one.
fn emulated_streams(settings: &Settings, allowances: StreamConfig) -> StreamConfig {
    let as_unreal = || ConnectArgs::parse("{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}").ok();
    let allowances = StreamConfig { connect_args: allowances.connect_args.clone().or_else(as_unreal), ..allowances };
    let region = Some(settings.region.clone());
    let Some(group) = settings.seed.stream_groups.first() else {
        // The functions then get the emulator's error: there is no such stream group.
        let (stream_group, application) = (Settings::STREAM_GROUP_ID.to_owned(), Settings::APPLICATION_ID.to_owned());
        return StreamConfig { stream_group, applications: vec![application], region, ..allowances };
    };
    let applications = [&group.application].into_iter().chain(&group.applications).cloned().collect();
    let mut locations = allowances.locations.clone();
    if locations.is_empty() {
        locations = group.locations.iter().map(|location| location.name.clone()).chain(region.clone()).collect();
    }
    StreamConfig { stream_group: group.id.clone(), applications, locations, region, ..allowances }
}

/// Returns the configuration for a real account. It is as open as for the emulator only if `host` is a loopback
/// address, which only this machine can reach.
fn config_from_env(host: IpAddr, aws: &SdkConfig) -> Result<Config, shared::Error> {
    let defaults = if host.is_loopback() { local_http() } else { HttpConfig::default() };
    let http = defaults.overridden_by_env()?;
    let game_servers = GameServerConfig::from_env_or(Vec::new(), host.is_loopback());
    Ok(Config {
        http,
        fleets: FleetConfig::from_env(),
        limits: if host.is_loopback() { local_limits() } else { LimitConfig::from_env() },
        starts: rates::starts_from_env(),
        streams: StreamConfig::from_env(),
        game_servers,
        sign_in: SignInConfig::from_env(aws),
        store: Store::from_env(aws),
        tickets: TicketConfig::from_env(),
        sockets: SocketOffer::default(),
    })
}
