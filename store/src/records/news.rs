//! What is known of a ticket: its status, and what GameLift told with it.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// The status of a ticket, for matchmaking and placements alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// In the line before GameLift's rate.
    Waiting,
    /// To be started. Whether GameLift has heard of it is not known; it is sent again.
    Starting,
    /// In a pool of players.
    Searching,
    /// In a match that its players have to accept.
    RequiresAcceptance,
    /// Waiting for a game session of a queue.
    Placing,
    /// In a game session.
    Completed,
    /// Ended by GameLift.
    Failed,
    /// Ended by a player.
    Cancelled,
    /// Ended by its time.
    TimedOut,
}

impl Status {
    /// Whether nothing comes after it.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::TimedOut)
    }

    /// The name in the attribute.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Starting => "STARTING",
            Self::Searching => "SEARCHING",
            Self::RequiresAcceptance => "REQUIRES_ACCEPTANCE",
            Self::Placing => "PLACING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::TimedOut => "TIMED_OUT",
        }
    }

    /// Every status.
    pub(crate) const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Starting,
        Self::Searching,
        Self::RequiresAcceptance,
        Self::Placing,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::TimedOut,
    ];
}

/// News of a ticket, from an event. Later news take the place of earlier ones as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// When it happened, since 1970, by the time that GameLift gives and never by our clock.
    pub at: Duration,
    /// How far the ticket had come: which of two news of the same moment and match is the later one. Events carry whole
    /// seconds or milliseconds. Of news of two matches, the lower rank is the later one: no match gets further than to
    /// be found within such a moment, so the other one has begun earlier, and has ended.
    pub rank: u64,
    /// The status.
    pub status: Status,
    /// What was told with it.
    pub told: Told,
}

impl News {
    /// The match that these news are of: the one that the ticket is in, or has just left.
    pub(crate) fn of_match(&self) -> Option<&str> {
        self.told.match_id.as_deref().or(self.told.left_match.as_deref())
    }
}

/// What GameLift told with a status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The match, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub match_id: Option<String>,
    /// The match that came to nothing, if the ticket searches again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_match: Option<String>,
    /// How long the search may still take, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_wait: Option<u64>,
    /// Why it ended, or is searching again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Liftgate's code for it, if GameLift has refused the search: every call about it gets the same error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The paths of the bad fields in that error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_fields: Vec<String>,
    /// The players of the match who have accepted or rejected it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accepted: BTreeMap<String, bool>,
    /// How many players the match has that waits for their answers, those of other tickets too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_players: Option<usize>,
    /// The teams of the ticket's players, by player, once there is a match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<String, String>,
    /// The game session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed: Option<Placed>,
}

/// The game session of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placed {
    /// The game session's ARN.
    pub game_session_id: String,
    /// Since when the players have their places, by GameLift's time since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Duration>,
    /// The game server's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The game server's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<String>,
    /// The game server's port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The player sessions by their players.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub player_sessions: BTreeMap<String, String>,
}
