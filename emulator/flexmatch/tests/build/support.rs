//! Pools for the tests, built in one line each.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fastrand::Rng;
use flexmatch::{AttributeValue, Choices, Matchmaker, Player, Proposal, RuleSet, Settings, Ticket, TicketKind};
use serde_json::Value;

/// A rule set of a JSON value, which has to be right.
pub(crate) fn rule_set_with(body: &Value, choices: Choices) -> RuleSet {
    RuleSet::parse_with(&body.to_string(), choices).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

/// A pool of one rule set. Tickets are named `t0`, `t1` and so on, the players of `t0` `t0.0`, `t0.1`.
pub(crate) struct World {
    pub(crate) matchmaker: Matchmaker,
    pub(crate) rng: Rng,
    added: usize,
}

impl World {
    pub(crate) fn new(body: &Value) -> Self {
        Self::with(body, Settings::default(), Choices::default())
    }

    pub(crate) fn with(body: &Value, settings: Settings, choices: Choices) -> Self {
        let matchmaker = Matchmaker::new(Arc::new(rule_set_with(body, choices)), settings);
        Self { matchmaker, rng: Rng::with_seed(1), added: 0 }
    }

    /// Adds single players with the same attributes, who came at 0.
    pub(crate) fn solos(&mut self, count: usize, attributes: Value) -> &mut Self {
        (0..count).for_each(|_| self.party(0, std::slice::from_ref(&attributes)));
        self
    }

    /// Adds a single player who came at a second.
    pub(crate) fn solo_at(&mut self, second: u64, attributes: Value) -> &mut Self {
        self.party(second, &[attributes]);
        self
    }

    /// Adds a ticket. The attribute `latency` is an object of latencies by location.
    pub(crate) fn party(&mut self, second: u64, players: &[Value]) {
        let id = format!("t{}", self.added);
        self.added += 1;
        let player = |(place, attributes): (usize, &Value)| player(&format!("{id}.{place}"), attributes);
        let players = players.iter().enumerate().map(player).collect();
        self.matchmaker
            .add(Ticket { id, arrival: Duration::from_secs(second), kind: TicketKind::New, players })
            .unwrap();
    }

    /// Adds the backfill of a session whose players have attributes and a team.
    pub(crate) fn backfill(&mut self, second: u64, players: &[(&str, Value)]) {
        let id = format!("t{}", self.added);
        self.added += 1;
        let players = players.iter().enumerate().map(|(place, (team, attributes))| Player {
            team: Some((*team).to_owned()),
            ..player(&format!("{id}.{place}"), attributes)
        });
        let (players, kind) = (players.collect(), TicketKind::Backfill);
        self.matchmaker.add(Ticket { id, arrival: Duration::from_secs(second), kind, players }).unwrap();
    }

    pub(crate) fn pass(&mut self, second: u64) -> Vec<Proposal> {
        self.matchmaker.pass(Duration::from_secs(second), &mut self.rng)
    }

    /// The sizes of the teams in each match of a pass.
    pub(crate) fn sizes(&mut self, second: u64) -> Vec<Vec<usize>> {
        self.pass(second).iter().map(sizes).collect()
    }

    /// How many tickets wait.
    pub(crate) fn rest(&self) -> usize {
        self.matchmaker.waiting().len()
    }
}

pub(crate) fn sizes(proposal: &Proposal) -> Vec<usize> {
    proposal.teams.iter().map(|team| team.players.len()).collect()
}

/// The ids of a match's tickets, sorted.
pub(crate) fn tickets(proposal: &Proposal) -> Vec<&str> {
    let mut ids: Vec<_> = proposal.tickets.iter().map(|ticket| ticket.id.as_str()).collect();
    ids.sort_by_key(|id| id[1..].parse::<usize>().unwrap());
    ids
}

fn player(id: &str, attributes: &Value) -> Player {
    let mut attributes = attributes.as_object().unwrap().clone();
    let latencies: BTreeMap<_, _> = match attributes.remove("latency") {
        Some(Value::Object(map)) => {
            map.iter().map(|(name, value)| (name.clone(), value.as_u64().unwrap() as u32)).collect()
        }
        _ => BTreeMap::new(),
    };
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
    Player { id: id.to_owned(), attributes, latencies, team: None }
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::Text(text.clone()),
        Value::Array(texts) => {
            AttributeValue::TextList(texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect())
        }
        Value::Object(map) => {
            AttributeValue::NumberMap(map.iter().map(|(key, number)| (key.clone(), number.as_f64().unwrap())).collect())
        }
        number => AttributeValue::Number(number.as_f64().unwrap()),
    }
}
