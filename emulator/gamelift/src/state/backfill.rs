//! Match backfill as game servers see it. Backfills are not in the pools of matchmaking: every one ends without a player
//! (all inferred).

use std::time::Duration;

use emulator_core::model::{error::ServiceError, exceptions::gamelift::not_found};

use crate::{
    resources::{
        server_process::ProcessId,
        server_push::{HostedGameSession, ServerPush},
    },
    state::{event::Event, whole::State},
};

/// How long a backfill looks for players. On AWS the matchmaking configuration sets it.
const BACKFILL: Duration = Duration::from_secs(60);

impl State {
    /// Starts a match backfill. A game session has one at a time: a new one cancels the last.
    pub(crate) fn start_match_backfill(
        &mut self,
        id: &ProcessId,
        game_session: &str,
        ticket: Option<String>,
    ) -> Result<String, ServiceError> {
        self.check_hosting(id, game_session)?;
        self.end_backfill(id, "BACKFILL_CANCELLED");
        let ticket = ticket.filter(|ticket| !ticket.is_empty()).unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        self.process_mut(id)?.start_backfill(ticket.clone());
        self.plan(BACKFILL, Event::BackfillTimesOut(id.clone(), ticket.clone()));
        Ok(ticket)
    }

    pub(crate) fn stop_match_backfill(
        &mut self,
        id: &ProcessId,
        game_session: &str,
        ticket: Option<&str>,
    ) -> Result<(), ServiceError> {
        self.check_hosting(id, game_session)?;
        let ticket = ticket.unwrap_or_default();
        if self.process(id)?.backfill() != Some(ticket) {
            return Err(not_found("Backfill ticket", ticket));
        }
        self.end_backfill(id, "BACKFILL_CANCELLED");
        Ok(())
    }

    pub(crate) fn time_backfill_out(&mut self, id: &ProcessId, ticket: &str) {
        if self.process(id).is_ok_and(|process| process.backfill() == Some(ticket)) {
            self.end_backfill(id, "BACKFILL_TIMED_OUT");
        }
    }

    fn end_backfill(&mut self, id: &ProcessId, reason: &'static str) {
        let Ok(process) = self.process_mut(id) else { return };
        let Some(backfill_ticket_id) = process.end_backfill() else { return };
        let Some(session) = self.hosted_game_session(id) else { return };
        let game_session = Box::new(HostedGameSession {
            game_session_id: session.arn.clone(),
            name: session.name.clone(),
            fleet_id: session.fleet.id.clone(),
            game_session_data: session.parameters.data.clone(),
            matchmaker_data: session.parameters.matchmaker_data.clone(),
            game_properties: session.properties.clone(),
            maximum_player_session_count: session.maximum_players,
            ip_address: session.compute.ip_address.clone(),
            dns_name: session.compute.dns_name.clone(),
            port: session.port,
            location: session.location().to_owned(),
            status: session.status.name(),
        });
        self.push(id, ServerPush::UpdateGameSession { game_session, reason, backfill_ticket_id });
    }
}
