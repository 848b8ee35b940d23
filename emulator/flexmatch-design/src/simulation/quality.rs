//! How good a match is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use flexmatch::{AttributeType, AttributeValue, Player, Proposal, RuleSet};

/// The most attributes that are measured, the first of the rule set. A player has at most 10 of their own (the API model).
pub(crate) const MOST_ATTRIBUTES: usize = 20;

/// A match as its players find it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quality {
    pub(crate) players: usize,
    /// By attribute, in the rule set's order. Lists and maps have none.
    pub(crate) attributes: Vec<Option<AttributeQuality>>,
    /// In the location that suits its players best. None: they told no common one.
    pub(crate) latency: Option<LatencyQuality>,
}

/// An attribute in a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AttributeQuality {
    Numbers {
        /// The difference of the highest and the lowest player of a team, in the team where it is greatest.
        within: f64,
        /// The difference of the highest and the lowest team average.
        between: f64,
    },
    Texts {
        /// How many different ones there are.
        different: f64,
    },
}

/// Latencies in a location that all players of a match can reach.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LatencyQuality {
    pub(crate) location: String,
    /// Of the players.
    pub(crate) latencies: Vec<u32>,
}

impl Quality {
    pub(crate) fn of(rule_set: &RuleSet, proposal: &Proposal) -> Self {
        let all = || proposal.tickets.iter().flat_map(|ticket| &ticket.players);
        let by_id: HashMap<_, _> = all().map(|player| (player.id.as_str(), player)).collect();
        let teams: Vec<Vec<&Player>> = proposal
            .teams
            .iter()
            .map(|team| team.players.iter().filter_map(|player| by_id.get(player.id.as_str()).copied()).collect())
            .filter(|team: &Vec<_>| !team.is_empty())
            .collect();
        let attributes = 0..rule_set.attributes().len().min(MOST_ATTRIBUTES);
        Self {
            players: all().count(),
            attributes: attributes.map(|place| attribute(rule_set, place, &teams)).collect(),
            latency: latency(&all().collect::<Vec<_>>()),
        }
    }
}

fn attribute(rule_set: &RuleSet, place: usize, teams: &[Vec<&Player>]) -> Option<AttributeQuality> {
    let declared = &rule_set.attributes()[place];
    let value = |player: &&Player| player.attributes.get(declared.name()).or(declared.default()).cloned();
    match declared.kind() {
        AttributeType::Number => {
            let number = |value| if let AttributeValue::Number(number) = value { Some(number) } else { None };
            let numbers_of =
                |team: &Vec<&Player>| team.iter().filter_map(value).filter_map(number).collect::<Vec<f64>>();
            let teams: Vec<Vec<f64>> = teams.iter().map(numbers_of).collect();
            let averages = teams.iter().map(|team| team.iter().sum::<f64>() / team.len() as f64);
            let within = teams.iter().map(|team| spread(team.iter().copied())).fold(0.0, f64::max);
            Some(AttributeQuality::Numbers { within, between: spread(averages) })
        }
        AttributeType::Text => {
            let text = |value| if let AttributeValue::Text(text) = value { Some(text) } else { None };
            let texts: BTreeSet<_> = teams.iter().flatten().filter_map(value).filter_map(text).collect();
            Some(AttributeQuality::Texts { different: texts.len() as f64 })
        }
        AttributeType::TextList | AttributeType::NumberMap => None,
    }
}

/// The difference of the greatest and the least.
fn spread(numbers: impl Iterator<Item = f64> + Clone) -> f64 {
    numbers.clone().fold(f64::NEG_INFINITY, f64::max) - numbers.fold(f64::INFINITY, f64::min)
}

/// The location of the lowest average, of those that all players can reach.
fn latency(players: &[&Player]) -> Option<LatencyQuality> {
    let mut locations: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for player in players {
        for (location, latency) in &player.latencies {
            locations.entry(location).or_default().push(*latency);
        }
    }
    let common = locations.into_iter().filter(|(_, latencies)| latencies.len() == players.len());
    let best = common.min_by_key(|(_, latencies)| latencies.iter().copied().map(u64::from).sum::<u64>());
    best.map(|(location, latencies)| LatencyQuality { location: location.to_owned(), latencies })
}
