//! AWS's documented API rate limits, switched on by `--rate-limits`.
//!
//! One token bucket an operation, on the emulator's clock. The limits of single resources
//! (`DescribeGameSessions` of one game session) are not emulated: AWS does not print them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::wire::call::Service;

/// Of GameLift Servers: operation, burst, calls a second ("API limits" in its developer guide).
const GAMELIFT: &[(&str, u32, u32)] = &[
    ("CreateGameSession", 50, 50),
    ("CreatePlayerSession", 200, 200),
    ("CreatePlayerSessions", 200, 200),
    ("DescribeGameSessions", 20, 20),
    ("DescribeGameSessionDetails", 30, 30),
    ("DescribePlayerSessions", 200, 200),
    ("SearchGameSessions", 30, 30),
    ("UpdateGameSession", 20, 20),
    ("TerminateGameSession", 20, 20),
    ("StartGameSessionPlacement", 75, 75),
    ("DescribeGameSessionPlacement", 75, 75),
    ("StopGameSessionPlacement", 20, 20),
    ("StartMatchmaking", 100, 100),
    ("StopMatchmaking", 100, 100),
    ("AcceptMatch", 100, 100),
    ("DescribeMatchmaking", 200, 200),
    ("StartMatchBackfill", 70, 70),
    ("ListFleets", 30, 30),
    ("ListCompute", 30, 30),
    ("DescribeCompute", 30, 30),
    ("DescribeFleetAttributes", 30, 30),
    ("DescribeFleetUtilization", 30, 30),
    ("DescribeAlias", 30, 30),
    ("ResolveAlias", 30, 30),
    ("RegisterCompute", 20, 20),
    ("DeregisterCompute", 20, 20),
    ("CreateLocation", 20, 20),
    ("GetComputeAuthToken", 10, 5),
    ("CreateFleet", 4, 1),
    ("ClaimGameServer", 40, 20),
    ("RegisterGameServer", 40, 20),
    ("UpdateGameServer", 40, 20),
    ("DeregisterGameServer", 40, 20),
    ("DescribeGameServer", 40, 20),
    ("ListGameServers", 30, 30),
    ("CreateGameServerGroup", 20, 20),
];

/// Of GameLift Streams ("API rate limits" in its developer guide, which prints no bursts).
const STREAMS: &[(&str, u32, u32)] = &[
    ("CreateStreamSessionConnection", 20, 20),
    ("ExportStreamSessionFiles", 20, 20),
    ("GetStreamSession", 20, 20),
    ("ListStreamSessions", 20, 20),
    ("ListStreamSessionsByAccount", 20, 20),
    ("StartStreamSession", 20, 20),
    ("TerminateStreamSession", 20, 20),
    ("GetApplication", 10, 10),
    ("GetStreamGroup", 10, 10),
    ("ListApplications", 10, 10),
    ("ListStreamGroups", 10, 10),
    ("ListTagsForResource", 10, 10),
    ("TagResource", 10, 10),
    ("UntagResource", 10, 10),
    ("AddStreamGroupLocations", 5, 5),
    ("AssociateApplications", 5, 5),
    ("CreateApplication", 5, 5),
    ("DeleteApplication", 5, 5),
    ("DeleteStreamGroup", 5, 5),
    ("DisassociateApplications", 5, 5),
    ("RemoveStreamGroupLocations", 5, 5),
    ("UpdateApplication", 5, 5),
    ("UpdateStreamGroup", 5, 5),
    ("CreateStreamGroup", 1, 1),
];

/// The account's limit over all operations of a service, burst and calls a second.
const ACCOUNT: (u32, u32) = (500, 500);

/// How many calls each operation still has.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<HashMap<(Service, &'static str), Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    since: Timestamp,
}

impl RateLimits {
    /// Takes one call of the service's `operation` at `now`. Says whether it is within the limits.
    pub(crate) fn admit(&self, service: Service, operation: &str, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = match service {
            Service::GameLift => GAMELIFT,
            Service::Streams => STREAMS,
        };
        let own = limits.iter().find(|(name, ..)| *name == operation);
        let own = own.is_none_or(|(name, burst, rate)| take(&mut buckets, (service, name), *burst, *rate, now));
        own && take(&mut buckets, (service, "*"), ACCOUNT.0, ACCOUNT.1, now)
    }
}

fn take(
    buckets: &mut HashMap<(Service, &'static str), Bucket>,
    name: (Service, &'static str),
    burst: u32,
    rate: u32,
    now: Timestamp,
) -> bool {
    let burst = f64::from(burst);
    let bucket = buckets.entry(name).or_insert(Bucket { tokens: burst, since: now });
    let elapsed = now.duration_since(bucket.since).as_secs_f64().max(0.0);
    *bucket = Bucket { tokens: (bucket.tokens + elapsed * f64::from(rate)).min(burst), since: now };
    if bucket.tokens < 1.0 {
        return false;
    }
    bucket.tokens -= 1.0;
    true
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
        let admitted =
            (0..1000).filter(|_| limits.admit(Service::GameLift, "DeleteFleet", Timestamp::UNIX_EPOCH)).count();
        assert_eq!(admitted, 500);
    }
}
