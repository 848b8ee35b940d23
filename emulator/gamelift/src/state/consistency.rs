//! Checks that a state from a file is consistent.
//!
//! The functions that change the state rely on invariants between resources. A state file's checksum is not secret, so
//! a file may hold anything.

use std::{cmp::Reverse, collections::BTreeSet};

use emulator_core::{
    model::gamelift::{GameSessionStatus, PlacementStatus, TicketStatus},
    soundness::{check_names, check_number},
};

use crate::{
    resources::{game_session::GameSession, matchmaking_ticket::MatchmakingTicket, server_process::ProcessStatus},
    state::{event::Event, game_server_group::MAX_INSTANCES, whole::State},
};

impl State {
    /// Returns an error if the state breaks an invariant.
    pub(crate) fn check(&self) -> Result<(), String> {
        check_number(self.next_number)?;
        self.timers.check(self.now)?;
        self.check_own_names()?;
        self.check_players()?;
        self.check_hosts()?;
        self.check_placements()?;
        self.check_configurations()?;
        self.check_matchmaking()?;
        if let Some(group) = self.game_server_groups.values().find(|group| group.min_size > MAX_INSTANCES) {
            return Err(format!("game server group {} has a minimum of {} instances", group.name, group.min_size));
        }
        let forgets_too_early = |event: &Event| match event {
            Event::RetentionEnds(arn) => self.game_sessions.get(arn).is_some_and(|session| !is_over(session)),
            _ => false,
        };
        match self.timers.events().find(|event| forgets_too_early(event)) {
            Some(_) => Err("a game session that has not ended would be forgotten".to_owned()),
            None => Ok(()),
        }
    }

    /// Every resource is stored under its own name.
    fn check_own_names(&self) -> Result<(), String> {
        check_names("location", &self.locations, |location| &location.name)?;
        check_names("fleet", &self.fleets, |fleet| &fleet.id)?;
        check_names("alias", &self.aliases, |alias| &alias.id)?;
        check_names("queue", &self.queues, |queue| &queue.name)?;
        check_names("matchmaking rule set", &self.rule_sets, |rule_set| &rule_set.name)?;
        check_names("matchmaking configuration", &self.configurations, |configuration| &configuration.name)?;
        check_names("matchmaking ticket", &self.tickets, |ticket| &ticket.id)?;
        check_names("match", &self.matches, |formed| &formed.id)?;
        check_names("placement", &self.placements, |placement| &placement.id)?;
        check_names("game server group", &self.game_server_groups, |group| &group.name)?;
        check_names("game server", &self.game_servers, |server| &server.id)?;
        check_names("game session", &self.game_sessions, |session| &session.arn)?;
        check_names("player session", &self.player_sessions, |session| &session.id)
    }

    /// Each player session belongs to one game session, which counts it.
    fn check_players(&self) -> Result<(), String> {
        let mut listed = BTreeSet::new();
        for (arn, session) in &self.game_sessions {
            let mut taken = 0;
            for id in &session.player_sessions {
                let player = self.player_sessions.get(id).filter(|player| player.game_session == *arn);
                let player = player.filter(|_| listed.insert(id)).ok_or_else(|| {
                    format!("player session {id} of game session {arn} is not there, or in two game sessions")
                })?;
                taken += usize::from(player.status.takes_slot());
            }
            if session.slots_taken != taken || (taken > 0 && is_over(session)) {
                return Err(format!("the slots of game session {arn} are miscounted"));
            }
        }
        match self.player_sessions.keys().find(|id| !listed.contains(id)) {
            Some(id) => Err(format!("player session {id} is in no game session")),
            None => Ok(()),
        }
    }

    /// A game session that has not ended is hosted by its process, and a process hosts no other. A new connection has
    /// room for all pushes that wait for one.
    fn check_hosts(&self) -> Result<(), String> {
        if let Some((id, _)) = self.processes.iter().find(|(_, process)| !process.can_be_told()) {
            return Err(format!("more pushes wait for process {id} than a connection takes"));
        }
        for (id, process) in &self.processes {
            let ProcessStatus::Hosting { game_session } = &process.status else { continue };
            let hosted = self.game_sessions.get(game_session);
            if hosted.is_none_or(|hosted| is_over(hosted) || hosted.process != *id) {
                return Err(format!("process {id} hosts {game_session}, which is not its game session"));
            }
        }
        let is_hosted = |session: &GameSession| {
            self.processes.get(&session.process).is_some_and(|process| {
                matches!(&process.status, ProcessStatus::Hosting { game_session } if *game_session == session.arn)
            })
        };
        match self.game_sessions.values().find(|session| !is_over(session) && !is_hosted(session)) {
            Some(session) => Err(format!("no process hosts game session {}", session.arn)),
            None => Ok(()),
        }
    }

    /// The rule set of every matchmaking configuration is there.
    fn check_configurations(&self) -> Result<(), String> {
        let mut configurations = self.configurations.values();
        match configurations.find(|configuration| !self.rule_sets.contains_key(&configuration.settings.rule_set)) {
            Some(it) => Err(format!("matchmaking configuration {} has no rule set", it.name)),
            None => Ok(()),
        }
    }

    /// Matches and their tickets agree, active tickets have an end, and ended ones are forgotten.
    fn check_matchmaking(&self) -> Result<(), String> {
        self.check_tickets()?;
        self.check_matches()?;
        self.check_players_of_tickets()?;
        let is_planned = self.timers.events().any(|event| *event == Event::TicketsAreForgotten);
        match self.tickets.values().find(|ticket| ticket.status.is_over() && !is_planned) {
            Some(ticket) => Err(format!("ticket {} has ended and would never be forgotten", ticket.id)),
            None => Ok(()),
        }
    }

    /// A match waits for its players until their time is over, or for its placement. Nothing else has the id of its
    /// automatic backfill.
    fn check_matches(&self) -> Result<(), String> {
        let mut backfills = BTreeSet::new();
        let mut to_come = self.matches.values().filter_map(|formed| formed.next_backfill.as_ref());
        if let Some(id) = to_come.find(|id| !backfills.insert(*id) || self.tickets.contains_key(*id)) {
            return Err(format!("the automatic backfill {id} is another ticket, too"));
        }
        let accepted_until: BTreeSet<_> = self.timers.events().filter_map(match_to_accept).collect();
        for (id, formed) in &self.matches {
            let mut statuses = formed.tickets.iter().filter_map(|it| self.tickets.get(it)).map(|it| it.status);
            let first = statuses.next();
            let placement = self.placements.get(id).filter(|it| it.status == PlacementStatus::Pending);
            let goes_on = match first {
                Some(TicketStatus::RequiresAcceptance) => accepted_until.contains(id),
                _ => placement.is_some(),
            };
            if !goes_on || statuses.any(|status| Some(status) != first) {
                return Err(format!("match {id} would never go on"));
            }
        }
        Ok(())
    }

    /// A player is in one active ticket. Only a match that is being placed may keep an older one.
    fn check_players_of_tickets(&self) -> Result<(), String> {
        let mut active: Vec<_> = self.tickets.values().filter(|ticket| !ticket.status.is_over()).collect();
        active.sort_by_key(|ticket| Reverse(ticket.number));
        let mut seen = BTreeSet::new();
        for ticket in active {
            let mut players = ticket.players.iter();
            if let Some(player) =
                players.find(|player| !seen.insert(&player.id) && ticket.status != TicketStatus::Placing)
            {
                return Err(format!("player {} is in another ticket than {}, too", player.id, ticket.id));
            }
        }
        Ok(())
    }

    /// An active ticket has a configuration and times out, and is in a match exactly if its status says so.
    fn check_tickets(&self) -> Result<(), String> {
        let timers: BTreeSet<_> = self.timers.events().filter_map(timed_out_ticket).collect();
        let (mut matched, mut backfilled) = (BTreeSet::new(), BTreeSet::new());
        for (id, formed) in &self.matches {
            for ticket in &formed.tickets {
                let known = self.tickets.get(ticket).filter(|ticket| ticket.match_id.as_ref() == Some(id));
                let is_backfill = known.is_some_and(|ticket| ticket.backfill.is_some());
                let is_known =
                    known.is_some_and(is_in_match) && is_backfill == (formed.backfill.as_ref() == Some(ticket));
                if !is_known || !matched.insert(ticket) {
                    return Err(format!("ticket {ticket} is not one of match {id} only"));
                }
            }
        }
        for (id, ticket) in self.tickets.iter().filter(|(_, ticket)| !ticket.status.is_over()) {
            if !self.configurations.contains_key(&ticket.configuration) || !timers.contains(id) {
                return Err(format!("ticket {id} has no configuration, or no end"));
            }
            let game_session = ticket.backfill.as_ref().and_then(|backfill| backfill.game_session.as_ref());
            if game_session.is_some_and(|arn| !backfilled.insert(arn)) {
                return Err(format!("ticket {id} is not the only backfill of its game session"));
            }
            if is_in_match(ticket) && !matched.contains(id) {
                return Err(format!("ticket {id} is {} without a match", ticket.status.name()));
            }
        }
        Ok(())
    }

    /// A game session belongs to at most one placement, and a PENDING placement waits for it.
    fn check_placements(&self) -> Result<(), String> {
        for (arn, id) in &self.placement_of {
            let placed = self.placements.get(id).and_then(|placement| placement.game_session.as_ref());
            if placed != Some(arn) {
                return Err(format!("game session {arn} is not that of placement {id}"));
            }
        }
        let is_late = |arn: &String| {
            self.game_sessions
                .get(arn)
                .is_none_or(|session| is_over(session) || session.status == GameSessionStatus::Active)
        };
        let mut pending = self.placements.values().filter(|placement| placement.status == PlacementStatus::Pending);
        match pending.find(|placement| placement.game_session.as_ref().is_some_and(is_late)) {
            Some(placement) => Err(format!("placement {} waits for a game session that does not start", placement.id)),
            None => Ok(()),
        }
    }
}

fn is_in_match(ticket: &MatchmakingTicket) -> bool {
    matches!(ticket.status, TicketStatus::RequiresAcceptance | TicketStatus::Placing)
}

/// The match that an event dissolves if it is not accepted.
fn match_to_accept(event: &Event) -> Option<&String> {
    match event {
        Event::AcceptanceTimesOut(id) => Some(id),
        _ => None,
    }
}

/// The ticket that an event times out.
fn timed_out_ticket(event: &Event) -> Option<&String> {
    match event {
        Event::TicketTimesOut(id) => Some(id),
        _ => None,
    }
}

fn is_over(session: &GameSession) -> bool {
    session.status == GameSessionStatus::Terminated
}
