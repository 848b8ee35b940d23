//! Tickets as a rule set sees them.

use std::collections::HashSet;

use crate::{
    attribute::AttributeValue,
    entrant::{Entrant, EntrantPlayer},
    problem::Problem,
    rule_set::set::RuleSet,
    ticket::{Player, Ticket, TicketKind},
};

/// Why a rule set cannot match a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    /// The ticket contradicts the rule set. A path such as `$.players[0].attributes[skill]` says where.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// AWS accepts the ticket, but it can be in no match: it waits until its time is over.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unmatchable(Vec<Unmatchable>),
}

/// Why a ticket can be in no match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmatchable {
    /// A player lacks an attribute that is declared without a default (`match-rulesets-components-attributes`).
    #[error("player {player} has no attribute {attribute}, which has no default")]
    NoAttribute {
        /// The player's id.
        player: String,
        /// The attribute's name.
        attribute: String,
    },
    /// A latency rule has to hold, and a player told no latency (`match-rules-reference-ruletype`).
    #[error("player {player} has no latencies, which the rule {rule} needs")]
    NoLatency {
        /// The player's id.
        player: String,
        /// The rule's name.
        rule: String,
    },
    /// There are more players than any team ever takes (`match-client-start`).
    #[error("{players} players are more than any team takes, {largest}")]
    TooLarge {
        /// The number of players.
        players: usize,
        /// The largest `maxPlayers`, expansions included.
        largest: u32,
    },
}

impl RuleSet {
    /// A ticket as this rule set sees it, with defaults for what its players lack.
    ///
    /// # Errors
    /// The ticket contradicts the rule set, or can be in no match.
    pub fn admit(&self, ticket: &Ticket) -> Result<Entrant, NotAdmitted> {
        let (mut problems, mut reasons) = (Vec::new(), Vec::new());
        check_ticket(self, ticket, &mut problems, &mut reasons);
        let players = ticket.players.iter().enumerate().map(|(index, player)| {
            let path = format!("$.players[{index}]");
            enter(self, player, ticket.kind, &path, &mut problems, &mut reasons)
        });
        let players: Vec<_> = players.collect();
        if !problems.is_empty() {
            return Err(NotAdmitted::Invalid(problems));
        }
        if !reasons.is_empty() {
            return Err(NotAdmitted::Unmatchable(reasons));
        }
        Ok(Entrant::new(ticket, players))
    }
}

fn check_ticket(rule_set: &RuleSet, ticket: &Ticket, problems: &mut Vec<Problem>, reasons: &mut Vec<Unmatchable>) {
    if ticket.players.is_empty() {
        problems.push(Problem::new("$.players", "a ticket has at least one player", "name one"));
    }
    let mut seen = HashSet::new();
    for (index, player) in ticket.players.iter().enumerate() {
        if !seen.insert(&player.id) {
            let path = format!("$.players[{index}].id");
            problems.push(Problem::new(path, format!("the player {} stands twice in it", player.id), "name each once"));
        }
    }
    let largest = rule_set.largest_team();
    if ticket.kind == TicketKind::New && ticket.players.len() > largest as usize {
        reasons.push(Unmatchable::TooLarge { players: ticket.players.len(), largest });
    }
}

/// A player with a value for each attribute. What is missing has any value: it is reported.
fn enter(
    rule_set: &RuleSet,
    player: &Player,
    kind: TicketKind,
    path: &str,
    problems: &mut Vec<Problem>,
    reasons: &mut Vec<Unmatchable>,
) -> EntrantPlayer {
    let team = player.team.as_deref().and_then(|name| {
        let team = rule_set.team(name);
        if team.is_none() {
            let names: Vec<_> = rule_set.teams().iter().map(|team| team.name()).collect();
            let remedy = format!("use one of: {}", names.join(", "));
            problems.push(Problem::new(format!("{path}.team"), format!("there is no team {name}"), remedy));
        }
        team
    });
    if kind == TicketKind::Backfill && player.team.is_none() {
        let reason = "a player of a backfill has a team";
        problems.push(Problem::new(format!("{path}.team"), reason, "name the team that the player plays in"));
    }
    if player.latencies.is_empty()
        && let Some(rule) = rule_set.latency_rule()
    {
        reasons.push(Unmatchable::NoLatency { player: player.id.clone(), rule: rule.to_owned() });
    }
    let mut attributes = Vec::with_capacity(rule_set.attributes().len());
    for declared in rule_set.attributes() {
        let given = player.attributes.get(declared.name()).cloned();
        if let Some(given) = &given
            && given.kind() != declared.kind()
        {
            problems.push(Problem::new(
                format!("{path}.attributes[{}]", declared.name()),
                format!("it is a {}", given.kind()),
                format!("give a {}, as the rule set declares", declared.kind()),
            ));
        }
        let mut value = given.or_else(|| declared.default().cloned()).unwrap_or_else(|| {
            let attribute = declared.name().to_owned();
            reasons.push(Unmatchable::NoAttribute { player: player.id.clone(), attribute });
            AttributeValue::Number(0.0)
        });
        if let Err(reason) = value.tidy() {
            let path = format!("{path}.attributes[{}]", declared.name());
            problems.push(Problem::new(path, reason, "keep to the limit"));
        }
        attributes.push(value);
    }
    EntrantPlayer { id: player.id.clone(), attributes, team }
}
