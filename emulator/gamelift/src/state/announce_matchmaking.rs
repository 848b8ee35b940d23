//! The events of matchmaking, in AWS's shapes. One event speaks for all tickets that it is about.

use emulator_core::{events::iso, model::event_types::MATCHMAKING};
use jiff::Unit;
use serde_json::{Map, Value, json};

use crate::{
    resources::{
        formed_match::FormedMatch,
        matchmaking_configuration::MatchmakingConfiguration,
        matchmaking_ticket::{MatchmakingTicket, TicketPlayer},
        search_history::RuleEvaluations,
    },
    state::{announce::object, whole::State},
};

impl State {
    /// A ticket has come into its pool, or has come back from a match that was not accepted.
    pub(crate) fn announce_searching(&self, id: &str) {
        let Some(configuration) = self.configuration_of(id) else { return };
        let wait = self.estimated_wait(&configuration.name);
        // The member's name says milliseconds; AWS documents seconds.
        let wait = wait.map_or_else(|| json!("NOT_AVAILABLE"), Value::from);
        let detail = json!({ "estimatedWaitMillis": wait });
        self.announce_tickets(configuration, &[id.to_owned()], "MatchmakingSearching", detail);
    }

    pub(crate) fn announce_potential(&self, formed: &FormedMatch) {
        let acceptance = formed.configuration.settings.acceptance_timeout();
        let detail = json!({
            "acceptanceRequired": acceptance.is_some(),
            "acceptanceTimeout": acceptance.map(|timeout| timeout.as_secs()),
            "ruleEvaluationMetrics": metrics(&formed.evaluations),
        });
        self.announce_match(formed, "PotentialMatchCreated", detail);
    }

    /// Players have answered.
    pub(crate) fn announce_answer(&self, formed: &FormedMatch) {
        self.announce_match(formed, "AcceptMatch", json!({}));
    }

    /// The answers of a match are complete: `Accepted`, `Rejected` or `TimedOut`.
    pub(crate) fn announce_acceptance(&self, formed: &FormedMatch, acceptance: &str) {
        self.announce_match(formed, "AcceptMatchCompleted", json!({ "acceptance": acceptance }));
    }

    /// The tickets of a match are COMPLETED.
    pub(crate) fn announce_success(&self, formed: &FormedMatch) {
        self.announce_match(formed, "MatchmakingSucceeded", json!({}));
    }

    /// The tickets of a match are FAILED.
    pub(crate) fn announce_failure(&self, formed: &FormedMatch) {
        let reason = formed.tickets.iter().find_map(|id| self.tickets.get(id)?.reason);
        let detail = json!({
            "reason": reason.map(|reason| reason.reason()),
            "message": reason.map(|reason| reason.message()),
            "ruleEvaluationMetrics": metrics(&formed.evaluations),
        });
        self.announce_match(formed, "MatchmakingFailed", detail);
    }

    /// A ticket is CANCELLED or has timed out.
    pub(crate) fn announce_end(&self, id: &str, kind: &str) {
        let (Some(configuration), Some(ticket)) = (self.configuration_of(id), self.tickets.get(id)) else { return };
        let detail = json!({
            "reason": ticket.reason.map(|reason| reason.reason()),
            "message": ticket.reason.map(|reason| reason.message()),
            "matchId": ticket.match_id,
            "ruleEvaluationMetrics": metrics(&self.evaluations(ticket)),
        });
        self.announce_tickets(configuration, &[id.to_owned()], kind, detail);
    }

    fn configuration_of(&self, ticket: &str) -> Option<&MatchmakingConfiguration> {
        self.configurations.get(&self.tickets.get(ticket)?.configuration)
    }

    fn announce_match(&self, formed: &FormedMatch, kind: &str, mut detail: Value) {
        detail["matchId"] = formed.id.clone().into();
        self.announce_tickets(&formed.configuration, &formed.tickets, kind, detail);
    }

    fn announce_tickets(
        &self,
        configuration: &MatchmakingConfiguration,
        ids: &[String],
        kind: &str,
        mut detail: Value,
    ) {
        let tickets = || ids.iter().filter_map(|id| self.tickets.get(id));
        let players: Vec<_> = tickets().flat_map(|ticket| players_of(ticket, kind)).collect();
        let mut session = tickets().find_map(connection).unwrap_or_default();
        session.insert("players".to_owned(), players.into());
        let told = tickets().map(|ticket| {
            json!({
                "ticketId": ticket.id,
                "startTime": iso(ticket.start_time, Unit::Millisecond),
                "players": players_of(ticket, kind).collect::<Vec<_>>(),
            })
        });
        detail["type"] = kind.into();
        detail["tickets"] = told.collect();
        detail["gameSessionInfo"] = session.into();
        let custom = configuration.settings.custom_event_data.as_ref().filter(|data| !data.is_empty());
        detail["customEventData"] = custom.cloned().into();
        self.events.publish(self.now, MATCHMAKING, vec![configuration.arn.clone()], object(detail));
    }
}

fn metrics(evaluations: &[RuleEvaluations]) -> Value {
    let rule =
        |it: &RuleEvaluations| json!({ "ruleName": it.rule, "passedCount": it.passed, "failedCount": it.failed });
    evaluations.iter().map(rule).collect()
}

/// The players of a ticket, with the members that an event of this type has of them in AWS's samples.
fn players_of<'a>(ticket: &'a MatchmakingTicket, kind: &str) -> impl Iterator<Item = Value> + use<'a> {
    let has_team = !matches!(kind, "MatchmakingSearching" | "MatchmakingCancelled");
    let has_answer = matches!(kind, "AcceptMatch" | "AcceptMatchCompleted");
    let sessions =
        ticket.connection.as_ref().map(|connection| connection.player_sessions.as_slice()).unwrap_or_default();
    let session = |player: &TicketPlayer| sessions.iter().find(|(id, _)| *id == player.id).map(|(_, session)| session);
    ticket.players.iter().map(move |player| {
        object(json!({
            "playerId": player.id,
            "team": player.team.as_ref().filter(|_| has_team),
            "accepted": player.accepted.filter(|_| has_answer),
            "playerSessionId": session(player),
        }))
    })
}

/// The game session of a ticket that is COMPLETED.
fn connection(ticket: &MatchmakingTicket) -> Option<Map<String, Value>> {
    let connection = ticket.connection.as_ref()?;
    match object(json!({
        "gameSessionArn": connection.game_session,
        "ipAddress": connection.ip_address,
        "dnsName": connection.dns_name,
        "port": connection.port,
        "playerGatewayStatus": "DISABLED",
    })) {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
