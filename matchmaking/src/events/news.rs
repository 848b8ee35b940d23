//! News of tickets.

use store::records::news::News;

/// News of one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketNews {
    /// The ticket's id, or the placement's.
    pub ticket: String,
    /// The news.
    pub news: News,
}
