//! Property expressions, evaluated while they are read.

use flexmatch::{AttributeValue, Choices, PartyWeight, StandardDeviation};
use serde_json::Value;

use super::{seated::Seated, state::teams};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Number(f64),
    Text(String),
    List(Vec<Term>),
    /// Of an empty list.
    Nothing,
}

/// What an expression is read against.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) state: &'a Value,
    pub(crate) seated: &'a [Seated<'a>],
    /// `partyAggregation`.
    pub(crate) party: &'a str,
    pub(crate) choices: Choices,
}

impl Term {
    /// What is inside all lists.
    pub(crate) fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::List(terms) => terms.iter().flat_map(Self::leaves).collect(),
            other => vec![other],
        }
    }

    /// What is inside so many lists.
    pub(crate) fn inside(&self, lists: usize) -> Vec<&Self> {
        match lists {
            0 => vec![self],
            _ => self.elements().iter().flat_map(|term| term.inside(lists - 1)).collect(),
        }
    }

    pub(crate) fn elements(&self) -> &[Self] {
        match self {
            Self::List(terms) => terms,
            _ => &[],
        }
    }
}

impl Scene<'_> {
    /// A value of the JSON: a literal, or an expression.
    pub(crate) fn evaluate(&self, value: &Value) -> Term {
        match value {
            Value::Number(number) => Term::Number(number.as_f64().unwrap()),
            Value::Array(values) => Term::List(values.iter().map(|value| self.evaluate(value)).collect()),
            Value::String(text) => self.expression(text),
            other => panic!("no expression: {other}"),
        }
    }

    fn expression(&self, text: &str) -> Term {
        if let Some(path) = text.strip_prefix("teams[") {
            return self.path(path);
        }
        match text.split_once('(') {
            Some((function, rest)) => {
                apply(function, self.expression(rest.strip_suffix(')').unwrap()), self.choices.standard_deviation)
            }
            None => Term::Text(text.to_owned()),
        }
    }

    fn path(&self, path: &str) -> Term {
        let (names, property) = path.split_once(']').unwrap();
        let all: Vec<_> = teams(self.state).into_iter().map(|team| team.0).collect();
        let of_team = |team: &String| self.team(team, property);
        if names == "*" {
            return Term::List(all.iter().map(of_team).collect());
        }
        // One team of the definition, or all of its quantity.
        let meant: Vec<_> = all.iter().filter(|team| is_meant(team, names)).map(of_team).collect();
        if meant.len() == 1 { meant[0].clone() } else { Term::List(meant) }
    }

    fn team(&self, team: &str, property: &str) -> Term {
        let mut terms = Vec::new();
        for one in self.seated {
            for player in one.players_in(team) {
                let Some(attribute) = property.strip_prefix(".players.attributes[") else {
                    terms.push(Term::Text(one.ticket.players[player].id.clone()));
                    continue;
                };
                let term = self.attribute(one, player, attribute.strip_suffix(']').unwrap());
                // A party's common value counts once, if it is so chosen. Texts are never common.
                let is_common = one.party(player).len() > 1 && !matches!(term, Term::Text(_));
                if player == 0 || !is_common || self.choices.party_weight == PartyWeight::PerPlayer {
                    terms.push(term);
                }
            }
        }
        Term::List(terms)
    }

    fn attribute(&self, one: &Seated<'_>, player: usize, attribute: &str) -> Term {
        match one.own(self.state, player, attribute) {
            AttributeValue::Number(_) => Term::Number(one.number(self.state, player, attribute, self.party)),
            AttributeValue::Text(text) => Term::Text(text),
            AttributeValue::TextList(_) => {
                let lists = one.party(player).into_iter().map(|other| match one.own(self.state, other, attribute) {
                    AttributeValue::TextList(texts) => texts,
                    other => panic!("no list: {other:?}"),
                });
                let lists: Vec<Vec<String>> = lists.collect();
                let mut texts: Vec<String> = lists.concat();
                texts.sort();
                texts.dedup();
                if self.party == "intersection" {
                    texts.retain(|text| lists.iter().all(|list| list.contains(text)));
                }
                Term::List(texts.into_iter().map(Term::Text).collect())
            }
            other @ AttributeValue::NumberMap(_) => panic!("no expression reads {other:?}"),
        }
    }
}

/// Whether a name is that of the team, or of its definition.
fn is_meant(team: &str, name: &str) -> bool {
    team == name || team.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
}

/// In how many lists the lists of players are that an expression leads to: of a team, and of several teams.
pub(crate) fn depth(state: &Value, expression: &str) -> usize {
    let Some((names, _)) = expression.strip_prefix("teams[").and_then(|path| path.split_once(']')) else { return 1 };
    let meant = teams(state).into_iter().filter(|(team, ..)| names == "*" || is_meant(team, names)).count();
    if names == "*" || meant > 1 { 2 } else { 1 }
}

fn apply(function: &str, term: Term, deviation: StandardDeviation) -> Term {
    let Term::List(terms) = term else { panic!("{function} of no list") };
    if function == "flatten" {
        return Term::List(terms.into_iter().flat_map(|term| term.elements().to_vec()).collect());
    }
    if function == "set_intersection" {
        let Some(first) = terms.first() else { return Term::List(Vec::new()) };
        let everywhere = |term: &&Term| terms.iter().all(|list| list.elements().contains(term));
        return Term::List(first.elements().iter().filter(everywhere).cloned().collect());
    }
    if terms.iter().any(|term| matches!(term, Term::List(_))) {
        return Term::List(terms.into_iter().map(|term| apply(function, term, deviation)).collect());
    }
    if function == "count" {
        return Term::Number(terms.len() as f64);
    }
    statistic(function, &terms, deviation)
}

fn statistic(function: &str, terms: &[Term], deviation: StandardDeviation) -> Term {
    let mut numbers = Vec::new();
    for term in terms {
        let Term::Number(number) = term else { return Term::Nothing };
        numbers.push(*number);
    }
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    if function == "sum" {
        return Term::Number(sum + 0.0);
    }
    if numbers.is_empty() {
        return Term::Nothing;
    }
    numbers.sort_by(f64::total_cmp);
    Term::Number(match function {
        "min" => numbers[0],
        "max" => numbers[numbers.len() - 1],
        "avg" => sum / count,
        "median" => f64::midpoint(numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]),
        "stddev" => {
            let squares: f64 = numbers.iter().map(|number| (number - sum / count).powi(2)).sum();
            match deviation {
                StandardDeviation::Population => (squares / count).sqrt(),
                StandardDeviation::Sample if numbers.len() == 1 => return Term::Nothing,
                StandardDeviation::Sample => (squares / (count - 1.0)).sqrt(),
            }
        }
        other => panic!("no function {other}"),
    })
}
