//! The types of events.

/// The `detail-type` of placements' ends.
pub const QUEUE_PLACEMENT: &str = "GameLift Queue Placement Event";
/// The `detail-type` of matchmaking.
pub const MATCHMAKING: &str = "GameLift Matchmaking Event";
/// The `detail-type` of game sessions, which AWS does not have.
pub const GAME_SESSION: &str = "GameLift Game Session State Change";

/// Every `detail-type`, with the values of `type` in the detail.
const TYPES: &[(&str, &[&str])] = &[
    (
        MATCHMAKING,
        &[
            "MatchmakingSearching",
            "PotentialMatchCreated",
            "AcceptMatch",
            "AcceptMatchCompleted",
            "MatchmakingSucceeded",
            "MatchmakingTimedOut",
            "MatchmakingCancelled",
            "MatchmakingFailed",
        ],
    ),
    (QUEUE_PLACEMENT, &["PlacementFulfilled", "PlacementCancelled", "PlacementTimedOut", "PlacementFailed"]),
    (GAME_SESSION, &[]),
];

/// Returns every `detail-type` and `type`.
pub fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().flat_map(|(detail_type, types)| std::iter::once(*detail_type).chain(types.iter().copied()))
}
