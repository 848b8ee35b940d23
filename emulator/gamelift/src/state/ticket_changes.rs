//! The changes of tickets' statuses, one by one, for tests: a single call may change a ticket more than once.

use std::cell::RefCell;

use emulator_core::model::gamelift::TicketStatus;

use crate::resources::matchmaking_ticket::MatchmakingTicket;

thread_local! {
    static CHANGES: RefCell<Option<Vec<TicketChange>>> = const { RefCell::new(None) };
}

pub(crate) struct TicketChange {
    /// The number of the last event before it.
    pub(crate) after: u64,
    pub(crate) from: TicketStatus,
    /// The ticket as it is with its new status.
    pub(crate) ticket: MatchmakingTicket,
}

/// Notes the changes on this thread from now on.
pub(crate) fn watch() {
    CHANGES.set(Some(Vec::new()));
}

pub(crate) fn note(after: u64, from: TicketStatus, ticket: &MatchmakingTicket) {
    CHANGES.with_borrow_mut(|changes| {
        if let Some(changes) = changes {
            changes.push(TicketChange { after, from, ticket: ticket.clone() });
        }
    });
}

/// Returns the changes since the last time.
pub(crate) fn take() -> Vec<TicketChange> {
    CHANGES.with_borrow_mut(|changes| changes.as_mut().map(std::mem::take).unwrap_or_default())
}
