//! Matchmaking tickets.

use std::{collections::BTreeMap, time::Duration};

use emulator_core::model::gamelift::TicketStatus;
use flexmatch::{AttributeValue, Player, Ticket, TicketKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::resources::search_history::SearchHistory;

/// A request for a match: one player or a party, matched as a whole or not at all.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MatchmakingTicket {
    pub(crate) id: String,
    /// See `State::next_number`: of tickets with the same start, the first one is the older.
    pub(crate) number: u64,
    /// The configuration's name.
    pub(crate) configuration: String,
    pub(crate) players: Vec<TicketPlayer>,
    /// Changed by `State::set_ticket_status` only.
    pub(crate) status: TicketStatus,
    /// Why it has this status, where the status alone does not say it.
    pub(crate) reason: Option<TicketReason>,
    pub(crate) start_time: Timestamp,
    /// When its configuration's `RequestTimeoutSeconds`, as they were at its start, are over.
    pub(crate) times_out: Timestamp,
    pub(crate) end_time: Option<Timestamp>,
    /// The match that it is in, or was in at its end.
    pub(crate) match_id: Option<String>,
    /// What a ticket of a backfill fills; none for players who look for a match.
    #[serde(default)]
    pub(crate) backfill: Option<Backfill>,
    /// How to reach the game session, once the ticket is COMPLETED.
    pub(crate) connection: Option<Connection>,
    /// What happened to it in its pool, while it is in a match or in a state file. The pool knows better while it waits
    /// there.
    #[serde(default)]
    pub(crate) history: SearchHistory,
}

/// The open slots that a ticket is about. Its players play already, each in a team.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Backfill {
    /// The ARN of the game session. A match without a queue may have none.
    pub(crate) game_session: Option<String>,
    /// Whether the service has started it, and goes on after a success.
    pub(crate) is_automatic: bool,
}

/// A player of a ticket.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TicketPlayer {
    pub(crate) id: String,
    pub(crate) attributes: BTreeMap<String, Attribute>,
    /// Milliseconds by location.
    pub(crate) latencies: BTreeMap<String, u32>,
    /// The team in the match. A player of a backfill has one from the start.
    pub(crate) team: Option<String>,
    /// The player's answer to the match.
    pub(crate) accepted: Option<bool>,
}

/// A player's value of an attribute, by the name of its member in the API.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Attribute {
    S(String),
    N(f64),
    #[serde(rename = "SL")]
    Sl(Vec<String>),
    #[serde(rename = "SDM")]
    Sdm(BTreeMap<String, f64>),
}

/// A game session as players see it, with the ticket's player sessions.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) game_session: String,
    pub(crate) ip_address: String,
    pub(crate) dns_name: Option<String>,
    pub(crate) port: u16,
    /// Each player's id and player session.
    pub(crate) player_sessions: Vec<(String, String)>,
}

/// Why a ticket has its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TicketReason {
    /// `StopMatchmaking`.
    Stopped,
    /// A player of it is in a newer ticket.
    DuplicatePlayer,
    /// The configuration's `RequestTimeoutSeconds` are over.
    TimedOut,
    /// The game session has a newer backfill ticket.
    Replaced,
    /// The game session of its backfill has ended, or takes no players.
    SessionGone,
    /// The placement of its match failed or was cancelled.
    PlacingFailed,
    /// A player of it rejected the match.
    Rejected,
    /// A player of it did not answer in time.
    NotAccepted,
    /// It searches again: others did not accept the match.
    OthersNotAccepted,
    /// It searches again: another ticket has left the match.
    OthersLeft,
    /// It searches again: the queue found no place in time.
    PlacementTimedOut,
}

impl TicketReason {
    /// `StatusReason`. AWS's events show `Cancelled`, `TimedOut` and `UNEXPECTED_ERROR`; the others are inferred, and
    /// that a ticket shows the same.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Stopped | Self::DuplicatePlayer | Self::Replaced => "Cancelled",
            Self::TimedOut => "TimedOut",
            Self::PlacingFailed | Self::SessionGone => "UNEXPECTED_ERROR",
            Self::Rejected => "Rejected",
            Self::NotAccepted => "AcceptanceTimedOut",
            Self::OthersNotAccepted => "AcceptanceFailed",
            Self::OthersLeft => "MatchCancelled",
            Self::PlacementTimedOut => "PlacementTimedOut",
        }
    }

    /// `StatusMessage`; the first five are AWS's, to the `null`.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Stopped => "Cancelled by request.",
            Self::DuplicatePlayer => "Cancelled due to duplicate player",
            Self::TimedOut => "Removed from matchmaking due to timing out.",
            Self::PlacingFailed => "An unexpected error was encountered during match placing.",
            Self::SessionGone => {
                "The game session null was not found, or was in a state which wouldn't accept new player sessions."
            }
            Self::Replaced => "Replaced by a newer backfill ticket of the game session.",
            Self::Rejected => "A player of this ticket rejected the match.",
            Self::NotAccepted => "A player of this ticket did not accept the match in time.",
            Self::OthersNotAccepted => "Players of another ticket did not accept the match.",
            Self::OthersLeft => "Another ticket has left the match.",
            Self::PlacementTimedOut => "No place was found for the match in time.",
        }
    }
}

impl MatchmakingTicket {
    /// The ticket as its rule set sees it. Its arrival is its start, so that it keeps its age when it searches again.
    pub(crate) fn to_match(&self) -> Ticket {
        Ticket {
            id: self.id.clone(),
            arrival: since_epoch(self.start_time),
            kind: if self.backfill.is_some() { TicketKind::Backfill } else { TicketKind::New },
            players: self.players.iter().map(|player| player.to_match(self.backfill.is_some())).collect(),
        }
    }

    /// The ARN of the game session that it looks for players for.
    pub(crate) fn game_session_to_fill(&self) -> Option<&String> {
        self.backfill.as_ref()?.game_session.as_ref()
    }

    pub(crate) fn has_player(&self, id: &str) -> bool {
        self.players.iter().any(|player| player.id == id)
    }

    /// Whether all its players have accepted the match. Those of a backfill are not asked.
    pub(crate) fn is_accepted(&self) -> bool {
        self.backfill.is_some() || self.players.iter().all(|player| player.accepted == Some(true))
    }

    /// Whether one of its players has rejected the match.
    pub(crate) fn is_rejected(&self) -> bool {
        self.players.iter().any(|player| player.accepted == Some(false))
    }
}

impl TicketPlayer {
    fn to_match(&self, keeps_team: bool) -> Player {
        let team = self.team.clone().filter(|_| keeps_team);
        let attributes = self.attributes.iter().map(|(name, value)| (name.clone(), value.to_match()));
        Player { id: self.id.clone(), attributes: attributes.collect(), latencies: self.latencies.clone(), team }
    }
}

impl Attribute {
    fn to_match(&self) -> AttributeValue {
        match self {
            Self::S(text) => AttributeValue::Text(text.clone()),
            Self::N(number) => AttributeValue::Number(*number),
            Self::Sl(texts) => AttributeValue::TextList(texts.clone()),
            Self::Sdm(map) => AttributeValue::NumberMap(map.clone()),
        }
    }
}

/// A time as matches count it.
pub(crate) fn since_epoch(time: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

/// Leaves the players out.
impl std::fmt::Debug for MatchmakingTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchmakingTicket").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}
