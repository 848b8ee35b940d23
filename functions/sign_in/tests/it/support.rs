//! An issuer in memory, and calls of its routes.

use std::{sync::Arc, time::Duration};

use aws::secrets::{InMemory, Secrets, Versions};
use emulated_steam::SteamServer;
use identity::{fetch::Fetch, own::tokens::OwnIssuer, steam::SteamConfig};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use lambda_http::request::from_str;
use serde_json::{Value, json};
use shared::{Service as _, clock::Clock, config::HttpConfig};
use sign_in::{Issuing, SignInConfig, SignInRoutes};
use testing::events::{self, Answered, rest};

pub(crate) const ISSUER: &str = "urn:liftgate:test";
pub(crate) const APP_ID: u32 = 480;
pub(crate) const IDENTITY: &str = "my-game";
const START: Duration = Duration::from_secs(1_800_000_000);

/// The routes, and what a test can turn.
pub(crate) struct Issuer {
    routes: SignInRoutes,
    pub(crate) signing: Arc<InMemory>,
}

/// Versions of a secret, named by letters.
pub(crate) fn versions(pending: &str, current: &str, previous: &str) -> Versions {
    let text = |letter: &str| (!letter.is_empty()).then(|| letter.repeat(40));
    Versions { pending: text(pending), current: text(current), previous: text(previous) }
}

impl Issuer {
    /// An issuer with guests, on Tokio's clock.
    pub(crate) fn with_guests() -> Self {
        Self::new(true, None)
    }

    /// An issuer without guests, or with an emulated Steam.
    pub(crate) fn new(has_guests: bool, steam: Option<&SteamServer>) -> Self {
        let signing = Arc::new(InMemory::new("a".repeat(40)));
        let guests: Option<Arc<dyn Secrets>> =
            if has_guests { Some(Arc::new(InMemory::new("g".repeat(40)))) } else { None };
        let steam = steam.map(|server| {
            let config = SteamConfig::new(APP_ID, IDENTITY).unwrap();
            let config = SteamConfig { base: server.url().parse().unwrap(), ..config };
            let key: Arc<dyn Secrets> = Arc::new(InMemory::new(SteamServer::KEY));
            (config, key)
        });
        let config =
            SignInConfig { issuer: OwnIssuer::new(ISSUER).unwrap(), signing: Arc::clone(&signing) as _, guests, steam };
        let fetch = Fetch::new(None).unwrap().with_plain_loopback();
        let issuing = Issuing::new(config, fetch, Clock::with_tokio(START));
        Self { routes: SignInRoutes::new(Ok(Arc::new(issuing)), HttpConfig::default()), signing }
    }

    pub(crate) async fn sign_in(&self, body: &Value) -> Answered {
        answered(&self.routes, &rest("POST", "sign_in", Some(body))).await
    }

    /// A sign-in from this address. `player` is whom the authorizer names.
    pub(crate) async fn sign_in_from(&self, address: &str, player: Option<&str>, body: &Value) -> Answered {
        let mut event = rest("POST", "sign_in", Some(body));
        event["requestContext"]["identity"] = json!({ "sourceIp": address });
        event["requestContext"]["authorizer"] = match player {
            Some(player) => json!({ "principalId": player, "liftgate": "player" }),
            None => json!({ "principalId": "trust-body", "liftgate": "trust-body" }),
        };
        answered(&self.routes, &event).await
    }

    /// A sign-in that succeeds.
    pub(crate) async fn good(&self, body: &Value) -> Value {
        let answer = self.sign_in(body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store");
        answer.body
    }

    /// The code and the detail of a sign-in that fails.
    pub(crate) async fn refused(&self, body: &Value) -> (String, String) {
        let answer = self.sign_in(body).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&answer.body["error"]["code"]), text(&answer.body["detail"]))
    }

    pub(crate) async fn jwks(&self) -> Answered {
        answered(&self.routes, &rest("GET", "jwks", None)).await
    }

    /// The player of an access token.
    pub(crate) async fn player(&self, signed_in: &Value) -> String {
        self.claims(signed_in).await["sub"].as_str().unwrap().to_owned()
    }

    /// The claims of an access token, as a standard library reads it with the keys of `/jwks`.
    pub(crate) async fn claims(&self, signed_in: &Value) -> Value {
        let token = signed_in["AccessToken"].as_str().unwrap();
        let keys: JwkSet = serde_json::from_value(self.jwks().await.body).unwrap();
        let header = decode_header(token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.validate_exp = false;
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let claims = decode::<Value>(token, &key, &rules).unwrap().claims;
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 900);
        claims
    }
}

pub(crate) async fn answered(routes: &SignInRoutes, event: &Value) -> Answered {
    let response = routes.answer(from_str(&event.to_string()).unwrap()).await;
    events::answered(&response)
}

pub(crate) fn guest() -> Value {
    json!({ "provider": "guest" })
}

pub(crate) fn refresh(token: &Value) -> Value {
    json!({ "provider": "refresh", "refresh_token": token })
}
