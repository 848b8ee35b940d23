//! A world, an issuer and a client.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use identity::{
    config::{IssuerConfig, Mode, PlainHttp, parse_issuers},
    own::{
        keys::SigningKeys,
        tokens::{Bearer, OwnIssuer},
    },
};
use liftgate::{
    Options, Players, World,
    gateway::{EventFormat, throttle::Throttling},
};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use shared::RouteId;

pub(crate) const FORMATS: [EventFormat; 2] = [EventFormat::Rest, EventFormat::Http];

/// The issuer of a studio, whose tokens are made as Liftgate's own are.
pub(crate) struct Issuer {
    issuer: OwnIssuer,
    keys: SigningKeys,
}

impl Issuer {
    pub(crate) const NAME: &'static str = "https://id.example.com/";

    /// `letter` makes the keys: another letter, other keys.
    pub(crate) fn new(letter: &str) -> Self {
        let keys = SigningKeys::new(&letter.repeat(40), None, None).unwrap();
        Self { issuer: OwnIssuer::new(Self::NAME).unwrap(), keys }
    }

    /// The issuer with its keys in the configuration.
    pub(crate) fn pinned(&self) -> IssuerConfig {
        self.with_keys(&self.keys.jwks())
    }

    /// The issuer with its keys in the configuration, or with their address.
    pub(crate) fn with_keys(&self, jwks: &Value) -> IssuerConfig {
        let issuer = json!({
            "provider": "oidc", "issuer": Self::NAME, "audiences": [Self::NAME], "jwks": jwks, "algorithms": ["ES256"],
            "typ": ["at+jwt"],
        });
        parse_issuers(&json!([issuer]).to_string(), PlainHttp::OnLoopback).unwrap().remove(0)
    }

    pub(crate) fn token(&self, player: &str) -> String {
        self.token_at(player, SystemTime::now().duration_since(UNIX_EPOCH).unwrap())
    }

    pub(crate) fn token_at(&self, player: &str, now: Duration) -> String {
        self.issuer.access_token(&self.keys, Bearer { player, network: None }, now)
    }
}

/// A world and its address.
pub(crate) struct Place {
    _world: World,
    pub(crate) base: String,
    pub(crate) client: Client,
}

/// An answer, read completely.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Returns the status and the code.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Returns the body without what differs in each answer.
    pub(crate) fn without_id(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().unwrap().shift_remove("requestId");
        body
    }
}

pub(crate) async fn world(events: EventFormat, players: Players) -> Place {
    throttled(events, players, None).await
}

/// A world whose gateway has rates.
pub(crate) async fn throttled(events: EventFormat, players: Players, throttling: Option<Throttling>) -> Place {
    let ports = Options { port: Some(0), emulator_port: Some(0), ..Options::default() };
    let mut options = Options { events, players, throttling, ..ports };
    options.emulator.first_game_port = 0;
    options.emulator.activation_delay = Duration::from_millis(10);
    options.emulator.stream_start_delay = Duration::from_millis(10);
    let world = World::start(options).await.unwrap();
    let base = format!("http://{}", world.gateway.unwrap());
    Place { _world: world, base, client: Client::new() }
}

pub(crate) fn oidc(issuer: IssuerConfig) -> Players {
    Players { mode: Mode::Oidc, issuers: vec![issuer], ..Players::default() }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    Answer { status: response.status().as_u16(), retry_after, text: response.text().await.unwrap() }
}

impl Place {
    /// A call of a route, not sent yet.
    pub(crate) fn call(&self, route: RouteId, body: &Value) -> RequestBuilder {
        let request = self.client.request(route.method(), format!("{}/{}", self.base, route.name()));
        if route.method() == Method::POST { request.json(body) } else { request }
    }

    /// Creates a game session, as whoever the headers name.
    pub(crate) async fn create(&self, uuid: Option<&str>, headers: &[(&str, &str)]) -> Answer {
        let body = json!({ "session_name": "Match", "num_connections": 4, "uuid": uuid });
        let request = self.call(RouteId::CreateSession, &body);
        send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Creates a game session with a token.
    pub(crate) async fn create_with(&self, token: &str) -> Answer {
        self.create(None, &[("authorization", &format!("Bearer {token}"))]).await
    }
}
