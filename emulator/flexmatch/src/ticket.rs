//! Tickets: what a program asks to be matched.

use std::{collections::BTreeMap, time::Duration};

use crate::attribute::AttributeValue;

/// A request for a match: one player, a party, or the open slots of a running game session. It is matched as a whole or
/// not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// The id, unique among the tickets of a pool.
    pub id: String,
    /// When it was asked for: the time since any epoch that all tickets of a pool share. Its age is what expansions
    /// count.
    pub arrival: Duration,
    /// What the ticket is for.
    pub kind: TicketKind,
    /// The players: those who want to play, or for a backfill those who are in the game session.
    pub players: Vec<Player>,
}

/// What a ticket is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TicketKind {
    /// Its players look for a match, and all come into one team (`StartMatchmaking`).
    #[default]
    New,
    /// Its players play already, each in a team, and others are wanted (`StartMatchBackfill`).
    Backfill,
}

/// A player of a ticket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Player {
    /// The id, unique among the players of all tickets of a pool.
    pub id: String,
    /// The attributes by name. Those that the rule set does not declare are ignored.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Milliseconds to each location that the player can play in. Empty: the player told none.
    pub latencies: BTreeMap<String, u32>,
    /// The team's name as in the match, such as `red` or `trio_2`. Every player of a backfill has one.
    pub team: Option<String>,
}
