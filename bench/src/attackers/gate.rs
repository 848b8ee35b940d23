//! The door in front of the functions: API Gateway, the authorizer and Lambda, in this process.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io,
    time::Duration,
};

use aws_config::Region;
use aws_sdk_gamelift::config::Credentials;
use gamelift_emulator::{Clock, Settings};
use identity::{config::PlayerRates, plan_keys};
use lambda_http::Context;
use liftgate::{
    functions::{self, Config, Function},
    gateway::{
        Allowed,
        throttle::{Throttle, Throttling},
    },
};
use matchmaking::{
    config::{FleetConfig, GameServerConfig, LimitConfig, StreamConfig, TicketConfig},
    push::SocketOffer,
};
use serde_json::Value;
use shared::{
    Code, Error, RouteId,
    clock::Clock as TimeOfDay,
    config::{HttpConfig, rates},
    invitation::InvitationKey,
};
use sign_in::SignInConfig;
use testing::emulator::EmulatedTime;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::attackers::{
    authorizers::{self, Authorizers, MOST_INSTANCES},
    issuer::Issuer,
    request::{Ask, By, Caller, Reply},
};

/// The longest time for a game server to let a player in.
const TO_ENTER: Duration = Duration::from_secs(10);

/// The longest line of a game server.
const MOST_BYTES: u64 = 256;

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
    /// Where the functions start game sessions.
    pub fleets: FleetConfig,
}

/// The door.
pub struct Gate {
    backend: Backend,
    authorizers: Authorizers,
    throttle: Throttle,
    limits: Limits,
    /// Instances that wait for a request, by route. The one that answered last comes first, as on Lambda.
    idle: RefCell<BTreeMap<&'static str, Vec<Function>>>,
    instances: Cell<usize>,
    /// Told of bytes that are on their way past the AWS SDK.
    traffic: Box<dyn Fn()>,
}

/// What a request has to pass, besides the throttling of its route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Whether `authorize` keeps the rates of one player and of one address, with the template's defaults.
    pub players: bool,
    /// Number of keys of a usage plan over which players are spread, if there is one.
    pub keys: Option<u16>,
    /// Whether the route's rate counts a request before the authorizer is asked. AWS documents no order. A key counts
    /// after it in any case, because the authorizer names the key.
    pub route_first: bool,
}

impl Gate {
    /// Returns a door with template.yaml's default rates.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn new(backend: Backend, limits: Limits) -> Result<Self, Error> {
        let rates = if limits.players { PlayerRates::default() } else { PlayerRates::OFF };
        Ok(Self {
            backend,
            authorizers: Authorizers::new(Issuer::new().await?, rates, limits.keys),
            throttle: Throttle::new(Throttling::default()),
            limits,
            idle: RefCell::default(),
            instances: Cell::new(0),
            traffic: Box::new(|| {}),
        })
    }

    /// Tells `traffic` of every message to and from a game server.
    #[must_use]
    pub fn telling(mut self, traffic: impl Fn() + 'static) -> Self {
        self.traffic = Box::new(traffic);
        self
    }

    /// Returns the player's key, if there are keys.
    pub fn key(&self, player: &str) -> Option<u32> {
        self.limits.keys.map(|count| plan_keys::number(&authorizers::plan_keys(count), player))
    }

    /// Returns the number of instances of functions that were started, and of `authorize`.
    pub fn instances(&self) -> (usize, usize) {
        (self.instances.get(), self.authorizers.started())
    }

    /// Returns a caller who has signed in before.
    pub fn signed_in(&self, player: &str, address: String) -> Caller {
        let token = self.authorizers.issuer().access_token(player, &address);
        Caller { address, token: Some(token) }
    }

    /// Returns the refresh token of a guest who was at this address before.
    pub fn refresh_token(&self, player: &str, address: &str) -> String {
        self.authorizers.issuer().refresh_token(player, address)
    }

    /// Sends a request through API Gateway and Lambda: the authorizer, which names the key of the usage plan, the plan
    /// and the route, then the function.
    pub async fn ask(&self, ask: Ask) -> Reply {
        match self.admit(&ask).await {
            Ok(authorizer) => {
                self.run(&ask, authorizer).await.unwrap_or_else(|error| Reply::refusal(&error, By::Function))
            }
            Err((error, by)) => Reply::refusal(&error, by),
        }
    }

    /// Returns the authorizer's word for the caller; null where there is no authorizer.
    async fn admit(&self, ask: &Ask) -> Result<Value, (Error, By)> {
        let throttle = |key: Option<&str>| {
            self.throttle.admit(ask.route, &ask.route.method(), key).map_err(|error| (error, By::Throttle))
        };
        if self.limits.route_first {
            throttle(None)?;
        }
        let (word, key) = if ask.route.has_authorizer() {
            let decision = self.authorizers.decide(ask).await;
            let allowed = decision.and_then(|decision| Allowed::by(decision, ask.route));
            let Allowed { principal_id, mut context, api_key } = allowed.map_err(|error| (error, By::Authorizer))?;
            context.insert("principalId".to_owned(), principal_id.into());
            (context.into(), api_key)
        } else {
            (Value::Null, None)
        };
        if !self.limits.route_first {
            throttle(key.as_deref())?;
        }
        Ok(word)
    }

    async fn run(&self, ask: &Ask, authorizer: Value) -> Result<Reply, Error> {
        let function = self.instance(ask.route).await?;
        let event = ask.event(authorizer);
        // A separate task: a caller who hangs up does not stop the function.
        let running = tokio::spawn(async move {
            let output = function.invoke(&event, Context::default()).await;
            (function, output)
        });
        let Ok((function, Ok(output))) = running.await else {
            return Err(Error::new(Code::Internal, "The function has panicked."));
        };
        self.idle.borrow_mut().entry(ask.route.name()).or_default().push(function);
        let status = output["statusCode"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default();
        let body = output["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        Ok(Reply { status, body, by: By::Function })
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
        let issuer = self.authorizers.issuer();
        let made = self.backend.functions(number, issuer.config.clone(), issuer.clock()).await?;
        let found = made.into_iter().find(|function| function.route == route);
        found.ok_or_else(|| Error::new(Code::Internal, "Every route has a function."))
    }
}

impl Backend {
    /// Returns the functions with clients of their own.
    async fn functions(&self, number: usize, sign_in: SignInConfig, clock: TimeOfDay) -> Result<Vec<Function>, Error> {
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
            http: HttpConfig { expose_errors: true, ..HttpConfig::default() },
            fleets: Ok(self.fleets.clone()),
            limits: limits(),
            starts: rates::starts_from_env(),
            streams: Ok(streams),
            game_servers: GameServerConfig::new(Vec::new(), true),
            sign_in: Ok(sign_in),
            store: None,
            tickets: TicketConfig::from_env(),
            sockets: SocketOffer::default(),
        };
        Ok(functions::all_with_clock(&loader.region(region).load().await, config, clock))
    }
}

/// Returns the limits of a deployment, which has a key for invitations.
fn limits() -> Result<LimitConfig, Error> {
    let invitation_key = Some(InvitationKey::new("the secret of the benchmark, which is long enough")?);
    Ok(LimitConfig { invitation_key, ..LimitConfig::default() })
}
