//! One example ticket.

use std::time::Duration;

use flexmatch::{Player, Ticket, TicketKind};

/// A ticket of a file of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The line of the file, from 1.
    pub line: usize,
    /// The ticket's id: `TicketId`, or `ticket-` with the line.
    pub ticket: String,
    /// `ArrivalSeconds`: when the ticket comes, if the file says so.
    pub arrival: Option<Duration>,
    /// The players, at least one.
    pub players: Vec<Player>,
}

impl Example {
    /// Its ticket, if it comes at `arrival`.
    #[must_use]
    pub fn at(&self, arrival: Duration) -> Ticket {
        Ticket { id: self.ticket.clone(), arrival, kind: TicketKind::New, players: self.players.clone() }
    }
}
