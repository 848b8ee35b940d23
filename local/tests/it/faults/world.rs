//! The world of one cell: functions, the AWS SDK, the proxy and the emulator, on virtual time.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

use aws_config::Region;
use aws_sdk_gamelift::config::Credentials;
use gamelift_emulator::{Clock, Emulator, Settings};
use lambda_http::{Context, http::Method};
use liftgate::functions::{self, Config, Function};
use matchmaking::{
    config::{ConnectArgs, FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use serde_json::Value;
use shared::config::rates::STARTS;
use store::Store;
use testing::{
    emulator::EmulatedTime,
    events,
    log::{Log, deaf},
};
use tokio::{net::TcpListener, time::Instant};
use tracing_subscriber::filter::LevelFilter;

use crate::faults::{
    fault::Fault,
    proxy::{Call, Proxy},
    scenario::Scenario,
    searches,
    streams::{self, Comeback},
    virtual_time::{self, Traffic},
};

/// Wait after a call: a reservation ends after 60 s, and a termination takes a moment.
pub(crate) const AFTERMATH: Duration = Duration::from_secs(70);

/// Longer than any budget: an answer that is not there by then never comes.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) clock: Clock,
    pub(crate) region: String,
    pub(crate) proxy: Proxy,
    emulator_address: SocketAddr,
    fleets: fn() -> FleetConfig,
    /// How many live streams a player may have; 0 is without a limit.
    max_streams: usize,
    /// What Liftgate remembers, in worlds with matchmaking.
    pub(crate) store: Option<Store>,
    /// The sockets that searches are offered.
    pub(crate) sockets: SocketOffer,
    pub(crate) functions: Vec<Function>,
}

/// An answer as the game client gets it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Value,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers[name][0].as_str()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// The result of one cell.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    /// The call's body.
    pub(crate) body: Option<Value>,
    /// Virtual time from the call to the answer.
    pub(crate) took: Duration,
    pub(crate) calls: Vec<Call>,
    /// The emulator's state when the call came, when it was answered, and some time later.
    pub(crate) before: Value,
    pub(crate) answered: Value,
    pub(crate) later: Value,
    /// The answers to the player of a stream who comes back.
    pub(crate) comeback: Option<Comeback>,
    /// The errors that were logged.
    pub(crate) log: String,
}

/// Runs one cell, the same way each time.
pub(crate) fn run(scenario: &Scenario, fault: Option<&Fault>, seed: u64) -> Outcome {
    run_in(scenario, &scenario.settings, fault, seed)
}

/// Runs one cell in a world with these settings.
pub(crate) fn run_in(
    scenario: &Scenario,
    settings: &dyn Fn(&mut Settings),
    fault: Option<&Fault>,
    seed: u64,
) -> Outcome {
    let (mut outcome, log) = logged(seed, async |traffic| {
        let mut world = World::start(settings, scenario.fleets, seed, traffic).await;
        if scenario.max_streams != 0 {
            world = world.with_max_streams(scenario.max_streams).await;
        }
        if searches::is_one(scenario) {
            world = world.with_store().await;
        }
        if let Some(limits) = scenario.limits {
            world.functions = world.limited_functions(limits()).await;
        }
        let body = (scenario.request)(&world).await;
        world.proxy.take_calls();
        let before = world.state().await;
        if let Some(fault) = fault {
            world.set(fault);
        }
        let started = Instant::now();
        let call = world.call_with(scenario.headers, scenario.function, body.clone());
        let answer = tokio::time::timeout(PATIENCE, call).await.expect("an answer");
        let took = started.elapsed();
        let answered = world.state().await;
        if !scenario.is_of_streams() {
            tokio::time::sleep(AFTERMATH).await;
        }
        let (calls, later) = (world.proxy.take_calls(), world.state().await);
        let mut comeback = None;
        if scenario.is_of_streams() {
            world.mend();
            comeback = Some(streams::come_back(&world, scenario, body.clone()).await);
        }
        Outcome { answer, body, took, calls, before, answered, later, comeback, log: String::new() }
    });
    outcome.log = log;
    outcome
}

/// Runs `world` on virtual time. Also returns the errors that it logged.
pub(crate) fn logged<F: Future>(seed: u64, world: impl FnOnce(Traffic) -> F) -> (F::Output, String) {
    // Seeds the jitter of the functions' and of the SDK's back-off.
    fastrand::seed(seed);
    let log = Log::default();
    let _second = deaf();
    let subscriber =
        tracing_subscriber::fmt().json().with_max_level(LevelFilter::ERROR).with_writer(log.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let outcome = virtual_time::run(world);
    drop(guard);
    (outcome, log.text())
}

impl World {
    pub(crate) async fn start(
        change: &dyn Fn(&mut Settings),
        fleets: fn() -> FleetConfig,
        seed: u64,
        traffic: Traffic,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let emulator_address = listener.local_addr().unwrap();
        let region = region();
        let mut settings = Settings {
            region: region.clone(),
            port: emulator_address.port(),
            game_servers: 2,
            first_game_port: 0,
            random_seed: Some(seed),
            ..Settings::default()
        };
        change(&mut settings);
        let clock = Clock::new(1.0);
        let emulator = Emulator::new(&settings, clock.clone());
        let served = emulator.clone();
        tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
        emulator.ready().await;
        let proxy = Proxy::start(emulator_address, traffic);
        let sockets = SocketOffer::default();
        let setup = Setup {
            fleets: fleets(),
            limits: LimitConfig::none(),
            max_streams: 0,
            store: None,
            sockets: sockets.clone(),
        };
        let functions = functions(&proxy, &clock, region.clone(), &region, setup).await;
        Self {
            emulator,
            clock,
            region,
            proxy,
            emulator_address,
            fleets,
            max_streams: 0,
            store: None,
            sockets,
            functions,
        }
    }

    /// The same world, where a player may have `most` live streams.
    pub(crate) async fn with_max_streams(mut self, most: usize) -> Self {
        self.max_streams = most;
        self.functions = self.instance().await;
        self
    }

    /// The same world with a store. Nobody brings it events.
    pub(crate) async fn with_this_store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self.functions = self.limited_functions(LimitConfig::none()).await;
        self
    }

    pub(crate) fn set(&self, fault: &Fault) {
        match fault.of_the_emulator() {
            Some(fault) => drop(self.emulator.faults.add(fault)),
            None => self.proxy.set(fault.clone()),
        }
    }

    /// Removes all faults.
    pub(crate) fn mend(&self) {
        self.emulator.faults.clear();
        self.proxy.mend();
    }

    /// Calls a function as API Gateway would.
    pub(crate) async fn call(&self, function: &str, body: Option<Value>) -> Answer {
        self.call_with(&[], function, body).await
    }

    /// Calls a function with headers.
    pub(crate) async fn call_with(&self, headers: &[(&str, &str)], function: &str, body: Option<Value>) -> Answer {
        invoke(&self.functions, headers, function, body).await
    }

    /// Returns an operator's client; its calls go through the proxy like the functions'.
    pub(crate) async fn gamelift(&self) -> aws_sdk_gamelift::Client {
        testing::emulator::client(&format!("http://{}", self.proxy.address)).await
    }

    /// Returns the functions in a separate instance.
    pub(crate) async fn instance(&self) -> Vec<Function> {
        self.limited_instance(LimitConfig::none()).await
    }

    /// Returns the functions in a separate instance, with limits per player.
    pub(crate) async fn limited_instance(&self, limits: LimitConfig) -> Vec<Function> {
        functions(&self.proxy, &self.clock, region(), &self.region, self.setup(limits)).await
    }

    /// Returns the same in the emulator's Region, where the ids that a function computes are right. They share the
    /// SDK's budget of retries with the world's own functions.
    pub(crate) async fn limited_functions(&self, limits: LimitConfig) -> Vec<Function> {
        functions(&self.proxy, &self.clock, self.region.clone(), &self.region, self.setup(limits)).await
    }

    /// Returns the functions in a separate environment: with this store, and its own way to AWS.
    pub(crate) async fn environment(&self, proxy: &Proxy, store: Store) -> Vec<Function> {
        let setup = Setup { store: Some(store), ..self.setup(LimitConfig::none()) };
        functions(proxy, &self.clock, self.region.clone(), &self.region, setup).await
    }

    /// Returns the functions' client of GameLift, with its own way to AWS.
    pub(crate) async fn client(&self, proxy: &Proxy) -> aws_sdk_gamelift::Client {
        aws::clients::gamelift(&aws(proxy, &self.clock, self.region.clone()).await)
    }

    /// Returns another way to the emulator.
    pub(crate) fn proxy(&self, traffic: Traffic) -> Proxy {
        Proxy::start(self.emulator_address, traffic)
    }

    fn setup(&self, limits: LimitConfig) -> Setup {
        Setup {
            fleets: (self.fleets)(),
            limits,
            max_streams: self.max_streams,
            store: self.store.clone(),
            sockets: self.sockets.clone(),
        }
    }

    /// Returns the body of a call that has to succeed.
    pub(crate) async fn succeed(&self, function: &str, body: Option<Value>) -> Value {
        let answer = self.call(function, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Registers a game server past Liftgate, without a `ConnectionInfo`, which AWS does not require.
    pub(crate) async fn register_unreachable(&self, id: &str) {
        let input = serde_json::json!({
            "GameServerGroupName": Settings::GAME_SERVER_GROUP, "GameServerId": id,
            "InstanceId": Settings::INSTANCE_ID,
        });
        let request = reqwest::Client::new().post(format!("http://{}/", self.emulator_address));
        let request = request.header("X-Amz-Target", "GameLift.RegisterGameServer");
        let request = request.header("Content-Type", "application/x-amz-json-1.1").body(input.to_string());
        request.send().await.unwrap().error_for_status().unwrap();
    }

    /// Returns the emulator's state, asked without the proxy.
    pub(crate) async fn state(&self) -> Value {
        let url = format!("http://{}/_emulator/state", self.emulator_address);
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

/// Calls one of `functions` as API Gateway would.
pub(crate) async fn invoke(
    functions: &[Function],
    headers: &[(&str, &str)],
    function: &str,
    body: Option<Value>,
) -> Answer {
    let function = functions.iter().find(|candidate| candidate.route.name() == function).expect("the function exists");
    let is_get = function.route.method() == Method::GET;
    let in_body = body.as_ref().filter(|_| !is_get);
    let mut event = events::rest(function.route.method().as_str(), function.route.name(), in_body);
    if let Some(Value::Object(query)) = body.filter(|_| is_get) {
        let query = query.into_iter().map(|(name, value)| (name, vec![value].into()));
        event["multiValueQueryStringParameters"] = Value::Object(query.collect());
    }
    for (name, value) in headers {
        event["headers"][*name] = (*value).into();
        event["multiValueHeaders"][*name] = vec![*value].into();
    }
    let answer = function.invoke(&event, Context::default()).await.expect("this is API Gateway's event");
    Answer {
        status: answer["statusCode"].as_u64().and_then(|status| status.try_into().ok()).unwrap(),
        headers: answer["multiValueHeaders"].clone(),
        body: answer["body"].as_str().unwrap_or_default().to_owned(),
    }
}

/// Returns another Region for every world: the SDK shares one budget of retries among all clients of a Region in a
/// process.
fn region() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("us-west-{}", NEXT.fetch_add(1, Relaxed))
}

/// How the functions are configured.
struct Setup {
    fleets: FleetConfig,
    limits: LimitConfig,
    max_streams: usize,
    store: Option<Store>,
    sockets: SocketOffer,
}

/// The configuration of the SDK's clients.
async fn aws(proxy: &Proxy, clock: &Clock, region: String) -> aws_config::SdkConfig {
    let loader = aws::clients::loader().unwrap();
    let credentials = Credentials::new("local", "local", None, None, "test");
    let loader = loader.endpoint_url(format!("http://{}", proxy.address)).credentials_provider(credentials);
    let loader = loader.time_source(EmulatedTime(clock.clone()));
    loader.region(Region::new(region)).load().await
}

async fn functions(proxy: &Proxy, clock: &Clock, region: String, location: &str, setup: Setup) -> Vec<Function> {
    let Setup { fleets, limits, max_streams, store, sockets } = setup;
    let tickets = TicketConfig::new(vec![searches::DUEL.to_owned()], Vec::new(), Vec::new()).unwrap();
    let tickets = TicketConfig { admission: fleets.admission, ..tickets };
    let aws = aws(proxy, clock, region).await;
    let streams = StreamConfig {
        stream_group: Settings::STREAM_GROUP_ID.to_owned(),
        applications: vec![Settings::APPLICATION_ID.to_owned()],
        locations: vec![location.to_owned()],
        connect_args: Some(ConnectArgs::parse("{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId}").unwrap()),
        max_streams,
        ..StreamConfig::default()
    };
    let game_servers = GameServerConfig::new(vec![Settings::GAME_SERVER_GROUP.to_owned()], true);
    let config = Config {
        http: events::trusting(),
        fleets: Ok(fleets),
        limits: Ok(limits),
        starts: Ok(STARTS),
        streams: Ok(streams),
        game_servers,
        sign_in: liftgate::issuer::settings::local(),
        store,
        tickets: Ok(tickets),
        sockets,
    };
    functions::all(&aws, config)
}
