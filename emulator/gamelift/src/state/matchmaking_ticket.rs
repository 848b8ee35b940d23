//! Matchmaking tickets: QUEUED, SEARCHING, `REQUIRES_ACCEPTANCE`, PLACING, then one of COMPLETED, FAILED, CANCELLED and
//! `TIMED_OUT`.

use std::{collections::BTreeSet, time::Duration};

use emulator_core::{
    clock,
    model::{
        error::ServiceError,
        exceptions::gamelift::{invalid_request, not_found},
        gamelift::TicketStatus,
        gamelift_rules::RejecterEvent,
    },
};
use flexmatch::NotAdmitted;
use jiff::SignedDuration;

#[cfg(test)]
use crate::state::ticket_changes;
use crate::{
    resources::{
        matchmaking_configuration::MatchmakingConfiguration,
        matchmaking_ticket::{Backfill, MatchmakingTicket, TicketPlayer, TicketReason},
        search_history::SearchHistory,
    },
    state::{event::Event, whole::State},
    types::ConfigurationNameOrArn,
};

/// How many ended tickets are remembered at the most (inferred).
const MOST_ENDED: usize = 100_000;

/// How many players the ended tickets have at the most (inferred). A backfill has up to 199.
pub(crate) const MOST_ENDED_PLAYERS: usize = 200_000;

/// After so many ends, the timers of ended tickets are removed.
const SWEEP: usize = 4096;

/// The completed tickets whose waits make the estimate, and how old they may be (both inferred).
const RECENT: usize = 100;
const RECENT_TIME: SignedDuration = SignedDuration::from_mins(15);

impl State {
    /// Starts to look for a match, and returns the ticket's id.
    pub(crate) fn start_matchmaking(
        &mut self,
        id: Option<String>,
        configuration: &ConfigurationNameOrArn,
        players: Vec<TicketPlayer>,
    ) -> Result<String, ServiceError> {
        self.start_ticket(id, configuration, players, None)
    }

    /// Starts a ticket, and ends those that it takes the place of.
    pub(crate) fn start_ticket(
        &mut self,
        id: Option<String>,
        configuration: &ConfigurationNameOrArn,
        players: Vec<TicketPlayer>,
        backfill: Option<Backfill>,
    ) -> Result<String, ServiceError> {
        let configuration = self.configuration(configuration)?.clone();
        if let Some(id) = &id {
            self.check_ticket_id(id)?;
        }
        let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let ticket = self.new_ticket(id.clone(), &configuration, players, backfill);
        self.check_ticket(&ticket)?;
        self.replace_backfill(&ticket);
        self.cancel_others_of(&ticket);
        self.insert_ticket(ticket);
        Ok(id)
    }

    /// Refuses an id that is taken. Inferred: the operation has no exception for it. AWS says to take a new id.
    fn check_ticket_id(&self, id: &str) -> Result<(), ServiceError> {
        let is = if let Some(known) = self.tickets.get(id) {
            format!("was started before and is {}", known.status.name())
        } else if self.matches.values().any(|formed| formed.next_backfill.as_deref() == Some(id)) {
            "is the automatic backfill of a match that is not placed yet".to_owned()
        } else {
            return Ok(());
        };
        Err(invalid_request(format!("Matchmaking ticket {id} {is}. Take another TicketId, or leave it out.")))
    }

    /// Returns a ticket that starts now.
    pub(crate) fn new_ticket(
        &mut self,
        id: String,
        configuration: &MatchmakingConfiguration,
        players: Vec<TicketPlayer>,
        backfill: Option<Backfill>,
    ) -> MatchmakingTicket {
        let timeout = Duration::from_secs(configuration.settings.request_timeout_seconds.into());
        MatchmakingTicket {
            id,
            number: self.next_number(),
            configuration: configuration.name.clone(),
            players,
            status: TicketStatus::Queued,
            reason: None,
            start_time: self.now,
            times_out: clock::after(self.now, timeout),
            end_time: None,
            match_id: None,
            backfill,
            connection: None,
            history: SearchHistory::default(),
        }
    }

    /// Adds a ticket. An automatic backfill ends at once if a player is in another ticket, which AWS lets win: such a
    /// player has left the game session.
    pub(crate) fn insert_ticket(&mut self, ticket: MatchmakingTicket) {
        let id = ticket.id.clone();
        tracing::info!(ticket = id, configuration = ticket.configuration, to = ticket.status.name(), "ticket");
        let backfill = ticket.backfill.as_ref();
        let yields = backfill.is_some_and(|backfill| backfill.is_automatic)
            && ticket.players.iter().any(|player| self.tickets_of_player.contains_key(&player.id));
        if let Some(game_session) = backfill.and_then(|backfill| backfill.game_session.as_ref()) {
            self.backfill_of.insert(game_session.clone(), id.clone());
        }
        if !yields {
            for player in &ticket.players {
                self.tickets_of_player.entry(player.id.clone()).or_default().push(id.clone());
            }
        }
        // Planned first, so that the time-out comes before a pass at the same time.
        self.timers.plan(ticket.times_out, Event::TicketTimesOut(id.clone()));
        self.tickets.insert(id.clone(), ticket);
        if yields {
            self.set_ticket_status(&id, TicketStatus::Cancelled, Some(TicketReason::DuplicatePlayer));
        } else {
            self.enter_pool(&id);
        }
    }

    /// Refuses a ticket that contradicts its rule set. One that can be in no match is accepted.
    fn check_ticket(&self, ticket: &MatchmakingTicket) -> Result<(), ServiceError> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = ticket.players.iter().find(|player| !seen.insert(&player.id)) {
            return Err(invalid_request(format!("Players has the PlayerId {} more than once.", twice.id)));
        }
        let rule_set = &self.configurations[&ticket.configuration].settings.rule_set;
        let Some(rule_set) = self.rule_sets.get(rule_set) else {
            return Err(not_found("Matchmaking rule set", rule_set));
        };
        match rule_set.body.rule_set().admit(&ticket.to_match()) {
            Err(error @ NotAdmitted::Invalid(_)) => Err(invalid_request(format!(
                "The players do not fit the matchmaking rule set {}: {error}",
                rule_set.name
            ))),
            Err(NotAdmitted::Unmatchable(_)) | Ok(_) => Ok(()),
        }
    }

    /// Cancels the tickets in which players of a new one are. A ticket whose match is being placed stays (inferred).
    fn cancel_others_of(&mut self, ticket: &MatchmakingTicket) {
        let of_player = |player: &TicketPlayer| self.tickets_of_player.get(&player.id);
        let others: BTreeSet<_> = ticket.players.iter().filter_map(of_player).flatten().collect();
        let can_end = |other: &MatchmakingTicket| !other.status.is_over() && other.status != TicketStatus::Placing;
        let others = others.into_iter().filter(|other| self.tickets.get(*other).is_some_and(can_end));
        let others: Vec<_> = others.cloned().collect();
        self.end_tickets(&others, TicketStatus::Cancelled, TicketReason::DuplicatePlayer);
    }

    pub(crate) fn ticket(&self, id: &str) -> Result<&MatchmakingTicket, ServiceError> {
        self.tickets.get(id).ok_or_else(|| not_found("Matchmaking ticket", id))
    }

    /// Cancels a ticket whose match is not being placed, or an automatic backfill that has not started.
    pub(crate) fn stop_matchmaking(&mut self, id: &str) -> Result<(), ServiceError> {
        if !self.tickets.contains_key(id) && self.forgo_automatic_backfill(id) {
            return Ok(());
        }
        let status = self.ticket(id)?.status;
        match status {
            TicketStatus::Queued | TicketStatus::Searching | TicketStatus::RequiresAcceptance => {
                self.end_tickets(&[id.to_owned()], TicketStatus::Cancelled, TicketReason::Stopped);
                Ok(())
            }
            // AWS's words.
            TicketStatus::Placing => {
                Err(invalid_request("Matchmaking ticket is in PLACING status and cannot be canceled."))
            }
            // Inferred.
            TicketStatus::Completed | TicketStatus::Failed | TicketStatus::Cancelled | TicketStatus::TimedOut => Err(
                invalid_request(format!("Matchmaking ticket is in {} status and cannot be canceled.", status.name())),
            ),
        }
    }

    /// Times a ticket out, with those of its match that are due as well.
    pub(crate) fn time_ticket_out(&mut self, id: &str) {
        let Some(ticket) = self.tickets.get(id).filter(|ticket| !ticket.status.is_over()) else { return };
        let formed = ticket.match_id.as_ref().and_then(|match_id| self.matches.get(match_id));
        let is_due =
            |other: &&String| *other != id && self.tickets.get(*other).is_some_and(|other| other.times_out <= self.now);
        let others = formed.iter().flat_map(|formed| &formed.tickets).filter(is_due);
        let due: Vec<_> = std::iter::once(id.to_owned()).chain(others.cloned()).collect();
        self.end_tickets(&due, TicketStatus::TimedOut, TicketReason::TimedOut);
    }

    /// Ends tickets, and the matches that they are in. All have ended before a match is dissolved, so that none of them
    /// searches again.
    pub(crate) fn end_tickets(&mut self, ids: &[String], to: TicketStatus, reason: TicketReason) {
        for id in ids {
            self.set_ticket_status(id, to, Some(reason));
        }
        for id in ids {
            self.dissolve_without(id);
        }
    }

    /// Takes a ticket that has not ended back into its pool after a match that did not come about. Its age goes on. If
    /// a player is in a newer ticket meanwhile, this one ends (inferred).
    pub(crate) fn search_again(&mut self, id: &str, reason: TicketReason) {
        let Some(ticket) = self.tickets.get_mut(id).filter(|ticket| !ticket.status.is_over()) else { return };
        let newer = |player: &TicketPlayer| {
            self.tickets_of_player.get(&player.id).and_then(|all| all.last()).is_some_and(|newest| newest != id)
        };
        if ticket.players.iter().any(newer) {
            self.set_ticket_status(id, TicketStatus::Cancelled, Some(TicketReason::DuplicatePlayer));
            return;
        }
        ticket.match_id = None;
        let keeps_team = ticket.backfill.is_some();
        for player in &mut ticket.players {
            player.team.take_if(|_| !keeps_team);
            player.accepted = None;
        }
        self.set_ticket_status(id, TicketStatus::Searching, Some(reason));
        self.enter_pool(id);
    }

    /// Sets a ticket's status; nothing else does.
    pub(crate) fn set_ticket_status(&mut self, id: &str, to: TicketStatus, reason: Option<TicketReason>) {
        let now = self.now;
        let last_search = to.is_over().then(|| self.last_search(id));
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        let from = std::mem::replace(&mut ticket.status, to);
        debug_assert!(!from.is_over(), "a ticket ends once");
        ticket.reason = reason;
        tracing::info!(ticket = id, from = from.name(), to = to.name(), "ticket");
        if to.is_over() {
            ticket.end_time = Some(now);
        }
        #[cfg(test)]
        ticket_changes::note(self.events.newest(), from, ticket);
        // AWS tells nobody of a duplicate player, and of a placement that found no place in time. That a backfill which is
        // replaced is not told of is inferred.
        match (to, reason) {
            (TicketStatus::Cancelled, Some(TicketReason::DuplicatePlayer | TicketReason::Replaced))
            | (TicketStatus::Searching, Some(TicketReason::PlacementTimedOut)) => {}
            (TicketStatus::Searching, _) => self.announce_searching(id),
            (TicketStatus::Cancelled, Some(TicketReason::Rejected | TicketReason::NotAccepted)) => {
                let kind = match self.rules.rejecter_event {
                    RejecterEvent::Cancelled => "MatchmakingCancelled",
                    RejecterEvent::Failed => "MatchmakingFailed",
                };
                self.announce_end(id, kind);
            }
            (TicketStatus::Cancelled, _) => self.announce_end(id, "MatchmakingCancelled"),
            (TicketStatus::TimedOut, _) => self.announce_end(id, "MatchmakingTimedOut"),
            // Other tickets fail with their match, which tells of them.
            (TicketStatus::Failed, Some(TicketReason::SessionGone)) => self.announce_end(id, "MatchmakingFailed"),
            _ => {}
        }
        if let Some(last_search) = last_search {
            self.leave_matchmaking(id, last_search);
            self.push_end_of_backfill(id);
        }
    }

    /// Removes an ended ticket from the pool and the indices, and plans to forget it.
    fn leave_matchmaking(&mut self, id: &str, last_search: SearchHistory) {
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        // Not before its last event, which has the counts of those in a match too.
        ticket.history = last_search;
        let configuration = ticket.configuration.clone();
        self.leave_pool(&configuration, id);
        let Some(ticket) = self.tickets.get(id) else { return };
        for player in &ticket.players {
            if let Some(all) = self.tickets_of_player.get_mut(&player.id) {
                all.retain(|other| other != id);
                if all.is_empty() {
                    self.tickets_of_player.remove(&player.id);
                }
            }
        }
        let game_session = ticket.backfill.as_ref().and_then(|backfill| backfill.game_session.as_ref());
        if let Some(game_session) = game_session.filter(|arn| self.backfill_of.get(*arn).is_some_and(|of| of == id)) {
            self.backfill_of.remove(game_session);
        }
        // The estimate is for players who look for a match.
        if ticket.status == TicketStatus::Completed && ticket.backfill.is_none() {
            let waits = self.recent_waits.entry(ticket.configuration.clone()).or_default();
            waits.truncate(RECENT - 1);
            waits.push_front((self.now, self.now.duration_since(ticket.start_time)));
        }
        let players = ticket.players.len();
        if self.ended_tickets.is_empty() {
            self.plan(self.ticket_retention(), Event::TicketsAreForgotten);
        }
        self.ended_tickets.push_back(id.to_owned());
        self.players_of_ended_tickets += players;
        while self.ended_tickets.len() > MOST_ENDED || self.players_of_ended_tickets > MOST_ENDED_PLAYERS {
            self.forget_oldest_ticket();
        }
        self.forget_timers_of_tickets();
    }

    fn forget_oldest_ticket(&mut self) {
        let Some(oldest) = self.ended_tickets.pop_front() else { return };
        let players = self.tickets.remove(&oldest).map_or(0, |ticket| ticket.players.len());
        self.players_of_ended_tickets -= players;
    }

    /// Removes the timers of ended tickets, now and then.
    fn forget_timers_of_tickets(&mut self) {
        self.ended_since_sweep += 1;
        if self.ended_since_sweep >= SWEEP {
            self.ended_since_sweep = 0;
            let Self { timers, tickets, .. } = self;
            let is_over = |id: &String| tickets.get(id).is_none_or(|ticket| ticket.status.is_over());
            timers.forget(|event| matches!(event, Event::TicketTimesOut(id) if is_over(id)));
        }
    }

    fn ticket_retention(&self) -> Duration {
        Duration::from_secs(self.rules.ticket_retention_seconds.get().into())
    }

    /// Forgets the tickets that ended long ago.
    pub(crate) fn forget_tickets(&mut self) {
        let retention = self.ticket_retention();
        while let Some(id) = self.ended_tickets.front() {
            let end = self.tickets.get(id).and_then(|ticket| ticket.end_time);
            let left = end.map(|end| clock::after(end, retention)).filter(|left| *left > self.now);
            if let Some(left) = left {
                self.timers.plan(left, Event::TicketsAreForgotten);
                return;
            }
            self.forget_oldest_ticket();
        }
    }

    /// The average wait of the tickets of a configuration that were completed lately.
    pub(crate) fn estimated_wait(&self, configuration: &str) -> Option<u64> {
        let waits = self.recent_waits.get(configuration)?.iter();
        let recent = waits.take_while(|(end, _)| self.now.duration_since(*end) <= RECENT_TIME);
        let seconds: Vec<_> = recent.map(|(_, wait)| wait.as_secs().unsigned_abs()).collect();
        seconds.iter().sum::<u64>().checked_div(u64::try_from(seconds.len()).ok()?)
    }

    /// Makes all that follows from the tickets of a state file.
    pub(crate) fn restore_matchmaking(&mut self) {
        self.timers.forget(|event| matches!(event, Event::PassIsDue(_)));
        let mut active: Vec<_> = self.tickets.values().filter(|ticket| !ticket.status.is_over()).collect();
        active.sort_by_key(|ticket| ticket.number);
        for ticket in &active {
            for player in &ticket.players {
                self.tickets_of_player.entry(player.id.clone()).or_default().push(ticket.id.clone());
            }
        }
        let backfills = active.iter().filter_map(|ticket| Some((ticket.backfill.as_ref()?, ticket.id.clone())));
        let backfills = backfills.filter_map(|(backfill, id)| Some((backfill.game_session.clone()?, id)));
        self.backfill_of = backfills.collect();
        let mut ended: Vec<_> = self.tickets.values().filter(|ticket| ticket.status.is_over()).collect();
        ended.sort_by_key(|ticket| (ticket.end_time, ticket.number));
        self.players_of_ended_tickets = ended.iter().map(|ticket| ticket.players.len()).sum();
        self.ended_tickets = ended.into_iter().map(|ticket| ticket.id.clone()).collect();
        for configuration in self.configurations.keys().cloned().collect::<Vec<_>>() {
            self.rebuild_pool(&configuration);
        }
    }
}
