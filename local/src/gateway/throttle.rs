//! API Gateway's throttling: token buckets that refuse a request before its function runs.
//!
//! - Each method of a route has one bucket, with the rates of template.yaml. All callers share it, so one caller who
//!   calls as often as it fills shuts the route for everybody.
//! - Each API key of a usage plan has separate buckets, which come first: a request that its own key refuses takes
//!   nothing from the route. Where players are spread over many keys, a caller who calls too often shuts the door only
//!   for those who share the key.
//!
//! AWS documents the token bucket, the order, and that a usage plan's rates hold for each key. It promises rates on a
//! best-effort basis over many machines; here they are exact.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lambda_http::http::Method;
use shared::{Code, Error, RouteId};
use tokio::time::Instant;

/// The routes that use up something which all players share. They have the rates for starts.
const STARTS: [RouteId; 5] = [
    RouteId::CreateSession,
    RouteId::FindOrCreateSession,
    RouteId::JoinSession,
    RouteId::ReconnectStream,
    RouteId::TerminateStream,
];

/// The route with the rate for sign-ins.
const SIGN_IN: &str = "sign_in";

/// The most buckets of keys: API Gateway has at most 10,000 keys in an account and Region, and a key has one bucket for
/// each route with the rates for starts, and one for the others.
const MOST_KEY_BUCKETS: usize = 10_000 * (STARTS.len() + 1);

/// The shortest time between two removals of full buckets, which look at all of them.
const CLEANING: Duration = Duration::from_secs(1);

/// What the THROTTLED gateway response tells clients to wait.
const WAIT: Duration = Duration::from_secs(1);

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second in the long run.
    pub per_second: f64,
    /// Requests that may arrive at once.
    pub burst: u32,
}

impl Rate {
    /// Returns a rate.
    pub const fn new(per_second: f64, burst: u32) -> Self {
        Self { per_second, burst }
    }
}

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

/// The throttling of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttling {
    /// The rates of each method of a route: `RequestsPerSecond`, `StartsPerSecond` and `SignInsPerSecond` of
    /// template.yaml, with their bursts.
    pub routes: Rates,
    /// The rates of each key of the usage plan. They count where the authorizer names a key.
    pub keys: Rates,
}

impl Default for Throttling {
    /// The defaults of template.yaml's parameters.
    fn default() -> Self {
        Self {
            routes: Rates { requests: Rate::new(50.0, 100), starts: Rate::new(5.0, 10), sign_ins: Rate::new(10.0, 20) },
            // A player who signs in has no key yet.
            keys: Rates { requests: Rate::new(5.0, 10), starts: Rate::new(1.0, 5), sign_ins: Rate::new(1.0, 5) },
        }
    }
}

/// The buckets of a stage.
#[derive(Debug)]
pub struct Throttle {
    throttling: Throttling,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    /// By the route's name, and whether the method is OPTIONS: a route has no third method.
    routes: HashMap<(&'static str, bool), Bucket>,
    /// By the key, and the route's name if it has the rates for starts.
    keys: HashMap<(String, Option<&'static str>), Bucket>,
    /// When the full buckets of keys were removed last.
    cleaned: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The tokens at the time `since`.
    tokens: f64,
    since: Instant,
    rate: Rate,
}

impl Throttle {
    /// Returns full buckets.
    pub fn new(throttling: Throttling) -> Self {
        Self { throttling, buckets: Mutex::default() }
    }

    /// Takes a request. `key` is the `usageIdentifierKey` of the authorizer's answer. A preflight has no key.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the key or the route gets too many requests.
    pub fn admit(&self, route: RouteId, method: &Method, key: Option<&str>) -> Result<(), Error> {
        let now = Instant::now();
        let is_preflight = method == Method::OPTIONS;
        let starts = STARTS.contains(&route) && !is_preflight;
        let rate = |rates: Rates| match route.name() {
            _ if starts => rates.starts,
            SIGN_IN if !is_preflight => rates.sign_ins,
            _ => rates.requests,
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = key.filter(|_| !is_preflight).map(|key| (key.to_owned(), starts.then_some(route.name())));
        let is_admitted = of_key.is_none_or(|of_key| buckets.take_of_key(of_key, rate(self.throttling.keys), now))
            && buckets.take_of_route((route.name(), is_preflight), rate(self.throttling.routes), now);
        if is_admitted {
            return Ok(());
        }
        let detail = "The route gets more requests than it is set up to take.";
        Err(Error::new(Code::RateLimited, detail).with_retry_after(WAIT))
    }
}

impl Buckets {
    fn take_of_route(&mut self, of: (&'static str, bool), rate: Rate, now: Instant) -> bool {
        self.routes.entry(of).or_insert_with(|| Bucket::full(rate, now)).take(now)
    }

    /// Takes a token of a key. A key that there is no room for has none: API Gateway would not know it.
    fn take_of_key(&mut self, of: (String, Option<&'static str>), rate: Rate, now: Instant) -> bool {
        if self.keys.len() >= MOST_KEY_BUCKETS && !self.keys.contains_key(&of) {
            if self.cleaned.is_none_or(|cleaned| now.saturating_duration_since(cleaned) >= CLEANING) {
                self.keys.retain(|_, bucket| bucket.tokens_at(now) < bucket.rate.burst.into());
                self.cleaned = Some(now);
            }
            if self.keys.len() >= MOST_KEY_BUCKETS {
                return false;
            }
        }
        self.keys.entry(of).or_insert_with(|| Bucket::full(rate, now)).take(now)
    }
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self { tokens: rate.burst.into(), since: now, rate }
    }

    fn tokens_at(&self, now: Instant) -> f64 {
        let filled = now.saturating_duration_since(self.since).as_secs_f64() * self.rate.per_second;
        (self.tokens + filled).min(self.rate.burst.into())
    }

    fn take(&mut self, now: Instant) -> bool {
        (self.tokens, self.since) = (self.tokens_at(now), now);
        let is_admitted = self.tokens >= 1.0;
        if is_admitted {
            self.tokens -= 1.0;
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests;
