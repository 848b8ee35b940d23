//! How a ticket searches, which AWS tells nobody. The members are the emulator's, in the API's style.

use emulator_core::{model::gamelift::TicketStatus, wire::epoch::Epoch};
use flexmatch::Expansion;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::{
    resources::{
        matchmaking_ticket::{MatchmakingTicket, TicketReason, since_epoch},
        search_history::RuleEvaluations,
    },
    state::{search_reason::SearchReason, whole::State},
};

/// A ticket's search.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TicketSearchView {
    ticket_id: String,
    configuration_name: String,
    status: TicketStatus,
    start_time: Epoch,
    players: usize,
    /// Until its end, if it has ended.
    wait_seconds: f64,
    times_out_in_seconds: Option<f64>,
    match_id: Option<String>,
    /// As `DescribeMatchmaking` has them.
    status_reason: Option<&'static str>,
    status_message: Option<&'static str>,
    /// Why it is not matched, in words. Of a ticket that waits, or that has ended without a match.
    reason: Option<String>,
    refused_most_by: Option<String>,
    /// How many passes in a row ended before they came to it.
    missed_passes: Option<u32>,
    rule_evaluations: Vec<RuleEvaluationsView>,
    expansions: Vec<ExpansionView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleEvaluationsView {
    rule_name: String,
    passed_count: u64,
    failed_count: u64,
}

/// An expansion at the ticket's own age. A match has the age of its youngest ticket, or of its oldest.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExpansionView {
    target: String,
    /// The step that holds. Before the first one there is none, and the rule set's own value holds.
    step: Option<StepView>,
    next_step: Option<StepView>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StepView {
    wait_time_seconds: u64,
    value: Value,
}

impl TicketSearchView {
    pub(crate) fn of(ticket: &MatchmakingTicket, state: &State) -> Self {
        let now = ticket.end_time.unwrap_or(state.now);
        let pool = state.pools.get(&ticket.configuration);
        let waiting = pool.and_then(|pool| Some((pool.matchmaker.get(&ticket.id)?, &*pool.rule_set)));
        let SearchReason { words, rule } = state.search_reason(ticket);
        let is_over = ticket.status.is_over();
        let evaluations = if is_over { ticket.history.evaluations.clone() } else { state.evaluations(ticket) };
        let expansions = waiting.map(|(_, rule_set)| rule_set.expansions()).unwrap_or_default();
        Self {
            ticket_id: ticket.id.clone(),
            configuration_name: ticket.configuration.clone(),
            status: ticket.status,
            start_time: ticket.start_time.into(),
            players: ticket.players.len(),
            wait_seconds: now.duration_since(ticket.start_time).as_secs_f64(),
            times_out_in_seconds: (!is_over).then(|| ticket.times_out.duration_since(state.now).as_secs_f64()),
            match_id: ticket.match_id.clone(),
            status_reason: ticket.reason.map(TicketReason::reason),
            status_message: ticket.reason.map(TicketReason::message),
            reason: words,
            refused_most_by: rule,
            missed_passes: waiting.map(|(waiting, _)| waiting.history().missed()),
            rule_evaluations: evaluations.into_iter().map(RuleEvaluationsView::from).collect(),
            expansions: expansions.iter().map(|it| ExpansionView::at(it, ticket.start_time, now)).collect(),
        }
    }
}

impl From<RuleEvaluations> for RuleEvaluationsView {
    fn from(of_rule: RuleEvaluations) -> Self {
        Self { rule_name: of_rule.rule, passed_count: of_rule.passed, failed_count: of_rule.failed }
    }
}

impl ExpansionView {
    fn at(expansion: &Expansion, start: Timestamp, now: Timestamp) -> Self {
        let age = since_epoch(now).saturating_sub(since_epoch(start));
        let steps = expansion.steps();
        let reached = steps.partition_point(|step| step.wait() <= age);
        let step = |place: Option<usize>| {
            let step = steps.get(place?)?;
            Some(StepView { wait_time_seconds: step.wait().as_secs(), value: step.value().clone() })
        };
        Self {
            target: expansion.target().to_string(),
            step: step(reached.checked_sub(1)),
            next_step: step(Some(reached)),
        }
    }
}
