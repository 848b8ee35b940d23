//! The pools of tickets that wait for a match.

use std::{sync::Arc, time::Duration};

use flexmatch::{Matchmaker, RuleSet, Settings};
use jiff::Timestamp;

use crate::resources::matchmaking_ticket::since_epoch;

/// The tickets of one configuration that wait, and the time of the next pass over them. It is made of the state's
/// tickets, and no state file has it.
pub(crate) struct MatchmakingPool {
    pub(crate) matchmaker: Matchmaker,
    pub(crate) rule_set: Arc<RuleSet>,
    /// The ids of tickets that no pass has looked at.
    pub(crate) queued: Vec<String>,
    /// When the next pass is due. A pass that was planned for another time is void.
    pub(crate) next_pass: Option<Timestamp>,
    /// How many passes there were.
    pub(crate) passes: u64,
    /// How many of them found nothing since a ticket came or limits changed.
    pub(crate) passes_in_vain: u32,
}

impl MatchmakingPool {
    pub(crate) fn new(rule_set: Arc<RuleSet>, settings: Settings) -> Self {
        let matchmaker = Matchmaker::new(Arc::clone(&rule_set), settings);
        Self { matchmaker, rule_set, queued: Vec::new(), next_pass: None, passes: 0, passes_in_vain: 0 }
    }

    /// The time from `now` until the age of a waiting ticket reaches the next step of an expansion.
    pub(crate) fn until_next_step(&self, now: Timestamp) -> Option<Duration> {
        let now = since_epoch(now);
        let expansions = self.rule_set.expansions().iter();
        let mut waits: Vec<_> = expansions.flat_map(|expansion| expansion.steps()).map(|step| step.wait()).collect();
        waits.sort_unstable();
        let of_ticket = |arrival: Duration| {
            let age = now.saturating_sub(arrival);
            waits
                .get(waits.partition_point(|wait| *wait <= age))
                .map(|wait| arrival.saturating_add(*wait).saturating_sub(now))
        };
        self.matchmaker.waiting().filter_map(|waiting| of_ticket(waiting.ticket().arrival)).min()
    }
}

/// Leaves the players out.
impl std::fmt::Debug for MatchmakingPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchmakingPool").field("next_pass", &self.next_pass).finish_non_exhaustive()
    }
}
