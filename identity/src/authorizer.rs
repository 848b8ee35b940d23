//! One decision for one request.

use std::{fmt, sync::Arc};

use hyper::Uri;
use jsonwebtoken::Algorithm;
use shared::{
    authorizer::{MEMBER, TRUST_BODY},
    clock::Clock,
    config::environment::SIGNING_SECRET,
    error::Error,
    routes::RouteId,
};
use tokio::task::JoinSet;

use crate::{
    bearer::{Bearer, bearer},
    config::{
        issuers::{IssuerConfig, Issuers, KeysFrom},
        provider::Provider,
        settings::{IdentityConfig, Mode},
        url::{self, PlainHttp},
    },
    context,
    fetch::Fetch,
    id::MAX_ID,
    key_source::{KeySource, Pinned},
    keys::{
        jwks,
        remote::{Discovery, Place, Remote},
        store::KeyStore,
    },
    own::{claims::NETWORK, guests},
    plan_keys,
    rates::Limiter,
    token::{
        claims::Claims,
        refusal::{Failure, Refusal},
        verify::{Trusted, verify},
    },
};

/// The sentences that a refused client gets. They are fixed and safe inside JSON, and say nothing about the token.
const NO_TOKEN: &str =
    "This request has no token. Sign in, and send the token in the header Authorization: Bearer <token>.";
/// For a token that cannot be used, and for an event that is not one of a request.
pub const BAD_TOKEN: &str =
    "The token was not accepted. Sign in again, and send the new token in the header Authorization: Bearer <token>.";
const TOKEN_IN_ADDRESS: &str =
    "Send the token in the header Authorization: Bearer <token> and not in the address, where logs keep it.";
const NOBODY: &str = "This deployment lets nobody in yet, because it does not know who players are. Deploy it with Identity set to oidc, sign-in or trust-body, as docs/identity.md describes.";

/// The longest life of a token of Liftgate's own issuer. They live for 15 minutes.
const OWN_TOKEN_SECONDS: u64 = 60 * 60;

/// What is asked about a request.
#[derive(Clone, Debug, Default)]
pub struct Ask<'a> {
    /// The values of all `Authorization` headers.
    pub authorization: Vec<&'a str>,
    /// Whether the query has a parameter that [`is_token_parameter`] knows. Tokens in addresses end up in logs.
    pub token_in_query: bool,
    /// The request's method.
    pub method: &'a str,
    /// The route's path, as `/find_session`. A stage in front of it does not matter.
    pub path: &'a str,
    /// The caller's IP address, as API Gateway sees it. It counts where nobody knows the player yet.
    pub address: Option<&'a str>,
}

/// Whether a query's parameter of this name is meant as a token.
pub fn is_token_parameter(name: &str) -> bool {
    ["access_token", "id_token", "token", "jwt", "authorization"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Which routes an Allow is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Every method and path of the stage. API Gateway caches the answer for all of them.
    Everything,
    /// This route only, at the path that was asked for: nobody was asked for a token.
    Only(RouteId),
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The request may pass.
    Allow {
        /// The player; `None` if the request has no token and needs none.
        player: Option<String>,
        /// The members of the authorizer's context: `liftgate` (`player`, or `trust-body` where no token was asked
        /// for), the claims that are passed on, `party`, and `matchmaking_claims`.
        context: Vec<(String, String)>,
        /// The player's API key in a usage plan, if players are spread over keys.
        plan_key: Option<String>,
        /// Which routes this is for.
        covers: Covers,
    },
    /// The request is refused: 401 `UNAUTHENTICATED`. `detail` is a fixed sentence that is safe inside JSON.
    Refuse {
        /// For the developer of the client.
        detail: &'static str,
    },
    /// The player, or the address of a caller without one, has sent too many requests: 429 `RATE_LIMITED`.
    RateLimited,
    /// The issuer's keys cannot be had: 503 `UPSTREAM_UNAVAILABLE`.
    KeysUnavailable,
}

/// Decides who may pass, and as whom.
pub struct Authorizer {
    config: IdentityConfig,
    trusted: Arc<Vec<Trusted>>,
    limiter: Limiter,
    clock: Clock,
}

impl Authorizer {
    /// An authorizer with the system's clock. `own_keys` are those of Liftgate's own issuer: [`Mode::SignIn`]
    /// needs them, and with [`Mode::TrustBody`] its tokens are taken too.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` for settings that cannot be used together, and for pinned keys that cannot be used.
    pub fn new(config: IdentityConfig, own_keys: Option<Arc<dyn KeySource>>) -> Result<Self, Error> {
        Self::with_clock(config, own_keys, Clock::system())
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// As [`Authorizer::new`].
    pub fn with_clock(
        config: IdentityConfig,
        own_keys: Option<Arc<dyn KeySource>>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let config = config.checked()?;
        let mut trusted = Vec::new();
        let own_keys = match config.mode {
            Mode::SignIn if own_keys.is_none() => {
                return Err(Error::bad_variable(
                    SIGNING_SECRET,
                    "has to name the secret of the signing key when LIFTGATE_IDENTITY is sign-in.",
                ));
            }
            Mode::SignIn | Mode::TrustBody => own_keys,
            Mode::Refuse | Mode::Oidc => None,
        };
        if let Some(keys) = own_keys {
            let issuer = own_issuer(config.own_issuer.as_deref().unwrap_or_default());
            trusted.push(Trusted { keys: KeyStore::new(&issuer.name, keys, clock.clone()), issuer, is_own: true });
        }
        if config.mode != Mode::Refuse {
            let mut sources = Sources { config: &config, fetch: None };
            for issuer in &config.issuers {
                if issuer.provider == Provider::EosConnect && issuer.deployments.is_empty() {
                    tracing::warn!(
                        issuer = issuer.name,
                        "without `deployments`, players of every deployment of the client are let in"
                    );
                }
                let keys = KeyStore::new(&issuer.name, sources.of(issuer)?, clock.clone());
                trusted.push(Trusted { issuer: issuer.clone(), keys, is_own: false });
            }
        }
        let limiter = Limiter::new(config.rates, clock.clone());
        Ok(Self { config, trusted: Arc::new(trusted), limiter, clock })
    }

    /// Loads all keys at the same time, so that the first player need not wait: at most 1.5 s. Lambda grants a whole
    /// processor at start.
    pub async fn warm_up(&self) {
        let mut loads = JoinSet::new();
        for place in 0..self.trusted.len() {
            let trusted = Arc::clone(&self.trusted);
            loads.spawn(async move { trusted[place].keys.warm_up().await });
        }
        while loads.join_next().await.is_some() {}
    }

    /// Decides about a request. Who signs in needs no token. A client may do so because its token has ended, so a bad
    /// one does not matter there.
    pub async fn decide(&self, ask: &Ask<'_>) -> Decision {
        if ask.route() == Some(RouteId::SignIn) {
            return self.sign_in(ask).await;
        }
        let takes_tokens = !self.trusted.is_empty();
        match bearer(&ask.authorization) {
            _ if self.config.mode == Mode::Refuse => refuse(NOBODY, Refusal("LIFTGATE_IDENTITY is refuse")),
            // Nobody could check a token.
            _ if self.config.mode == Mode::TrustBody && !takes_tokens => without_token(Covers::Everything),
            _ if ask.token_in_query => refuse(TOKEN_IN_ADDRESS, Refusal("the token is in the address")),
            Bearer::Token(token) => self.player(token, ask).await,
            Bearer::Wrong(refusal) => refuse(BAD_TOKEN, refusal),
            Bearer::None if self.config.mode == Mode::TrustBody => without_token(Covers::Everything),
            Bearer::None if self.config.public_search && ask.route() == Some(RouteId::FindSession) => self.search(ask),
            Bearer::None => refuse(NO_TOKEN, Refusal("there is no token")),
        }
    }

    /// Whoever refreshes with a valid token of the own issuer counts as its player and not as one of the address, so that
    /// neighbours without one cannot use up what the refresh needs. The function `sign_in` lets such a caller do nothing
    /// else, and the refreshes of one network's guests are counted together: else one address could use up the route.
    async fn sign_in(&self, ask: &Ask<'_>) -> Decision {
        let own = self.trusted.get(..1).filter(|own| own[0].is_own && !ask.token_in_query);
        if let (Some(own), Bearer::Token(token)) = (own, bearer(&ask.authorization))
            && let Ok((trusted, claims)) = verify(own, token, self.clock.now()).await
            && !self.config.denied_players.has(&trusted.issuer, &claims.sub)
        {
            return self.allow(trusted, &claims, ask);
        }
        if !self.limiter.admits_sign_in(ask.address) {
            return rate_limited("the address signs in too often");
        }
        without_token(Covers::Only(RouteId::SignIn))
    }

    fn search(&self, ask: &Ask<'_>) -> Decision {
        if !self.limiter.admits_search(ask.address) {
            return rate_limited("the address searches without a token too often");
        }
        without_token(Covers::Only(RouteId::FindSession))
    }

    async fn player(&self, token: &str, ask: &Ask<'_>) -> Decision {
        match verify(&self.trusted, token, self.clock.now()).await {
            Ok((trusted, claims)) => self.allow(trusted, &claims, ask),
            Err(Failure::Refused(refusal)) => refuse(BAD_TOKEN, refusal),
            Err(Failure::KeysUnavailable) => {
                tracing::error!(
                    decision = "unavailable",
                    "no issuer's keys can be had that the token could be checked with"
                );
                Decision::KeysUnavailable
            }
        }
    }

    fn allow(&self, trusted: &Trusted, claims: &Claims, ask: &Ask<'_>) -> Decision {
        let has_prefix = self.config.has_prefixes() && !trusted.is_own;
        let id = |sub: &str| if has_prefix { format!("{}:{sub}", trusted.issuer.name) } else { sub.to_owned() };
        let player = id(&claims.sub);
        if player.len() > MAX_ID {
            return refuse(BAD_TOKEN, Refusal("the player's id is longer than 255 characters"));
        }
        if self.config.denied_players.has(&trusted.issuer, &claims.sub) {
            return refuse(BAD_TOKEN, Refusal("the player is in LIFTGATE_DENIED_PLAYERS"));
        }
        if !self.limiter.admits_player(&player, ask.route()) {
            return rate_limited("the player calls too often");
        }
        let is_guest = trusted.is_own && claims.sub.starts_with(guests::PREFIX);
        if is_guest && !self.limiter.admits_guest(claims.text(NETWORK), ask.address, ask.route()) {
            self.limiter.give_back(&player, ask.route());
            return rate_limited("the guests of one network call too often");
        }
        tracing::info!(decision = "allow", issuer = trusted.issuer.name, "the token is good");
        Decision::Allow {
            context: context::of(&trusted.issuer, claims, &self.config.attributes, id),
            plan_key: self.config.plan_keys.as_ref().map(|keys| plan_keys::key(keys, &player)),
            player: Some(player),
            covers: Covers::Everything,
        }
    }
}

impl Ask<'_> {
    /// The route, if the table has it with this method. Behind `{proxy+}` and `$default` clients may put slashes after
    /// it, and the functions take them.
    fn route(&self) -> Option<RouteId> {
        let route = self.path.rsplit('/').find(|segment| !segment.is_empty()).and_then(RouteId::named)?;
        (self.method == route.method().as_str()).then_some(route)
    }
}

fn without_token(covers: Covers) -> Decision {
    // At this level because it would be a line for each call where nobody has a token.
    tracing::debug!(decision = "allow", "no token is needed");
    Decision::Allow { player: None, context: vec![(MEMBER.to_owned(), TRUST_BODY.to_owned())], plan_key: None, covers }
}

fn refuse(detail: &'static str, Refusal(reason): Refusal) -> Decision {
    tracing::info!(decision = "refuse", reason, "the request is refused");
    Decision::Refuse { detail }
}

fn rate_limited(reason: &'static str) -> Decision {
    tracing::info!(decision = "rate_limited", reason, "the request is refused");
    Decision::RateLimited
}

/// Liftgate's own issuer. Its refresh tokens have another type and another audience, so they open no route.
fn own_issuer(name: &str) -> IssuerConfig {
    IssuerConfig {
        provider: Provider::Oidc,
        name: "liftgate".to_owned(),
        issuers: Issuers::Exactly(vec![name.to_owned()]),
        audiences: vec![name.to_owned()],
        // They are given to the authorizer.
        keys: KeysFrom::Pinned(serde_json::Value::Null),
        algorithms: vec![Algorithm::ES256],
        typ: vec!["at+jwt".to_owned()],
        claims: Vec::new(),
        party_claim: None,
        max_token_seconds: OWN_TOKEN_SECONDS,
        clients: Vec::new(),
        token_use: None,
        deployments: Vec::new(),
        sandboxes: Vec::new(),
    }
}

/// Makes the issuers' key sources. All share one client, which is made when the first needs it.
struct Sources<'a> {
    config: &'a IdentityConfig,
    fetch: Option<Arc<Fetch>>,
}

impl Sources<'_> {
    fn of(&mut self, issuer: &IssuerConfig) -> Result<Arc<dyn KeySource>, Error> {
        let place = match &issuer.keys {
            KeysFrom::Pinned(keys) => {
                jwks::read(keys).map_err(|error| {
                    Error::bad_variable(
                        "LIFTGATE_ISSUERS",
                        format!("pins keys of {:?} that cannot be used: {error}.", issuer.name),
                    )
                })?;
                return Ok(Arc::new(Pinned(keys.clone())));
            }
            KeysFrom::Url(address) => Place::Fixed(self.address(address)?),
            KeysFrom::Discovery(issuer) => Place::Discovered(Discovery::new(issuer, self.config.plain_http)),
        };
        Ok(Arc::new(Remote { fetch: self.fetch()?, place }))
    }

    /// The local world makes its settings by itself, so the address is checked here too.
    fn address(&self, address: &str) -> Result<Uri, Error> {
        url::parse(address, self.config.plain_http).ok_or_else(|| {
            Error::bad_variable("LIFTGATE_ISSUERS", format!("has {address:?}, which is not {}.", url::FORM))
        })
    }

    fn fetch(&mut self) -> Result<Arc<Fetch>, Error> {
        if let Some(fetch) = &self.fetch {
            return Ok(Arc::clone(fetch));
        }
        let mut fetch = Fetch::from_env()?;
        if self.config.plain_http == PlainHttp::OnLoopback {
            fetch = fetch.with_plain_loopback();
        }
        let fetch = Arc::new(fetch);
        self.fetch = Some(Arc::clone(&fetch));
        Ok(fetch)
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizer").field("config", &self.config).finish_non_exhaustive()
    }
}
