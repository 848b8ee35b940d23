//! AWS's documented API rate limits, switched on by `--rate-limits`.
//!
//! One token bucket an operation, on the emulator's clock. The limits of single resources
//! (`DescribeGameSessions` of one game session) are not emulated: AWS does not print them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::wire::call::Service;

/// A name with its limit: burst, calls a second.
type Limit = (&'static str, u32, f64);

/// Of GameLift Servers' operations ("API limits" in its developer guide).
const GAMELIFT: &[Limit] = &[
    ("CreatePlayerSession", 200, 200.0),
    ("CreatePlayerSessions", 200, 200.0),
    ("DescribePlayerSessions", 200, 200.0),
    ("DescribeGameSessionPlacement", 75, 75.0),
    ("StartGameSessionPlacement", 75, 75.0),
    ("CreateGameSession", 50, 50.0),
    ("DescribeAlias", 30, 30.0),
    ("DescribeCompute", 30, 30.0),
    ("DescribeFleetAttributes", 30, 30.0),
    ("DescribeFleetLocationUtilization", 30, 30.0),
    ("DescribeFleetUtilization", 30, 30.0),
    ("DescribeGameServerGroup", 30, 30.0),
    ("DescribeGameServerInstances", 30, 30.0),
    ("DescribeGameSessionDetails", 30, 30.0),
    ("DescribeGameSessionQueues", 30, 30.0),
    ("ListAliases", 30, 30.0),
    ("ListCompute", 30, 30.0),
    ("ListFleets", 30, 30.0),
    ("ListGameServerGroups", 30, 30.0),
    ("ListGameServers", 30, 30.0),
    ("ListLocations", 30, 30.0),
    ("ListTagsForResource", 30, 30.0),
    ("ResolveAlias", 30, 30.0),
    ("SearchGameSessions", 30, 30.0),
    ("TagResource", 30, 30.0),
    ("UntagResource", 30, 30.0),
    ("ClaimGameServer", 40, 20.0),
    ("DeregisterGameServer", 40, 20.0),
    ("DescribeGameServer", 40, 20.0),
    ("RegisterGameServer", 40, 20.0),
    ("UpdateGameServer", 40, 20.0),
    ("CreateAlias", 20, 20.0),
    ("CreateGameServerGroup", 20, 20.0),
    ("CreateGameSessionQueue", 20, 20.0),
    ("CreateLocation", 20, 20.0),
    ("DeleteAlias", 20, 20.0),
    ("DeleteFleet", 20, 20.0),
    ("DeleteGameServerGroup", 20, 20.0),
    ("DeleteGameSessionQueue", 20, 20.0),
    ("DeleteLocation", 20, 20.0),
    ("DeregisterCompute", 20, 20.0),
    ("DescribeGameSessions", 20, 20.0),
    ("RegisterCompute", 20, 20.0),
    ("StopGameSessionPlacement", 20, 20.0),
    ("TerminateGameSession", 20, 20.0),
    ("UpdateAlias", 20, 20.0),
    ("UpdateFleetAttributes", 20, 20.0),
    ("UpdateGameServerGroup", 20, 20.0),
    ("UpdateGameSession", 20, 20.0),
    ("UpdateGameSessionQueue", 20, 20.0),
    ("GetComputeAuthToken", 10, 5.0),
    ("CreateFleet", 4, 1.0),
    ("ResumeGameServerGroup", 1, 0.1),
    ("SuspendGameServerGroup", 1, 0.1),
];

/// Of GameLift Streams' operations ("API rate limits" in its developer guide, which prints no bursts).
const STREAMS: &[Limit] = &[
    ("CreateStreamSessionConnection", 20, 20.0),
    ("ExportStreamSessionFiles", 20, 20.0),
    ("GetStreamSession", 20, 20.0),
    ("ListStreamSessions", 20, 20.0),
    ("ListStreamSessionsByAccount", 20, 20.0),
    ("StartStreamSession", 20, 20.0),
    ("TerminateStreamSession", 20, 20.0),
    ("GetApplication", 10, 10.0),
    ("GetStreamGroup", 10, 10.0),
    ("ListApplications", 10, 10.0),
    ("ListStreamGroups", 10, 10.0),
    ("ListTagsForResource", 10, 10.0),
    ("TagResource", 10, 10.0),
    ("UntagResource", 10, 10.0),
    ("AddStreamGroupLocations", 5, 5.0),
    ("AssociateApplications", 5, 5.0),
    ("CreateApplication", 5, 5.0),
    ("DeleteApplication", 5, 5.0),
    ("DeleteStreamGroup", 5, 5.0),
    ("DisassociateApplications", 5, 5.0),
    ("RemoveStreamGroupLocations", 5, 5.0),
    ("UpdateApplication", 5, 5.0),
    ("UpdateStreamGroup", 5, 5.0),
    ("CreateStreamGroup", 1, 1.0),
];

/// Of the Server SDK's requests, by their actions on the wire ("Server SDK limits" in the same guide). Each
/// process has its own, for a player session each of its own.
///
/// That of `InitSDK` is left out, as nobody has seen how the service refuses a connection too many.
const SERVER_SDK: &[Limit] = &[
    ("DescribePlayerSessions", 10, 5.0),
    ("AcceptPlayerSession", 3, 1.0),
    ("ActivateGameSession", 3, 1.0),
    ("ActivateServerProcess", 3, 1.0),
    ("RemovePlayerSession", 3, 1.0),
    ("StartMatchBackfill", 3, 1.0),
    ("StopMatchBackfill", 3, 1.0),
    ("TerminateServerProcess", 3, 1.0),
    ("UpdatePlayerSessionCreationPolicy", 3, 1.0),
    ("GetComputeCertificate", 3, 0.1),
    ("GetFleetRoleCredentials", 3, 0.1),
];

/// The account's limit over all operations of a service.
const ACCOUNT: Limit = ("*", 500, 500.0);

/// A sender's limit at one UDP ping beacon.
const PING: Limit = ("", 3, 3.0);

/// So many buckets are kept before those that are full again are looked for.
const MANY: usize = 4096;

/// How many calls everybody still has.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<HashMap<Caller, Bucket>>);

/// Whose calls a bucket counts.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Caller {
    /// Those of an operation.
    Account(Service, &'static str),
    /// Messages to the UDP ping beacon of a location.
    Pings(&'static str, SocketAddr),
    /// A game server's, with a player session if the limit is for each.
    Process { process: String, action: &'static str, player_session: Option<String> },
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// What it had `since` then.
    tokens: f64,
    since: Timestamp,
    burst: f64,
    rate: f64,
}

impl RateLimits {
    /// Takes one call of the service's `operation` at `now`. Says whether it is within the limits.
    pub(crate) fn admit(&self, service: Service, operation: &str, now: Timestamp) -> bool {
        let limits = match service {
            Service::GameLift => GAMELIFT,
            Service::Streams => STREAMS,
        };
        let own = limits.iter().find(|(name, ..)| *name == operation);
        let own = own.is_none_or(|limit| self.take(Caller::Account(service, limit.0), *limit, now));
        own && self.take(Caller::Account(service, ACCOUNT.0), ACCOUNT, now)
    }

    /// Takes one request of a game server, about a player session if it has one. Says whether it is within
    /// the limits.
    pub(crate) fn admit_request(
        &self,
        process: &str,
        action: &str,
        player_session: Option<&str>,
        now: Timestamp,
    ) -> bool {
        SERVER_SDK.iter().find(|(name, ..)| *name == action).is_none_or(|limit| {
            let (process, player_session) = (process.to_owned(), player_session.map(str::to_owned));
            self.take(Caller::Process { process, action: limit.0, player_session }, *limit, now)
        })
    }

    /// Takes one message of a sender to a location's UDP ping beacon. Says whether it is within the limits.
    pub(crate) fn admit_ping(&self, location: &'static str, sender: SocketAddr, now: Timestamp) -> bool {
        self.take(Caller::Pings(location, sender), PING, now)
    }

    fn take(&self, caller: Caller, (_, burst, rate): Limit, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Processes and player sessions come and go. Those that are over have full buckets before long.
        if buckets.len() >= MANY && !buckets.contains_key(&caller) {
            buckets.retain(|_, bucket| bucket.tokens_at(now) < bucket.burst);
        }
        let burst = f64::from(burst);
        let bucket = buckets.entry(caller).or_insert(Bucket { tokens: burst, since: now, burst, rate });
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
    use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

    use super::*;
    use crate::{gamelift, server_sdk, streams};

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
        assert!(limits.0.lock().unwrap().len() <= MANY);
    }

    fn names(limits: &[Limit]) -> BTreeSet<&'static str> {
        limits.iter().map(|(name, ..)| *name).collect()
    }

    /// AWS prints a limit of everything that the emulator has, but for what is named here.
    #[test]
    fn everything_is_limited_or_known_to_be_unlimited() {
        let gamelift: BTreeSet<_> = gamelift::operation_names().collect();
        assert_eq!(names(GAMELIFT), gamelift);
        let streams: BTreeSet<_> = streams::operation_names().collect();
        assert_eq!(names(STREAMS), streams);
        let server_sdk = server_sdk::actions();
        let server_sdk = server_sdk.iter().map(String::as_str);
        // The SDKs send it by themselves, and AWS prints nothing of it.
        assert_eq!(names(SERVER_SDK), server_sdk.filter(|action| *action != "HeartbeatServerProcess").collect());
    }

    /// The table of docs/emulator/rate-limits.md.
    #[test]
    fn the_documents_have_the_same_limits() {
        let documents = include_str!("../../docs/emulator/rate-limits.md");
        for (kind, limits) in [
            ("operations of GameLift Servers", GAMELIFT),
            ("operations of GameLift Streams", STREAMS),
            ("requests of a game server", SERVER_SDK),
        ] {
            let mut table = format!("| calls a second | in bursts | {kind} |\n|---|---|---|\n");
            for group in limits.chunk_by(|one, other| (one.1, one.2) == (other.1, other.2)) {
                let names: Vec<_> = group.iter().map(|(name, ..)| *name).collect();
                writeln!(table, "| {} | {} | {} |", group[0].2, group[0].1, names.join(", ")).unwrap();
            }
            assert!(documents.contains(&table), "docs/emulator/rate-limits.md lacks this table:\n{table}");
        }
    }
}
