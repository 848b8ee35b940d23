//! The names of the operations that the emulator has, each with AWS's documented rate limit.
//!
//! Each service compares its handlers with these tables in a test. The faults, the rate limits and the documents use
//! the tables.

use crate::model::service::Service;

/// An operation's name, its burst and its calls per second.
pub type Limit = (&'static str, u32, f64);

/// The operations of GameLift Servers ("API limits" in its developer guide).
pub const GAMELIFT: &[Limit] = &[
    ("CreatePlayerSession", 200, 200.0),
    ("CreatePlayerSessions", 200, 200.0),
    ("DescribeMatchmaking", 200, 200.0),
    ("DescribePlayerSessions", 200, 200.0),
    ("AcceptMatch", 100, 100.0),
    ("StartMatchmaking", 100, 100.0),
    ("StopMatchmaking", 100, 100.0),
    ("DescribeGameSessionPlacement", 75, 75.0),
    ("StartGameSessionPlacement", 75, 75.0),
    ("StartMatchBackfill", 70, 70.0),
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
    ("DescribeMatchmakingConfigurations", 30, 30.0),
    ("DescribeMatchmakingRuleSets", 30, 30.0),
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
    ("ValidateMatchmakingRuleSet", 30, 30.0),
    ("ClaimGameServer", 40, 20.0),
    ("DeregisterGameServer", 40, 20.0),
    ("DescribeGameServer", 40, 20.0),
    ("RegisterGameServer", 40, 20.0),
    ("UpdateGameServer", 40, 20.0),
    ("CreateAlias", 20, 20.0),
    ("CreateGameServerGroup", 20, 20.0),
    ("CreateGameSessionQueue", 20, 20.0),
    ("CreateLocation", 20, 20.0),
    ("CreateMatchmakingConfiguration", 20, 20.0),
    ("CreateMatchmakingRuleSet", 20, 20.0),
    ("DeleteAlias", 20, 20.0),
    ("DeleteFleet", 20, 20.0),
    ("DeleteGameServerGroup", 20, 20.0),
    ("DeleteGameSessionQueue", 20, 20.0),
    ("DeleteLocation", 20, 20.0),
    ("DeleteMatchmakingConfiguration", 20, 20.0),
    ("DeleteMatchmakingRuleSet", 20, 20.0),
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
    ("UpdateMatchmakingConfiguration", 20, 20.0),
    ("GetComputeAuthToken", 10, 5.0),
    ("CreateFleet", 4, 1.0),
    ("ResumeGameServerGroup", 1, 0.1),
    ("SuspendGameServerGroup", 1, 0.1),
];

/// The operations of GameLift Streams ("API rate limits" in its developer guide, which prints no bursts).
pub const STREAMS: &[Limit] = &[
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

/// The requests of the Server SDK, by their actions on the wire ("Server SDK limits" in the same guide). Each process
/// has separate limits, and separate ones again for each of its player sessions.
///
/// `InitSDK`'s limit is left out: it is not known how the service refuses a connection over the limit.
pub const SERVER_SDK: &[Limit] = &[
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

/// Returns the operations of a service, with their limits.
pub fn of(service: Service) -> &'static [Limit] {
    match service {
        Service::GameLift => GAMELIFT,
        Service::Streams => STREAMS,
    }
}

/// Returns the names of a table.
pub fn names(limits: &'static [Limit]) -> impl Iterator<Item = &'static str> {
    limits.iter().map(|(name, ..)| *name)
}

/// Whether the service has an operation of this name.
pub fn has(service: Service, name: &str) -> bool {
    names(of(service)).any(|known| known == name)
}

/// Whether the emulator has an operation of this name.
pub fn exists(name: &str) -> bool {
    has(Service::GameLift, name) || has(Service::Streams, name)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// docs/emulator/rate-limits.md has the same table.
    #[test]
    fn the_documents_have_the_same_limits() {
        let documents = include_str!("../../../../docs/emulator/rate-limits.md");
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
