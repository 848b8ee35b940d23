//! Why a ticket is not matched.

use emulator_core::model::gamelift::TicketStatus;
use flexmatch::{History, RuleMetrics, RuleSet, TicketKind, Waiting};

use crate::{
    resources::{
        matchmaking_pool::MatchmakingPool, matchmaking_ticket::MatchmakingTicket, search_history::SearchHistory,
    },
    state::whole::State,
};

/// Why a ticket is not matched.
#[derive(Default)]
pub(crate) struct SearchReason {
    /// In words. None: it does not wait, or has come into a match.
    pub(crate) words: Option<String>,
    /// The rule that is the reason.
    pub(crate) rule: Option<String>,
}

impl State {
    /// Why a ticket is not matched, or was not when it ended.
    pub(crate) fn search_reason(&self, ticket: &MatchmakingTicket) -> SearchReason {
        if ticket.status.is_over() {
            return SearchReason { words: ticket.history.reason.clone(), rule: ticket.history.refused_most.clone() };
        }
        let pool = self.pools.get(&ticket.configuration);
        if let Some((pool, waiting)) = pool.and_then(|pool| Some((pool, pool.matchmaker.get(&ticket.id)?))) {
            return reason(ticket.status, waiting, pool);
        }
        let words = "its players do not fit the rule set, which was another one when it came";
        SearchReason { words: is_searching(ticket).then(|| words.to_owned()), rule: None }
    }

    /// What is kept of the search of a ticket that ends. Of one that has come into a match, nothing is: its last event
    /// has told it.
    pub(crate) fn last_search(&self, id: &str) -> SearchHistory {
        // One that needs no acceptance may end in its match while it searches still.
        let searches = |ticket: &&MatchmakingTicket| is_searching(ticket) && ticket.match_id.is_none();
        let Some(ticket) = self.tickets.get(id).filter(searches) else {
            return SearchHistory::default();
        };
        let SearchReason { words, rule } = self.search_reason(ticket);
        SearchHistory { evaluations: self.evaluations(ticket), missed: 0, reason: words, refused_most: rule }
    }
}

fn is_searching(ticket: &MatchmakingTicket) -> bool {
    matches!(ticket.status, TicketStatus::Queued | TicketStatus::Searching)
}

fn reason(status: TicketStatus, waiting: &Waiting, pool: &MatchmakingPool) -> SearchReason {
    let words = |words: String| SearchReason { words: Some(words), rule: None };
    if !waiting.unmatchable().is_empty() {
        let reasons: Vec<_> = waiting.unmatchable().iter().map(ToString::to_string).collect();
        return words(format!("it can be in no match: {}", reasons.join("; ")));
    }
    if status == TicketStatus::Queued {
        return words("no pass has come to it yet".to_owned());
    }
    let (history, rule_set): (&History, &RuleSet) = (waiting.history(), &pool.rule_set);
    let refused_most = history.refused_most(rule_set);
    if refused_most.is_none() && history.missed() > 0 {
        return words("passes ended before they came to it".to_owned());
    }
    // Rules that compare teams fail over empty ones. Nobody could mend that but other players.
    if let Some(want) = want_of_others(waiting, pool) {
        return words(want);
    }
    match refused_most {
        Some(RuleMetrics { name, passed, failed, .. }) => SearchReason {
            words: Some(format!(
                "the rule {name} refused it most, {failed} of {} times",
                failed.saturating_add(passed)
            )),
            rule: Some(name),
        },
        None => words("no rule refused it, but too few others are there".to_owned()),
    }
}

/// What is said of a ticket without enough others to make a match, whatever rules say.
fn want_of_others(waiting: &Waiting, pool: &MatchmakingPool) -> Option<String> {
    let least = pool.rule_set.stages().iter().map(|stage| stage.total().min()).min().unwrap_or_default() as usize;
    let all = || pool.matchmaker.waiting().filter(|waiting| waiting.unmatchable().is_empty());
    let is_alone = all().nth(1).is_none();
    let is_backfill = waiting.ticket().kind == TicketKind::Backfill;
    if is_alone && (is_backfill || waiting.ticket().players.len() < least) {
        return Some("it is alone in the pool".to_owned());
    }
    let mut players = 0;
    let enough = all().any(|waiting| {
        players += waiting.ticket().players.len();
        players >= least
    });
    (!enough).then(|| format!("too few others are there: a match has at least {least} players, and {players} search"))
}
