//! The instances of `authorize`, as Lambda starts them.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use identity::{
    authorizer::{self, Authorizer, Decision},
    config::{IdentityConfig, Mode, PlanKeys, PlayerRates},
};
use shared::{Code, Error};
use tokio::time::sleep;

use crate::attackers::{issuer::Issuer, request::Ask};

/// The most instances of all functions, and the most of `authorize`: Lambda's default concurrency of an account, which
/// on Lambda they share.
pub(super) const MOST_INSTANCES: usize = 1000;

/// How long a call takes an instance: Lambda's protocol, the check of a token and the log line.
const CALL: Duration = Duration::from_millis(3);

/// How much longer the first call of an instance takes: Lambda's start of it, and its own. Published figures of such
/// functions in Rust are about so.
const START: Duration = Duration::from_millis(50);

/// What each key of the usage plan begins with.
const KEY_PREFIX: &str = "liftgate-bench-key";

/// Returns a usage plan's keys.
pub(crate) fn plan_keys(count: u16) -> PlanKeys {
    PlanKeys { count, prefix: KEY_PREFIX.to_owned() }
}

/// The instances. Each has separate buckets of players, so the more there are, the more a player gets through.
pub(crate) struct Authorizers {
    config: IdentityConfig,
    issuer: Issuer,
    /// Instances that wait for a call. The one that answered last comes first, as on Lambda.
    idle: RefCell<Vec<Authorizer>>,
    started: Cell<usize>,
}

impl Authorizers {
    /// Returns no instance yet. With `keys` they spread players over so many keys of a usage plan.
    pub(crate) fn new(issuer: Issuer, rates: PlayerRates, keys: Option<u16>) -> Self {
        let config = IdentityConfig {
            mode: Mode::SignIn,
            own_issuer: Some(issuer.config.issuer.name().to_owned()),
            plan_keys: keys.map(plan_keys),
            rates,
            ..IdentityConfig::default()
        };
        Self { config, issuer, idle: RefCell::default(), started: Cell::new(0) }
    }

    /// Returns the issuer of the tokens that are believed.
    pub(crate) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Returns the number of instances that were started.
    pub(crate) fn started(&self) -> usize {
        self.started.get()
    }

    /// Asks an instance that no other request has.
    ///
    /// # Errors
    /// Those of [`Authorizer::new`], and `UPSTREAM_UNAVAILABLE` where Lambda runs no more at once.
    pub(crate) async fn decide(&self, ask: &Ask) -> Result<Decision, Error> {
        let idle = self.idle.borrow_mut().pop();
        let instance = match idle {
            Some(instance) => instance,
            None => {
                if self.started.get() >= MOST_INSTANCES {
                    return Err(Error::new(Code::UpstreamUnavailable, "API Gateway could not reach the authorizer."));
                }
                self.started.set(self.started.get() + 1);
                let keys = Some(self.issuer.public_keys());
                let instance = Authorizer::with_clock(self.config.clone(), keys, self.issuer.clock())?;
                instance.warm_up().await;
                sleep(START).await;
                instance
            }
        };
        let authorization = ask.caller.token.as_ref().map(|token| format!("Bearer {token}"));
        let (method, path) = (ask.route.method(), format!("/{}", ask.route.name()));
        let asked = authorizer::Ask {
            authorization: authorization.iter().map(String::as_str).collect(),
            method: method.as_str(),
            path: &path,
            address: Some(&ask.caller.address),
            ..authorizer::Ask::default()
        };
        let decision = instance.decide(&asked).await;
        sleep(CALL).await;
        self.idle.borrow_mut().push(instance);
        Ok(decision)
    }
}
