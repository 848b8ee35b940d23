//! Liftgate's own issuer with keys that tests change, on virtual time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use identity::{
    authorizer::{Ask, Authorizer, Decision},
    config::{IdentityConfig, Mode, PlainHttp, PlayerRates, parse_issuers},
    key_source::{KeySource, KeysError, Loading},
};
use serde_json::{Value, json};
use shared::{Error, clock::Clock};
use testing::tokens::{Signer, Token};

pub(crate) const ISSUER: &str = "urn:liftgate:test";

/// When every test begins, and every token: seconds since 1970.
pub(crate) const START: i64 = 1_800_000_000;

/// Keys that tests change.
pub(crate) struct Keys {
    answer: Mutex<Result<Value, KeysError>>,
    loads: AtomicUsize,
}

impl Keys {
    pub(crate) fn new(keys: &[Value]) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(Ok(json!({ "keys": keys }))), loads: AtomicUsize::new(0) })
    }

    pub(crate) fn are(&self, keys: &[Value]) {
        self.answer(Ok(json!({ "keys": keys })));
    }

    pub(crate) fn answer(&self, answer: Result<Value, KeysError>) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }
}

impl KeySource for Keys {
    fn load(&self) -> Loading<'_> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(self.answer.lock().unwrap().clone()))
    }
}

/// An authorizer of Liftgate's own issuer and of the issuers in `json`, whose clock runs with Tokio's.
pub(crate) fn authorizer(keys: &Arc<Keys>, json: Option<&str>) -> Authorizer {
    try_authorizer(keys, json).unwrap()
}

/// The same, or what is wrong with `json`.
pub(crate) fn try_authorizer(keys: &Arc<Keys>, json: Option<&str>) -> Result<Authorizer, Error> {
    let config = IdentityConfig {
        mode: Mode::SignIn,
        own_issuer: Some(ISSUER.to_owned()),
        issuers: json.map_or(Ok(Vec::new()), |json| parse_issuers(json, PlainHttp::Never))?,
        rates: PlayerRates::OFF,
        ..IdentityConfig::default()
    };
    let keys = Arc::clone(keys) as Arc<dyn KeySource>;
    Authorizer::with_clock(config, Some(keys), clock())
}

/// A clock that begins at [`START`] and runs with Tokio's.
pub(crate) fn clock() -> Clock {
    Clock::with_tokio(Duration::from_secs(START.unsigned_abs()))
}

/// A token as `sign_in` makes them.
pub(crate) fn own_token(kid: &str) -> Token {
    Token::new(ISSUER, ISSUER, kid, "guest:0123").header("typ", "at+jwt").begun_at(START)
}

pub(crate) async fn decide(authorizer: &Authorizer, authorization: &str) -> Decision {
    let ask = Ask { authorization: vec![authorization], method: "POST", path: "/join_session", ..Ask::default() };
    authorizer.decide(&ask).await
}

/// The player that the token makes, or what else happens.
pub(crate) async fn player(authorizer: &Authorizer, token: &Token, signer: &Signer) -> String {
    match decide(authorizer, &format!("Bearer {}", token.sign(signer))).await {
        Decision::Allow { player, .. } => player.unwrap(),
        Decision::Refuse { .. } => "refused".to_owned(),
        Decision::RateLimited => "rate limited".to_owned(),
        Decision::KeysUnavailable => "keys unavailable".to_owned(),
    }
}
