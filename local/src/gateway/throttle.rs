//! API Gateway's throttling: token buckets that refuse a request before its function runs.
//!
//! - Each method of a route has one bucket, with the rates of template.yaml. All callers share it, so one caller who
//!   calls as often as it fills shuts the route for everybody. Where the authorizer knows players, it fills faster than a
//!   few attackers call, because each of them has a rate there.
//! - Each API key of a usage plan has separate buckets, which come first: a request that its own key refuses takes
//!   nothing from the route. Where players are spread over many keys, a caller who calls too often shuts the door only
//!   for those who share the key.
//!
//! AWS documents the token bucket, the order, and that a usage plan's rates hold for each key. It promises rates on a
//! best-effort basis over many machines; here they are exact.

use std::time::Duration;

use identity::config::PlayerRates;
use lambda_http::http::Method;
use shared::{
    Code, Error, RouteId,
    rate::{Rate, TokenBuckets},
};
use tokio::time::Instant;

/// The most buckets of keys: API Gateway has at most 10,000 keys in an account and Region, and a key has one bucket for
/// each route with the rates for starts, and one for the others.
const MOST_KEY_BUCKETS: usize = 10_000 * (RouteId::STARTS.len() + 1);

/// The most buckets of routes: a route has two methods.
const MOST_ROUTE_BUCKETS: usize = 2 * RouteId::ALL.len();

/// The rate of `/health`, for which nobody shows a token either. It is low, because each new instance of the function
/// asks AWS, which throttles the account. Monitors need no more.
const HEALTH: Rate = Rate::per_second(10, 10);

/// What the THROTTLED gateway response tells clients to wait.
const WAIT: Duration = Duration::from_secs(1);

/// The rates of all routes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Of the routes that only look something up.
    pub requests: Rate,
    /// Of the routes that use up something which all players share.
    pub starts: Rate,
    /// Of `sign_in`.
    pub sign_ins: Rate,
}

/// The limits of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttling {
    /// The rates of each method of a route: `RequestsPerSecond`, `StartsPerSecond` and `SignInsPerSecond` of
    /// template.yaml, with their bursts.
    pub routes: Rates,
    /// The rate of each route's preflights, and of `/jwks`: `OpenRequestsPerSecond`. Nobody shows a token there, so all
    /// callers share it and no rate of one player stands before it.
    pub open: Rate,
    /// The rates of each key of the usage plan. They count where the authorizer names a key.
    pub keys: Rates,
    /// The rates of each player, which the authorizer counts.
    pub players: PlayerRates,
}

impl Default for Throttling {
    /// The defaults of template.yaml's parameters, where players are known.
    fn default() -> Self {
        // Far above what one cheap client sends, because a request without a token may count here before anybody
        // asks the authorizer. The burst is small, because calls of one player at the same moment meet as many
        // instances of `authorize`, each with a full bucket for that player.
        let of_players = Rate::per_second(1000, 200);
        Self {
            routes: Rates { requests: of_players, starts: of_players, sign_ins: Rate::per_second(500, 1000) },
            open: Rate::per_second(200, 400),
            // A player who signs in has no key yet.
            keys: Rates {
                requests: Rate::per_second(5, 10),
                starts: Rate::per_second(1, 5),
                sign_ins: Rate::per_second(1, 5),
            },
            players: PlayerRates::default(),
        }
    }
}

impl Throttling {
    /// The defaults with `Identity=trust-body`. The routes take fewer requests, above all those that start something,
    /// because no rate of one player keeps a caller from taking the account's limits.
    #[must_use]
    pub fn trust_body() -> Self {
        let mut throttling = Self::default();
        throttling.routes.requests = Rate::per_second(100, 200);
        throttling.routes.starts = Rate::per_second(5, 10);
        throttling
    }
}

/// The buckets of a stage.
#[derive(Debug)]
pub struct Throttle {
    throttling: Throttling,
    begun: Instant,
    /// By the route, and whether the method is OPTIONS.
    routes: TokenBuckets<(RouteId, bool)>,
    /// By the key, and the route if it has the rates for starts.
    keys: TokenBuckets<(String, Option<RouteId>)>,
}

impl Throttle {
    /// Returns full buckets.
    pub fn new(throttling: Throttling) -> Self {
        let (routes, keys) = (TokenBuckets::new(MOST_ROUTE_BUCKETS), TokenBuckets::new(MOST_KEY_BUCKETS));
        Self { throttling, begun: Instant::now(), routes, keys }
    }

    /// Takes a request. `key` is the `usageIdentifierKey` of the authorizer's answer. A preflight has no key. A method
    /// that the route does not have takes nothing from the one that it has: API Gateway knows no such method.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the key or the route gets too many requests.
    pub fn admit(&self, route: RouteId, method: &Method, key: Option<&str>) -> Result<(), Error> {
        let now = self.begun.elapsed();
        let is_preflight = method == Method::OPTIONS;
        if !is_preflight && *method != route.method() {
            return Ok(());
        }
        let is_start = route.is_start() && !is_preflight;
        let rate = |rates: Rates| match route {
            _ if is_start => rates.starts,
            RouteId::SignIn => rates.sign_ins,
            _ => rates.requests,
        };
        let of_route = match route {
            _ if is_preflight => self.throttling.open,
            RouteId::Jwks => self.throttling.open,
            RouteId::Health => HEALTH,
            _ => rate(self.throttling.routes),
        };
        let of_key = key.filter(|_| !is_preflight).map(|key| (key.to_owned(), is_start.then_some(route)));
        let is_admitted = of_key.is_none_or(|of_key| self.keys.take(of_key, rate(self.throttling.keys), now))
            && self.routes.take((route, is_preflight), of_route, now);
        if is_admitted {
            return Ok(());
        }
        let detail = "The route gets more requests than it is set up to take.";
        Err(Error::new(Code::RateLimited, detail).with_retry_after(WAIT))
    }
}

#[cfg(test)]
mod tests;
