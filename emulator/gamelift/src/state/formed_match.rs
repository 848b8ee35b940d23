//! Matches: proposed by a pass, accepted by players, placed by a queue. Until then a match can be dissolved; its tickets
//! then end or search again.

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::invalid_request,
    gamelift::{PlacementStatus, TicketStatus},
    gamelift_rules::SilentOnReject,
};
use flexmatch::{Proposal, RuleSet, TicketKind};

use crate::{
    resources::{
        formed_match::FormedMatch,
        matchmaker_data::matchmaker_data,
        matchmaking_ticket::{Connection, MatchmakingTicket, TicketReason},
        placement::{PlacementRequest, PlayerLatency},
        search_history::{RuleEvaluations, SearchHistory},
    },
    state::{event::Event, whole::State},
};

impl State {
    /// Makes a match of a proposal, whose tickets have left the pool.
    pub(crate) fn propose(&mut self, configuration: &str, rule_set: &RuleSet, proposal: &Proposal) {
        let Some(configuration) = self.configurations.get(configuration).cloned() else { return };
        let id = uuid::Uuid::new_v4().to_string();
        self.seat(&id, rule_set, proposal);
        let tickets: Vec<_> = proposal.tickets.iter().map(|ticket| ticket.id.clone()).collect();
        tracing::info!(match_id = id, tickets = tickets.len(), "match proposed");
        let next_backfill = self.next_backfill(&configuration, proposal);
        let next = next_backfill.as_deref();
        let backfill = proposal.tickets.iter().find(|ticket| ticket.kind == TicketKind::Backfill);
        let backfill = backfill.map(|ticket| ticket.id.clone());
        // Otherwise there is no game server that could get it.
        let has_data = self.is_placed(configuration.settings.mode, backfill.as_deref());
        let data =
            if has_data { matchmaker_data(&id, &configuration, next, proposal, rule_set) } else { Some(String::new()) };
        let is_too_long = data.is_none();
        let acceptance = configuration.settings.acceptance_timeout();
        let maximum_players = usize::try_from(proposal.max_players).unwrap_or(usize::MAX);
        let data = data.unwrap_or_default();
        let formed = FormedMatch {
            id: id.clone(),
            configuration,
            tickets,
            backfill,
            next_backfill,
            maximum_players,
            evaluations: RuleEvaluations::all(proposal.metrics.clone()),
            data,
        };
        self.announce_potential(&formed);
        if is_too_long {
            tracing::warn!(match_id = id, "the match fails: its MatchmakerData would be too long");
            self.fail_match(&formed);
            return;
        }
        let Some(timeout) = acceptance else {
            self.place_match(formed);
            return;
        };
        for ticket in &formed.tickets {
            self.set_ticket_status(ticket, TicketStatus::RequiresAcceptance, None);
        }
        self.matches.insert(id.clone(), formed);
        self.plan(timeout, Event::AcceptanceTimesOut(id));
    }

    /// Notes the match, the teams and the search until now in its tickets.
    fn seat(&mut self, id: &str, rule_set: &RuleSet, proposal: &Proposal) {
        for (ticket, history) in proposal.tickets.iter().zip(&proposal.histories) {
            if let Some(ticket) = self.tickets.get_mut(&ticket.id) {
                ticket.match_id = Some(id.to_owned());
                ticket.history = SearchHistory::of(history, rule_set);
            }
        }
        for team in &proposal.teams {
            for player in &team.players {
                let Some(ticket) = self.tickets.get_mut(&player.ticket) else { continue };
                if let Some(seated) = ticket.players.iter_mut().find(|seated| seated.id == player.id) {
                    seated.team = Some(team.name.clone());
                }
            }
        }
    }

    /// Takes players' answer to the match of their ticket. The last answer counts until all have accepted (inferred).
    pub(crate) fn accept_match(&mut self, id: &str, players: &[String], accept: bool) -> Result<(), ServiceError> {
        let ticket = self.ticket(id)?;
        if ticket.status != TicketStatus::RequiresAcceptance {
            return Err(invalid_request(format!(
                "Matchmaking ticket is in {} status and has no match to accept.",
                ticket.status.name()
            )));
        }
        if let Some(stranger) = players.iter().find(|player| !ticket.has_player(player)) {
            return Err(invalid_request(format!("Player {stranger} is not in matchmaking ticket {id}.")));
        }
        if ticket.backfill.is_some() {
            return Err(invalid_request(
                "Players of a backfill ticket play already and are not asked to accept a match.",
            ));
        }
        let Some(ticket) = self.tickets.get_mut(id) else { return Ok(()) };
        for player in ticket.players.iter_mut().filter(|player| players.contains(&player.id)) {
            player.accepted = Some(accept);
        }
        let Some(match_id) = ticket.match_id.clone() else { return Ok(()) };
        if let Some(formed) = self.matches.get(&match_id) {
            self.announce_answer(formed);
        }
        if !accept {
            let silent_search = self.rules.silent_on_reject == SilentOnReject::Search;
            self.dissolve_unaccepted(&match_id, "Rejected", silent_search);
        } else if self.is_accepted(&match_id)
            && let Some(formed) = self.matches.remove(&match_id)
        {
            self.announce_acceptance(&formed, "Accepted");
            self.place_match(formed);
        }
        Ok(())
    }

    fn is_accepted(&self, match_id: &str) -> bool {
        self.matches.get(match_id).is_some_and(|formed| self.tickets_of(formed).all(MatchmakingTicket::is_accepted))
    }

    fn tickets_of<'a>(&'a self, formed: &'a FormedMatch) -> impl Iterator<Item = &'a MatchmakingTicket> {
        formed.tickets.iter().filter_map(|id| self.tickets.get(id))
    }

    /// Dissolves a match that players have not accepted in time.
    pub(crate) fn time_acceptance_out(&mut self, match_id: &str) {
        if self.matches.get(match_id).is_some_and(|formed| {
            self.tickets_of(formed).any(|ticket| ticket.status == TicketStatus::RequiresAcceptance)
        }) {
            self.dissolve_unaccepted(match_id, "TimedOut", false);
        }
    }

    /// Dissolves a match without every player's acceptance. Tickets whose players all have accepted search again; those
    /// that are not rejected and have players who did not answer search again only with `silent_search`.
    fn dissolve_unaccepted(&mut self, match_id: &str, acceptance: &str, silent_search: bool) {
        let Some(formed) = self.matches.remove(match_id) else { return };
        tracing::info!(match_id, acceptance, "match not accepted");
        self.announce_acceptance(&formed, acceptance);
        for id in &formed.tickets {
            let Some(ticket) = self.tickets.get(id) else { continue };
            if ticket.is_rejected() {
                self.set_ticket_status(id, TicketStatus::Cancelled, Some(TicketReason::Rejected));
            } else if ticket.is_accepted() || silent_search {
                self.search_again(id, TicketReason::OthersNotAccepted);
            } else {
                self.set_ticket_status(id, TicketStatus::Cancelled, Some(TicketReason::NotAccepted));
            }
        }
    }

    /// Dissolves the match of a ticket that has ended before it. The others search again, and a placement is cancelled
    /// (inferred).
    pub(crate) fn dissolve_without(&mut self, id: &str) {
        let match_id = self.tickets.get(id).and_then(|ticket| ticket.match_id.as_ref());
        let Some(formed) = match_id.and_then(|match_id| self.matches.remove(match_id)) else { return };
        self.end_placement(&formed.id, PlacementStatus::Cancelled);
        for other in formed.tickets.iter().filter(|other| *other != id) {
            self.search_again(other, TicketReason::OthersLeft);
        }
    }

    /// Asks the queue for a game session, unless a backfill brings one. Without a queue the match itself is the result.
    fn place_match(&mut self, formed: FormedMatch) {
        if !self.is_placed(formed.configuration.settings.mode, formed.backfill.as_deref()) {
            for ticket in &formed.tickets {
                self.set_ticket_status(ticket, TicketStatus::Completed, None);
            }
            self.announce_success(&formed);
            return;
        }
        if let Some(backfill) = &formed.backfill {
            self.fill_game_session(&formed, backfill);
            return;
        }
        for ticket in &formed.tickets {
            self.set_ticket_status(ticket, TicketStatus::Placing, None);
        }
        let queue = self.queues.values().find(|queue| formed.configuration.settings.queues.contains(&queue.arn));
        let Some(queue) = queue.map(|queue| queue.name.clone()) else {
            self.fail_match(&formed);
            return;
        };
        let id = formed.id.clone();
        let request = self.placement_request(queue, &formed);
        self.matches.insert(id.clone(), formed);
        self.insert_placement(&id, request);
    }

    fn placement_request(&self, queue: String, formed: &FormedMatch) -> PlacementRequest {
        let settings = &formed.configuration.settings;
        let players = || self.tickets_of(formed).flat_map(|ticket| &ticket.players);
        let latencies = players().flat_map(|player| {
            player.latencies.iter().map(move |(location, milliseconds)| PlayerLatency {
                player_id: player.id.clone(),
                location: location.clone(),
                milliseconds: f64::from(*milliseconds),
            })
        });
        PlacementRequest {
            queue,
            name: None,
            properties: settings.properties.clone(),
            maximum_players: formed.maximum_players,
            data: settings.data.clone(),
            matchmaker_data: Some(formed.data.clone()),
            latencies: latencies.collect(),
            players: players().map(|player| (player.id.clone(), None)).collect(),
            priority: None,
        }
    }

    /// Updates the tickets of a placement's match, if it has one.
    pub(crate) fn follow_placement(&mut self, id: &str, status: PlacementStatus) {
        let Some(formed) = self.matches.remove(id) else { return };
        match status {
            PlacementStatus::Fulfilled => self.complete_placed_match(&formed),
            PlacementStatus::TimedOut => {
                for ticket in &formed.tickets {
                    self.search_again(ticket, TicketReason::PlacementTimedOut);
                }
            }
            PlacementStatus::Failed | PlacementStatus::Cancelled => self.fail_match(&formed),
            PlacementStatus::Pending => {}
        }
    }

    fn fail_match(&mut self, formed: &FormedMatch) {
        for ticket in &formed.tickets {
            self.set_ticket_status(ticket, TicketStatus::Failed, Some(TicketReason::PlacingFailed));
        }
        self.announce_failure(formed);
    }

    fn complete_placed_match(&mut self, formed: &FormedMatch) {
        let Some(placement) = self.placements.get(&formed.id) else { return };
        let (game_session, player_sessions) = (placement.game_session.clone(), placement.player_sessions.clone());
        self.complete_match(formed, &game_session.unwrap_or_default(), &player_sessions);
    }

    /// Completes the tickets of a match whose game session is ACTIVE, and goes on with its backfill.
    pub(crate) fn complete_match(&mut self, formed: &FormedMatch, game_session: &str, player_sessions: &[String]) {
        for id in &formed.tickets {
            let connection = self.connection(id, game_session, player_sessions);
            if let Some(ticket) = self.tickets.get_mut(id) {
                ticket.connection = connection;
            }
            self.set_ticket_status(id, TicketStatus::Completed, None);
        }
        self.announce_success(formed);
        self.start_automatic_backfill(formed, game_session);
    }

    fn connection(&self, ticket: &str, game_session: &str, player_sessions: &[String]) -> Option<Connection> {
        let session = self.game_sessions.get(game_session)?;
        let ticket = self.tickets.get(ticket)?;
        let player_sessions = player_sessions.iter().filter_map(|id| self.player_sessions.get(id));
        let own = player_sessions.filter(|player| ticket.has_player(&player.player_id));
        Some(Connection {
            game_session: session.arn.clone(),
            ip_address: session.compute.ip_address.clone(),
            dns_name: session.compute.dns_name.clone(),
            port: session.port,
            player_sessions: own.map(|player| (player.player_id.clone(), player.id.clone())).collect(),
        })
    }
}
