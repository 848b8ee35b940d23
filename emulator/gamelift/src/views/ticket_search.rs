//! How a ticket searches, which AWS tells nobody. The members are the emulator's, in the API's style.

use emulator_core::{model::gamelift::TicketStatus, wire::epoch::Epoch};
use flexmatch::{Expansion, History, RuleSet, Unmatchable};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::{
    resources::{
        matchmaking_ticket::{MatchmakingTicket, since_epoch},
        search_history::RuleEvaluations,
    },
    state::whole::State,
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
    /// Why it is not matched, in words. Only of a ticket that waits.
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
        let is_searching = matches!(ticket.status, TicketStatus::Queued | TicketStatus::Searching);
        let reason = match waiting {
            Some((waiting, rule_set)) => {
                Some(reason(ticket.status, waiting.unmatchable(), waiting.history(), rule_set))
            }
            None => {
                is_searching.then(|| "its players do not fit the rule set, which was another one when it came".into())
            }
        };
        let refused_most = waiting.and_then(|(waiting, rule_set)| waiting.history().refused_most(rule_set));
        let evaluations = if ticket.status.is_over() { Vec::new() } else { state.evaluations(ticket) };
        let expansions = waiting.map(|(_, rule_set)| rule_set.expansions()).unwrap_or_default();
        Self {
            ticket_id: ticket.id.clone(),
            configuration_name: ticket.configuration.clone(),
            status: ticket.status,
            start_time: ticket.start_time.into(),
            players: ticket.players.len(),
            wait_seconds: now.duration_since(ticket.start_time).as_secs_f64(),
            times_out_in_seconds: (!ticket.status.is_over())
                .then(|| ticket.times_out.duration_since(state.now).as_secs_f64()),
            match_id: ticket.match_id.clone(),
            reason,
            refused_most_by: refused_most.map(|it| it.name),
            missed_passes: waiting.map(|(waiting, _)| waiting.history().missed()),
            rule_evaluations: evaluations.into_iter().map(RuleEvaluationsView::from).collect(),
            expansions: expansions.iter().map(|it| ExpansionView::at(it, ticket.start_time, now)).collect(),
        }
    }
}

fn reason(status: TicketStatus, unmatchable: &[Unmatchable], history: &History, rule_set: &RuleSet) -> String {
    if !unmatchable.is_empty() {
        let reasons: Vec<_> = unmatchable.iter().map(ToString::to_string).collect();
        return format!("it can be in no match: {}", reasons.join("; "));
    }
    if status == TicketStatus::Queued {
        return "no pass has come to it yet".to_owned();
    }
    match history.refused_most(rule_set) {
        Some(rule) => format!(
            "the rule {} refused it most, {} of {} times",
            rule.name,
            rule.failed,
            rule.failed.saturating_add(rule.passed)
        ),
        None if history.missed() > 0 => "passes ended before they came to it".to_owned(),
        None => "no rule refused it, but too few others are there".to_owned(),
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
