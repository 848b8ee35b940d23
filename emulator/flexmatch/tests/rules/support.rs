//! A match that a test seats itself.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{AttributeValue, Candidate, Choices, Entrant, Player, RuleSet, Standing, Ticket, TicketKind};
use serde_json::{Value, json};

/// A rule set with one attribute of each type, the teams red and blue, and the teams `trio_1` to `trio_3`.
pub(crate) fn rule_set(rules: &Value) -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [
            {"name": "skill", "type": "number", "default": 0},
            {"name": "mode", "type": "string", "default": "x"},
            {"name": "tags", "type": "string_list", "default": []},
            {"name": "maps", "type": "string_number_map", "default": {}},
        ],
        "teams": [
            {"name": "red", "minPlayers": 0, "maxPlayers": 10}, {"name": "blue", "minPlayers": 0, "maxPlayers": 10},
            {"name": "trio", "minPlayers": 0, "maxPlayers": 5, "quantity": 3},
        ],
        "rules": rules,
    })
}

/// Tickets in the teams of a rule set.
pub(crate) struct Match {
    pub(crate) rule_set: RuleSet,
    seated: Vec<(Entrant, String)>,
}

impl Match {
    pub(crate) fn new(body: &Value, choices: Choices) -> Self {
        let parsed = RuleSet::parse_with(&body.to_string(), choices);
        let rule_set = parsed.unwrap_or_else(|problems| panic!("{problems:#?}"));
        Self { rule_set, seated: Vec::new() }
    }

    /// Of one rule, to which a name is given.
    pub(crate) fn of_rule(rule: &Value) -> Self {
        Self::of_rule_with(rule, Choices::default())
    }

    pub(crate) fn of_rule_with(rule: &Value, choices: Choices) -> Self {
        let mut rule = rule.clone();
        rule["name"] = json!("Rule");
        Self::new(&rule_set(&json!([rule])), choices)
    }

    /// Adds a ticket of players who came at 0. `players` is a list of objects with attributes and `latency`.
    pub(crate) fn seat(mut self, team: &str, players: &Value) -> Self {
        let number = self.seated.len();
        let players = players.as_array().unwrap().iter().enumerate();
        let players = players.map(|(place, given)| player(&format!("p{number}.{place}"), given)).collect();
        let ticket = Ticket { id: format!("t{number}"), arrival: Duration::ZERO, kind: TicketKind::New, players };
        self.seated.push((self.rule_set.admit(&ticket).unwrap(), team.to_owned()));
        self
    }

    /// Adds single players with skills.
    pub(crate) fn skills(self, team: &str, skills: &[i32]) -> Self {
        skills.iter().fold(self, |seated, skill| seated.seat(team, &json!([{"skill": skill}])))
    }

    /// Adds the backfill of a session whose players are all in one team.
    pub(crate) fn backfill(mut self, team: &str, players: &Value) -> Self {
        let players = players.as_array().unwrap().iter().enumerate();
        let players = players
            .map(|(place, given)| Player { team: Some(team.to_owned()), ..player(&format!("b.{place}"), given) })
            .collect();
        let ticket = Ticket { id: "b".to_owned(), arrival: Duration::ZERO, kind: TicketKind::Backfill, players };
        self.seated.push((self.rule_set.admit(&ticket).unwrap(), team.to_owned()));
        self
    }

    pub(crate) fn candidate(&self) -> Candidate<'_> {
        let mut candidate = self.rule_set.candidate();
        for (entrant, team) in &self.seated {
            match entrant.kind() {
                TicketKind::New => candidate.add(entrant, self.rule_set.team(team).unwrap()),
                TicketKind::Backfill => candidate.add_backfill(entrant),
            }
        }
        candidate
    }

    /// How it stands with a rule, and what was measured.
    pub(crate) fn explain(&self, rule: &str) -> (Standing, String) {
        let stage = self.rule_set.stage(Duration::ZERO);
        stage.explain(self.rule_set.rule(rule).unwrap(), &self.candidate())
    }

    /// How it stands with its only rule.
    pub(crate) fn standing(&self) -> Standing {
        self.explain("Rule").0
    }
}

pub(crate) fn player(id: &str, given: &Value) -> Player {
    let mut given = given.as_object().unwrap().clone();
    let latencies = match given.remove("latency") {
        Some(Value::Object(map)) => map.into_iter().map(|(name, ms)| (name, ms.as_u64().unwrap() as u32)).collect(),
        _ => BTreeMap::new(),
    };
    let attributes = given.into_iter().map(|(name, value)| (name, attribute(value))).collect();
    Player { id: id.to_owned(), attributes, latencies, team: None }
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::Text(text),
        Value::Array(texts) => {
            AttributeValue::TextList(texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect())
        }
        Value::Object(map) => {
            AttributeValue::NumberMap(map.into_iter().map(|(key, number)| (key, number.as_f64().unwrap())).collect())
        }
        number => AttributeValue::Number(number.as_f64().unwrap()),
    }
}
