//! AWS's documented API rate limits, switched on by `--rate-limits`.
//!
//! There is one token bucket for each operation, on the emulator's clock. The limits of single resources
//! (`DescribeGameSessions` of one game session) are not emulated: AWS does not print them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::model::{
    operations::{self, Limit, SERVER_SDK},
    service::Service,
};

/// The account's limit over all operations of a service.
const ACCOUNT: Limit = ("*", 500, 500.0);

/// A sender's limit at one UDP ping beacon.
const PING: Limit = ("", 3, 3.0);

/// Least number of buckets at which the full ones are removed.
const MANY: usize = 4096;

/// The remaining calls of every caller.
#[derive(Debug, Default)]
pub struct RateLimits(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    by_caller: HashMap<Caller, Bucket>,
    /// Number of buckets that were left after the last clean-up.
    left: usize,
}

/// The owner of a bucket.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Caller {
    /// Calls of an operation.
    Account(Service, &'static str),
    /// Messages to the UDP ping beacon of a location.
    Pings(&'static str, SocketAddr),
    /// Requests of a game server; with a player session if the limit is for each of them.
    Process { process: String, action: &'static str, player_session: Option<String> },
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The tokens at the time `since`.
    tokens: f64,
    since: Timestamp,
    burst: f64,
    rate: f64,
}

impl RateLimits {
    /// Takes one call of the service's `operation` at `now`. Returns whether it is within the limits.
    pub fn admit(&self, service: Service, operation: &str, now: Timestamp) -> bool {
        let own = operations::of(service).iter().find(|(name, ..)| *name == operation);
        let own = own.is_none_or(|limit| self.take(Caller::Account(service, limit.0), *limit, now));
        own && self.take(Caller::Account(service, ACCOUNT.0), ACCOUNT, now)
    }

    /// Takes one request of a game server, about a player session if it has one. Returns whether it is within the
    /// limits.
    pub fn admit_request(&self, process: &str, action: &str, player_session: Option<&str>, now: Timestamp) -> bool {
        SERVER_SDK.iter().find(|(name, ..)| *name == action).is_none_or(|limit| {
            let (process, player_session) = (process.to_owned(), player_session.map(str::to_owned));
            self.take(Caller::Process { process, action: limit.0, player_session }, *limit, now)
        })
    }

    /// Takes one message of a sender to a location's UDP ping beacon. Returns whether it is within the limits.
    pub fn admit_ping(&self, location: &'static str, sender: SocketAddr, now: Timestamp) -> bool {
        self.take(Caller::Pings(location, sender), PING, now)
    }

    fn take(&self, caller: Caller, (_, burst, rate): Limit, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { by_caller, left } = &mut *buckets;
        // Processes and player sessions come and go, and the buckets of ended ones soon are full. The number of buckets
        // doubles between two clean-ups, so that their cost for each call is small.
        if by_caller.len() >= MANY.max(2 * *left) && !by_caller.contains_key(&caller) {
            by_caller.retain(|_, bucket| bucket.tokens_at(now) < bucket.burst);
            *left = by_caller.len();
        }
        let burst = f64::from(burst);
        let bucket = by_caller.entry(caller).or_insert(Bucket { tokens: burst, since: now, burst, rate });
        *bucket = Bucket { tokens: bucket.tokens_at(now), since: now, ..*bucket };
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

impl Bucket {
    fn tokens_at(&self, now: Timestamp) -> f64 {
        let elapsed = now.duration_since(self.since).as_secs_f64().max(0.0);
        (self.tokens + elapsed * self.rate).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_admitted_and_then_the_steady_rate() {
        let limits = RateLimits::default();
        let start = Timestamp::UNIX_EPOCH;
        let admitted = |now| (0..100).filter(|_| limits.admit(Service::GameLift, "GetComputeAuthToken", now)).count();
        assert_eq!(admitted(start), 10);
        assert_eq!(admitted(start + Duration::from_secs(1)), 5);
        assert_eq!(admitted(start + Duration::from_secs(60)), 10);
        assert!(limits.admit(Service::GameLift, "ListFleets", start), "other operations have their own limit");
        let tagged = (0..100).filter(|_| limits.admit(Service::Streams, "TagResource", start)).count();
        assert_eq!(tagged, 10);
        assert!(limits.admit(Service::GameLift, "TagResource", start), "the other service's has another one");
    }

    #[test]
    fn the_account_has_a_limit_over_all_operations() {
        let limits = RateLimits::default();
        let operations = ["CreatePlayerSession", "CreatePlayerSessions", "DescribePlayerSessions", "CreateGameSession"];
        let admitted: usize = operations
            .iter()
            .map(|operation| {
                (0..1000).filter(|_| limits.admit(Service::GameLift, operation, Timestamp::UNIX_EPOCH)).count()
            })
            .sum();
        assert_eq!(admitted, 500);
    }

    #[test]
    fn each_process_has_its_own_limits_and_each_player_in_it() {
        let limits = RateLimits::default();
        let start = Timestamp::UNIX_EPOCH;
        let admitted = |process, action, player_session, now| {
            (0..100).filter(|_| limits.admit_request(process, action, player_session, now)).count()
        };
        for process in ["p1", "p2"] {
            for player_session in [Some("psess-1"), Some("psess-2")] {
                assert_eq!(admitted(process, "AcceptPlayerSession", player_session, start), 3);
                assert_eq!(admitted(process, "RemovePlayerSession", player_session, start), 3);
            }
            assert_eq!(admitted(process, "DescribePlayerSessions", None, start), 10);
            assert_eq!(admitted(process, "HeartbeatServerProcess", None, start), 100);
        }
        assert_eq!(admitted("p1", "AcceptPlayerSession", Some("psess-1"), start + Duration::from_secs(1)), 1);
        assert_eq!(admitted("p1", "GetComputeCertificate", None, start), 3);
        assert_eq!(admitted("p1", "GetComputeCertificate", None, start + Duration::from_secs(9)), 0);
        assert_eq!(admitted("p1", "GetComputeCertificate", None, start + Duration::from_secs(19)), 1);
    }

    #[test]
    fn players_who_have_gone_take_up_no_memory() {
        let limits = RateLimits::default();
        for second in 0..20_000 {
            let now = Timestamp::from_second(second).unwrap();
            assert!(limits.admit_request("p", "AcceptPlayerSession", Some(&format!("psess-{second}")), now));
        }
        assert!(limits.0.lock().unwrap().by_caller.len() <= MANY);
    }
}
