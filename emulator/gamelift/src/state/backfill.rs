//! Match backfill: tickets that look for players for a game session that runs.
//!
//! A game session has one such ticket at a time. Its game server is told of the ticket's end, whatever it is, by an
//! `UpdateGameSession` push. A match with a backfill needs no placement: its new players get player sessions in the
//! game session as it is.

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{invalid_request, not_found},
    gamelift::{BackfillMode, FlexMatchMode, GameSessionStatus, TicketStatus, UpdateReason},
};
use flexmatch::{Proposal, TicketKind};

use crate::{
    resources::{
        formed_match::FormedMatch,
        game_session::GameSession,
        matchmaking_configuration::MatchmakingConfiguration,
        matchmaking_ticket::{Backfill, MatchmakingTicket, TicketPlayer, TicketReason},
        server_process::ProcessId,
        server_push::{HostedGameSession, ServerPush},
    },
    state::whole::State,
    types::ConfigurationNameOrArn,
};

impl State {
    /// Starts to look for players for a game session, and returns the ticket's id. A match without a queue has no game
    /// session here: an ARN is ignored (inferred).
    pub(crate) fn start_match_backfill(
        &mut self,
        id: Option<String>,
        configuration: &ConfigurationNameOrArn,
        game_session: Option<String>,
        players: Vec<TicketPlayer>,
    ) -> Result<String, ServiceError> {
        let mode = self.configuration(configuration)?.settings.mode;
        let game_session = game_session.filter(|_| mode == FlexMatchMode::WithQueue);
        match &game_session {
            Some(arn) => self.check_backfillable(arn)?,
            None if mode == FlexMatchMode::Standalone => {}
            None => return Err(invalid_request("GameSessionArn is needed, except with FlexMatchMode STANDALONE.")),
        }
        self.start_ticket(id, configuration, players, Some(Backfill { game_session, is_automatic: false }))
    }

    /// Refuses a game session that no backfill can fill. AWS says which these are; the exceptions are inferred.
    fn check_backfillable(&self, arn: &str) -> Result<(), ServiceError> {
        let session = self.game_session(arn)?;
        if session.parameters.matchmaker_data.is_none() {
            return Err(invalid_request(format!("Game session {arn} was not made by matchmaking.")));
        }
        if session.status != GameSessionStatus::Active {
            return Err(invalid_request(format!("Game session {arn} is {}, not ACTIVE.", session.status.name())));
        }
        Ok(())
    }

    /// Cancels the backfill of the game session that a new one is about. AWS replaces it; its status is inferred.
    pub(crate) fn replace_backfill(&mut self, ticket: &MatchmakingTicket) {
        if let Some(old) = ticket.game_session_to_fill().and_then(|arn| self.backfill_of.get(arn)).cloned() {
            self.end_tickets(&[old], TicketStatus::Cancelled, TicketReason::Replaced);
        }
    }

    /// Ends the backfill of a game session that its game server hosts.
    pub(crate) fn stop_match_backfill(
        &mut self,
        process: &ProcessId,
        game_session: &str,
        ticket: &str,
    ) -> Result<(), ServiceError> {
        self.check_hosting(process, game_session)?;
        let placed = self.placement_of.get(game_session).and_then(|placement| self.matches.get(placement));
        let is_to_come = placed.and_then(|formed| formed.next_backfill.as_deref()) == Some(ticket);
        if !is_to_come && self.backfill_of.get(game_session).is_none_or(|known| known != ticket) {
            return Err(not_found("Backfill ticket", ticket));
        }
        self.stop_matchmaking(ticket)
    }

    /// Lets a match have no automatic backfill. Returns whether this id was that of one that had not started.
    pub(crate) fn forgo_automatic_backfill(&mut self, id: &str) -> bool {
        let formed = self.matches.values_mut().find(|formed| formed.next_backfill.as_deref() == Some(id));
        let Some(formed) = formed else { return false };
        formed.next_backfill = None;
        tracing::info!(match_id = formed.id, ticket = id, "the automatic backfill is stopped before its start");
        true
    }

    /// Fails the backfill of a game session that ends, so that nobody is matched into it (inferred).
    pub(crate) fn fail_backfill_of(&mut self, game_session: &str) {
        if let Some(ticket) = self.backfill_of.get(game_session).cloned() {
            self.end_tickets(&[ticket], TicketStatus::Failed, TicketReason::SessionGone);
        }
    }

    /// Returns the id for the automatic backfill after a match: one without a backfill, or with an automatic one. There
    /// is none if the match leaves no slot open but those that its configuration keeps free.
    pub(crate) fn next_backfill(
        &self,
        configuration: &MatchmakingConfiguration,
        proposal: &Proposal,
    ) -> Option<String> {
        let settings = &configuration.settings;
        let backfill = proposal.tickets.iter().find(|ticket| ticket.kind == TicketKind::Backfill);
        let backfill = backfill.and_then(|ticket| self.tickets.get(&ticket.id));
        let goes_on = backfill.and_then(|ticket| ticket.backfill.as_ref()).is_none_or(|backfill| backfill.is_automatic);
        // Expansions may let more players into the teams than the game session was made for.
        let session = backfill.and_then(|ticket| self.game_sessions.get(ticket.game_session_to_fill()?));
        let slots = usize::try_from(proposal.max_players).unwrap_or(usize::MAX);
        let slots = session.map_or(slots, |session| session.maximum_players.min(slots));
        let free = usize::try_from(settings.free_slots()).unwrap_or(usize::MAX);
        let players: usize = proposal.teams.iter().map(|team| team.players.len()).sum();
        let open = players.saturating_add(free) < slots;
        let is_automatic = settings.backfill == BackfillMode::Automatic && settings.mode == FlexMatchMode::WithQueue;
        (is_automatic && goes_on && open).then(|| uuid::Uuid::new_v4().to_string())
    }

    /// Whether a match is placed in a game session. That of a backfill is, or is not, since it was started: an update of
    /// the configuration changes that for new matches only.
    pub(crate) fn is_placed(&self, mode: FlexMatchMode, backfill: Option<&str>) -> bool {
        match backfill {
            Some(id) => self.tickets.get(id).is_some_and(|ticket| ticket.game_session_to_fill().is_some()),
            None => mode == FlexMatchMode::WithQueue,
        }
    }

    /// Puts the new players of a match into the game session of its backfill. If it takes none, only the backfill fails:
    /// the others search again (inferred).
    pub(crate) fn fill_game_session(&mut self, formed: &FormedMatch, backfill: &str) {
        for ticket in &formed.tickets {
            self.set_ticket_status(ticket, TicketStatus::Placing, None);
        }
        let arn = self.tickets.get(backfill).and_then(|ticket| ticket.game_session_to_fill().cloned());
        let arn = arn.unwrap_or_default();
        let others = || formed.tickets.iter().filter(|id| *id != backfill);
        let newcomers = others().filter_map(|id| self.tickets.get(id)).flat_map(|ticket| &ticket.players);
        let newcomers = newcomers.map(|player| (player.id.clone(), None)).collect();
        match self.reserve(&arn, newcomers) {
            Ok(player_sessions) => {
                if let Some(session) = self.game_sessions.get_mut(&arn) {
                    session.parameters.matchmaker_data = Some(formed.data.clone());
                }
                self.complete_match(formed, &arn, &player_sessions);
            }
            Err(error) => {
                tracing::info!(ticket = backfill, exception = error.exception, "the game session takes no players");
                if let Some(ticket) = self.tickets.get_mut(backfill) {
                    // Its event tells of its match, as other failures do.
                    ticket.history.evaluations.clone_from(&formed.evaluations);
                }
                self.set_ticket_status(backfill, TicketStatus::Failed, Some(TicketReason::SessionGone));
                for id in others() {
                    self.search_again(id, TicketReason::OthersLeft);
                }
            }
        }
    }

    /// Starts the automatic backfill after a match, for all its players. If one of them is in another ticket, it ends as
    /// it began: such a player has left.
    pub(crate) fn start_automatic_backfill(&mut self, formed: &FormedMatch, game_session: &str) {
        let Some(session) = self.game_sessions.get(game_session) else { return };
        let Some(id) = formed.next_backfill.clone() else { return };
        // A manual backfill may have come before the match was complete.
        let is_replaced = self.backfill_of.contains_key(game_session) || self.tickets.contains_key(&id);
        if is_replaced || !self.configurations.contains_key(&formed.configuration.name) {
            return;
        }
        let location = session.location();
        let players = formed.tickets.iter().filter_map(|id| self.tickets.get(id)).flat_map(|ticket| &ticket.players);
        let players: Vec<_> = players.map(|player| player_of_backfill(player, location)).collect();
        let backfill = Backfill { game_session: Some(game_session.to_owned()), is_automatic: true };
        let ticket = self.new_ticket(id, &formed.configuration, players, Some(backfill));
        self.insert_ticket(ticket);
    }

    /// Tells the game server of the end of its game session's backfill.
    pub(crate) fn push_end_of_backfill(&mut self, id: &str) {
        let Some(ticket) = self.tickets.get(id) else { return };
        let reason = match ticket.status {
            TicketStatus::Completed => UpdateReason::MatchmakingDataUpdated,
            TicketStatus::Failed => UpdateReason::BackfillFailed,
            TicketStatus::Cancelled => UpdateReason::BackfillCancelled,
            TicketStatus::TimedOut => UpdateReason::BackfillTimedOut,
            _ => return,
        };
        let Some(session) = ticket.game_session_to_fill().and_then(|arn| self.game_sessions.get(arn)) else { return };
        let process = session.process.clone();
        if self.hosted_game_session(&process).is_none_or(|hosted| hosted.arn != session.arn) {
            return;
        }
        let game_session = Box::new(hosted(session));
        let push = ServerPush::UpdateGameSession { game_session, reason, backfill_ticket_id: id.to_owned() };
        self.push(&process, push);
    }
}

/// A player of a match as its backfill has them: of the latencies, only that to the location where they play counts.
fn player_of_backfill(player: &TicketPlayer, location: &str) -> TicketPlayer {
    let mut player = TicketPlayer { accepted: None, ..player.clone() };
    if player.latencies.contains_key(location) {
        player.latencies.retain(|known, _| known == location);
    }
    player
}

fn hosted(session: &GameSession) -> HostedGameSession {
    HostedGameSession {
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
        status: session.status,
    }
}
