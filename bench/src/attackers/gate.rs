//! The door in front of the functions: API Gateway and Lambda, in this process.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    time::Duration,
};

use aws_config::Region;
use aws_sdk_gamelift::config::Credentials;
use gamelift_emulator::{Clock, Settings};
use identity::buckets;
use lambda_http::Context;
use liftgate::{
    functions::{self, Config, Function},
    gateway::throttle::{Throttle, Throttling},
};
use matchmaking::config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig};
use serde_json::{Value, json};
use shared::{Code, Error, RouteId, invitation::InvitationKey, problem};
use testing::{emulator::EmulatedTime, events};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The most instances of all functions: Lambda's default concurrency of an account.
const MOST_INSTANCES: usize = 1000;

/// The longest time for a game server to let a player in.
const TO_ENTER: Duration = Duration::from_secs(10);

/// The longest line of a game server.
const MOST_BYTES: u64 = 256;

/// A player's request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The player that the authorizer names.
    pub player: String,
    /// The route.
    pub route: RouteId,
    /// The query's parameters.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Value>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Ask {
    /// Returns a POST.
    pub fn post(player: &str, route: RouteId, body: Value) -> Self {
        Self { player: player.to_owned(), route, query: Vec::new(), body: Some(body) }
    }

    /// Returns a search.
    pub fn search(player: &str, query: Vec<(&'static str, String)>) -> Self {
        Self { player: player.to_owned(), route: RouteId::FindSession, query, body: None }
    }

    /// Returns the event that API Gateway makes of it behind an authorizer.
    fn event(&self) -> Value {
        let mut event = events::rest(self.route.method().as_str(), self.route.name(), self.body.as_ref());
        let query: serde_json::Map<_, _> =
            self.query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
        event["multiValueQueryStringParameters"] = query.into();
        event["requestContext"]["authorizer"] = json!({ "principalId": self.player, "liftgate": "player" });
        event
    }
}

impl Reply {
    /// Returns the error's code, or the status of a success.
    pub fn code(&self) -> String {
        self.body["error"]["code"].as_str().map_or_else(|| self.status.to_string(), str::to_owned)
    }

    /// Returns how long the same request has to wait, if it may succeed later.
    pub fn wait(&self) -> Option<Duration> {
        let error = &self.body["error"];
        let wait = error["retry_after_ms"].as_u64().filter(|_| error["retryable"] == true)?;
        Some(Duration::from_millis(wait))
    }

    fn refusal(error: &Error) -> Self {
        let response = problem::response(error, "request-1", true);
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        Self { status: response.status().as_u16(), body }
    }
}

/// A player's place in a game, until it is dropped.
#[derive(Debug)]
pub struct Seat(#[expect(dead_code, reason = "the open connection is the place")] TcpStream);

/// The AWS that the functions call.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The emulator's address, or that of a proxy in front of it.
    pub endpoint: String,
    /// The emulator's clock.
    pub clock: Clock,
    /// The Region of its resources.
    pub region: String,
}

/// The door.
pub struct Gate {
    backend: Backend,
    throttle: Throttle,
    /// Number of keys of the usage plan over which players are spread.
    keys: Option<u32>,
    /// Instances that wait for a request, by route. The one that answered last comes first, as on Lambda.
    idle: RefCell<BTreeMap<&'static str, Vec<Function>>>,
    instances: Cell<usize>,
    /// Told of bytes that are on their way past the AWS SDK.
    traffic: Box<dyn Fn()>,
}

impl Gate {
    /// Returns a door with template.yaml's default rates. With `keys` a usage plan over so many keys comes first.
    pub fn new(backend: Backend, keys: Option<u32>) -> Self {
        let throttle = Throttle::new(Throttling::default());
        Self { backend, throttle, keys, idle: RefCell::default(), instances: Cell::new(0), traffic: Box::new(|| {}) }
    }

    /// Tells `traffic` of every message to and from a game server.
    #[must_use]
    pub fn telling(mut self, traffic: impl Fn() + 'static) -> Self {
        self.traffic = Box::new(traffic);
        self
    }

    /// Returns the player's key, if there are keys.
    pub fn key(&self, player: &str) -> Option<u32> {
        self.keys.map(|keys| buckets::number(player, keys))
    }

    /// Returns the number of instances that were started.
    pub fn instances(&self) -> usize {
        self.instances.get()
    }

    /// Sends a request through API Gateway and Lambda.
    pub async fn ask(&self, ask: Ask) -> Reply {
        let key = self.key(&ask.player).map(|key| key.to_string());
        if let Err(error) = self.throttle.admit(ask.route, &ask.route.method(), key.as_deref()) {
            return Reply::refusal(&error);
        }
        let function = match self.instance(ask.route).await {
            Ok(function) => function,
            Err(error) => return Reply::refusal(&error),
        };
        let event = ask.event();
        // A separate task: a caller who hangs up does not stop the function.
        let running = tokio::spawn(async move {
            let output = function.invoke(&event, Context::default()).await;
            (function, output)
        });
        let Ok((function, Ok(output))) = running.await else {
            return Reply::refusal(&Error::new(Code::Internal, "The function has panicked."));
        };
        self.idle.borrow_mut().entry(ask.route.name()).or_default().push(function);
        let status = output["statusCode"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default();
        let body = output["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        Reply { status, body }
    }

    /// Connects the player to the game server that the answer names.
    pub async fn enter(&self, connection: &Value) -> Option<Seat> {
        timeout(TO_ENTER, self.join(connection)).await.ok()?.ok()?
    }

    async fn join(&self, connection: &Value) -> io::Result<Option<Seat>> {
        let host = connection["IpAddress"].as_str().unwrap_or_default();
        let port = connection["Port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
        let id = connection["PlayerSessionId"].as_str().unwrap_or_default();
        let mut stream = TcpStream::connect((host, port)).await?;
        (self.traffic)();
        stream.write_all(format!("JOIN {id}\n").as_bytes()).await?;
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let read = (&mut stream).take(MOST_BYTES).read_buf(&mut line).await?;
            (self.traffic)();
            if read == 0 || line.len() as u64 > MOST_BYTES {
                return Ok(None);
            }
        }
        Ok(line.starts_with(b"WELCOME").then_some(Seat(stream)))
    }

    /// Returns an instance of the route's function that no other request has, as Lambda does.
    async fn instance(&self, route: RouteId) -> Result<Function, Error> {
        let idle = self.idle.borrow_mut().get_mut(route.name()).and_then(Vec::pop);
        if let Some(function) = idle {
            return Ok(function);
        }
        let number = self.instances.get();
        if number >= MOST_INSTANCES {
            return Err(Error::new(Code::UpstreamUnavailable, "API Gateway could not reach the function."));
        }
        self.instances.set(number + 1);
        let made = self.backend.functions(number).await?;
        let found = made.into_iter().find(|function| function.route == route);
        found.ok_or_else(|| Error::new(Code::Internal, "Every route has a function."))
    }
}

impl Backend {
    /// Returns the functions with clients of their own.
    async fn functions(&self, number: usize) -> Result<Vec<Function>, Error> {
        let loader = aws::clients::loader()?.endpoint_url(&self.endpoint);
        let loader = loader.time_source(EmulatedTime(self.clock.clone()));
        let loader = loader.credentials_provider(Credentials::new("bench", "bench", None, None, "bench"));
        // Another Region for each instance: the SDK's clients of a Region share one budget of retries in a process.
        let region = Region::new(format!("{}-{number}", self.region));
        let streams = StreamConfig {
            stream_group: Settings::STREAM_GROUP_ID.to_owned(),
            applications: vec![Settings::APPLICATION_ID.to_owned()],
            ..StreamConfig::allowances_from_env()?
        };
        let config = Config {
            http: events::trusting(),
            fleets: Ok(FleetConfig::default()),
            limits: limits(),
            streams: Ok(streams),
            game_servers: GameServerConfig::new(Vec::new(), true),
            sign_in: liftgate::signing::local(),
        };
        Ok(functions::all(&loader.region(region).load().await, config))
    }
}

/// Returns the limits of a deployment, which has a key for invitations.
fn limits() -> Result<LimitConfig, Error> {
    let invitation_key = Some(InvitationKey::new("the secret of the benchmark, which is long enough")?);
    Ok(LimitConfig { invitation_key, ..LimitConfig::default() })
}
