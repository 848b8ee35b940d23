//! The pools of matchmaking as JSON: who waits, and why.

use emulator_core::model::error::ServiceError;
use serde_json::{Value, json};

use crate::{service::GameLift, types::ConfigurationNameOrArn, views::ticket_search::TicketSearchView};

/// The most tickets of a pool in one answer, the oldest first.
const SHOWN: usize = 1000;

impl GameLift {
    /// Describes the tickets of a matchmaking configuration that search, the oldest first.
    ///
    /// # Errors
    /// `NotFoundException`.
    pub fn matchmaking_pool(&self, configuration: &str) -> Result<Value, ServiceError> {
        self.with_state(|state| {
            let configuration = state.configuration(&ConfigurationNameOrArn(configuration.to_owned()))?;
            let mut searching: Vec<_> = state.searching(&configuration.name).collect();
            searching.sort_by_key(|ticket| (ticket.start_time, ticket.number));
            let next_pass = state.pools.get(&configuration.name).and_then(|pool| pool.next_pass);
            let shown = searching.iter().take(SHOWN).map(|ticket| TicketSearchView::of(ticket, state));
            Ok(json!({
                "ConfigurationName": configuration.name,
                "RuleSetName": configuration.settings.rule_set,
                "Time": state.now.to_string(),
                "NextPass": next_pass.map(|due| due.to_string()),
                "TicketCount": searching.len(),
                "PlayerCount": searching.iter().map(|ticket| ticket.players.len()).sum::<usize>(),
                "Tickets": shown.collect::<Vec<_>>(),
            }))
        })
    }

    /// Describes the search of one ticket.
    ///
    /// # Errors
    /// `NotFoundException`.
    pub fn matchmaking_ticket(&self, id: &str) -> Result<Value, ServiceError> {
        self.with_state(|state| Ok(json!(TicketSearchView::of(state.ticket(id)?, state))))
    }
}
