//! The pools of waiting tickets, and the passes over them that form matches.
//!
//! A pass comes a tick after a ticket, so that tickets which arrive together are matched together. Passes go on as
//! long as they may find something: what they had no time for, or what chance left out. They become rarer while
//! nothing changes, so that a clock step of hours is bounded work, but never so rare that anybody waits for ever. Once
//! all was tried there is none, until a ticket comes. An expansion's step has its pass within a tick.

use std::{sync::Arc, time::Duration};

use emulator_core::{clock, model::gamelift::TicketStatus};
use flexmatch::{NotAdded, Settings};

use crate::{
    resources::{
        matchmaking_pool::MatchmakingPool,
        matchmaking_ticket::{MatchmakingTicket, since_epoch},
        search_history::{RuleEvaluations, SearchHistory},
    },
    state::{event::Event, whole::State},
};

/// So many passes in vain make the time to the next one a tick longer.
const PATIENCE: u32 = 8;

/// The longest time between two passes, unless a tick is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl State {
    /// Puts a ticket into the pool of its configuration. One that the rule set refuses waits outside until its time is
    /// over: the rule set was another one when the ticket came (inferred).
    pub(crate) fn enter_pool(&mut self, id: &str) {
        let Some(ticket) = self.tickets.get_mut(id) else { return };
        let (configuration, waiting, status) = (ticket.configuration.clone(), ticket.to_match(), ticket.status);
        let history = std::mem::take(&mut ticket.history);
        let Some(pool) = self.pool(&configuration) else { return };
        let history = history.kept(&pool.rule_set);
        if let Err(error) = pool.matchmaker.add_back(waiting, history) {
            let why = match error {
                NotAdded::Invalid(_) => "it does not fit the rule set any more",
                NotAdded::TicketWaits(_) | NotAdded::PlayerWaits { .. } => "another ticket stands in its place",
            };
            tracing::warn!(ticket = id, %error, "the ticket waits in vain: {why}");
            return;
        }
        if status == TicketStatus::Queued {
            pool.queued.push(id.to_owned());
        }
        pool.passes_in_vain = 0;
        self.plan_pass(&configuration, self.rules.tick_milliseconds.duration());
    }

    /// Takes a ticket out of the pool of its configuration. Others may match without it: those who are left may be
    /// another part of the pool.
    pub(crate) fn leave_pool(&mut self, configuration: &str, id: &str) {
        let Some(pool) = self.pools.get_mut(configuration) else { return };
        if pool.matchmaker.remove(id).is_some() && pool.next_pass.is_none() && !pool.matchmaker.tried_all() {
            self.plan_pass(configuration, self.rules.tick_milliseconds.duration());
        }
    }

    /// Makes a configuration's pool again, by its rule set and settings of now. The search of its tickets goes on.
    pub(crate) fn rebuild_pool(&mut self, configuration: &str) {
        self.note_histories(configuration);
        self.pools.remove(configuration);
        let mut waiting: Vec<_> =
            self.searching(configuration).map(|ticket| (ticket.number, ticket.id.clone())).collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.enter_pool(&id);
        }
    }

    /// The tickets of a configuration that search, also those that its pool refused.
    pub(crate) fn searching<'a>(&'a self, configuration: &'a str) -> impl Iterator<Item = &'a MatchmakingTicket> {
        self.tickets.values().filter(move |ticket| {
            ticket.configuration == configuration
                && matches!(ticket.status, TicketStatus::Queued | TicketStatus::Searching)
        })
    }

    /// Notes in the tickets of a pool what happened to them there.
    pub(crate) fn note_histories(&mut self, configuration: &str) {
        let Self { pools, tickets, .. } = self;
        let Some(pool) = pools.get(configuration) else { return };
        for waiting in pool.matchmaker.waiting() {
            if let Some(ticket) = tickets.get_mut(&waiting.ticket().id) {
                ticket.history = SearchHistory::of(waiting.history(), &pool.rule_set);
            }
        }
    }

    /// How often each rule was evaluated for a ticket.
    pub(crate) fn evaluations(&self, ticket: &MatchmakingTicket) -> Vec<RuleEvaluations> {
        let pool = self.pools.get(&ticket.configuration);
        if let Some((pool, waiting)) = pool.and_then(|pool| Some((pool, pool.matchmaker.get(&ticket.id)?))) {
            return RuleEvaluations::all(waiting.metrics(&pool.rule_set));
        }
        if !ticket.history.evaluations.is_empty() {
            return ticket.history.evaluations.clone();
        }
        // No pass has come to it.
        let configuration = self.configurations.get(&ticket.configuration);
        let rule_set = configuration.and_then(|it| self.rule_sets.get(&it.settings.rule_set));
        let rules = rule_set.map(|it| it.body.rule_set().rules()).unwrap_or_default().iter();
        rules.map(|it| RuleEvaluations { rule: it.name().to_owned(), passed: 0, failed: 0 }).collect()
    }

    /// Returns a configuration's pool, which is made at its first use.
    fn pool(&mut self, configuration: &str) -> Option<&mut MatchmakingPool> {
        let known = self.pools.contains_key(configuration);
        let fresh = if known { None } else { Some(self.new_pool(configuration)?) };
        self.pools.extend(fresh.map(|pool| (configuration.to_owned(), pool)));
        self.pools.get_mut(configuration)
    }

    fn new_pool(&self, configuration: &str) -> Option<MatchmakingPool> {
        let of_pool = &self.configurations.get(configuration)?.settings;
        let rule_set = Arc::clone(self.rule_sets.get(&of_pool.rule_set)?.body.rule_set());
        let settings = Settings { additional_players: of_pool.free_slots(), ..Settings::default() };
        Some(MatchmakingPool::new(rule_set, settings))
    }

    /// Plans a pass, unless there is one before it.
    fn plan_pass(&mut self, configuration: &str, after: Duration) {
        let due = clock::after(self.now, after);
        let Some(pool) = self.pools.get_mut(configuration) else { return };
        if pool.next_pass.is_none_or(|planned| due < planned) {
            pool.next_pass = Some(due);
            self.timers.plan(due, Event::PassIsDue(configuration.to_owned()));
        }
    }

    /// Forms the matches that there are in a pool.
    pub(crate) fn run_pass(&mut self, configuration: &str) {
        let now = self.now;
        let Some(pool) = self.pools.get_mut(configuration).filter(|pool| pool.next_pass == Some(now)) else { return };
        pool.next_pass = None;
        for id in std::mem::take(&mut pool.queued) {
            if self.tickets.get(&id).is_some_and(|ticket| ticket.status == TicketStatus::Queued) {
                self.set_ticket_status(&id, TicketStatus::Searching, None);
            }
        }
        let Some(pool) = self.pools.get_mut(configuration) else { return };
        pool.passes += 1;
        let proposals = pool.matchmaker.pass(since_epoch(now), &mut self.random);
        pool.passes_in_vain = if proposals.is_empty() { pool.passes_in_vain.saturating_add(1) } else { 0 };
        let rule_set = Arc::clone(&pool.rule_set);
        for proposal in proposals {
            self.propose(configuration, &rule_set, &proposal);
        }
        self.plan_next_pass(configuration);
    }

    /// Plans the pass after one, if it may find something.
    fn plan_next_pass(&mut self, configuration: &str) {
        let (now, tick) = (self.now, self.rules.tick_milliseconds.duration());
        let Some(pool) = self.pools.get_mut(configuration) else { return };
        let again = (!pool.matchmaker.tried_all()).then(|| until_next_pass(tick, pool.passes_in_vain));
        // The ages of many tickets reach a step one after the other: they have a pass together.
        let step = pool.until_next_step(now).map(|step| step.max(tick));
        let step = step.filter(|step| again.is_none_or(|wait| *step <= wait));
        if step.is_some() {
            // The limits change then, and passes are frequent again.
            pool.passes_in_vain = 0;
        }
        if let Some(wait) = step.or(again) {
            self.plan_pass(configuration, wait);
        }
    }
}

/// The time to the next pass over a pool in which so many passes found nothing since it changed.
fn until_next_pass(tick: Duration, passes_in_vain: u32) -> Duration {
    (tick.saturating_mul(passes_in_vain.saturating_add(PATIENCE)) / PATIENCE).min(LONGEST_WAIT).max(tick)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::until_next_pass;

    #[rstest]
    #[case::at_first_each_tick(500, 0, 500)]
    #[case::then_more_rarely(500, 24, 2000)]
    #[case::over_a_large_pool_it_takes_long(500, 152, 10_000)]
    #[case::but_nobody_waits_for_ever(500, u32::MAX, 30_000)]
    #[case::unless_a_tick_is_longer(60_000, 100, 60_000)]
    fn passes_become_rarer(#[case] tick: u64, #[case] passes_in_vain: u32, #[case] milliseconds: u64) {
        let wait = until_next_pass(Duration::from_millis(tick), passes_in_vain);
        assert_eq!(wait, Duration::from_millis(milliseconds));
    }
}
