//! What a designer reads of a simulation.

use std::collections::BTreeMap;

use flexmatch::RuleSet;
use serde::Serialize;

use crate::simulation::{
    played::{Counts, Played},
    quality::{AttributeQuality, MOST_ATTRIBUTES},
    quantiles::Quantiles,
    reason::Reason,
    timeline::{Interval, intervals},
};

/// The results of a simulation. As JSON it has these members, in this order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The rule set's name.
    pub rule_set: Option<String>,
    /// The seed.
    pub seed: u64,
    /// How much virtual time passed until the last ticket was matched or timed out.
    pub simulated_seconds: f64,
    /// How often the pool was passed over.
    pub passes: u64,
    /// The most tickets that waited at once.
    pub most_waiting: usize,
    /// What became of the tickets.
    pub tickets: Counts,
    /// What became of the players.
    pub players: Counts,
    /// How many matches there were.
    pub matches: usize,
    /// The players of a match.
    pub match_players: Option<Quantiles>,
    /// How long the matched tickets waited.
    pub wait_seconds: Option<Quantiles>,
    /// Attributes that are numbers.
    pub numbers: Vec<NumberSpread>,
    /// Attributes that are strings.
    pub strings: Vec<StringSpread>,
    /// Attributes that are not measured: only the first 20 of a rule set are.
    pub not_measured: Vec<String>,
    /// Latencies, if players told any.
    pub latency: Option<Latency>,
    /// Which steps of expansions were in force.
    pub expansions: Vec<Expansion>,
    /// Why tickets were never matched, the most frequent first.
    pub unmatched: Vec<Unmatched>,
    /// The same by time.
    pub over_time: Vec<Interval>,
}

/// How far apart the players of a match are. Each match counts once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberSpread {
    /// The attribute.
    pub name: String,
    /// The difference of the highest and the lowest player of a team, in the team of a match where it is greatest.
    pub within_team: Quantiles,
    /// The difference of the highest and the lowest team average of a match.
    pub between_teams: Quantiles,
}

/// How many different strings there are in a match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StringSpread {
    /// The attribute.
    pub name: String,
    /// How many.
    pub different: Quantiles,
}

/// Latencies of the players, each match in the location that suits it best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// The players' latencies.
    pub players_ms: Quantiles,
    /// The matches by location.
    pub locations: BTreeMap<String, usize>,
    /// The matches whose players had no location in common.
    pub without_common_location: usize,
}

/// The matches by the step of an expansion that was in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expansion {
    /// What changes, such as `rules[Near].maxLatency`.
    pub target: String,
    /// The matches before the first step.
    pub before: usize,
    /// The steps in their order.
    pub steps: Vec<Step>,
}

/// A step of an expansion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// `waitTimeSeconds`.
    pub wait_seconds: f64,
    /// The value from then on.
    pub value: serde_json::Value,
    /// The matches in which it was the last step in force.
    pub matches: usize,
}

/// Tickets that were never matched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unmatched {
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
    /// How many.
    pub tickets: usize,
}

impl Report {
    /// The results of what was played with a rule set and a seed.
    #[must_use]
    pub fn new(rule_set: &RuleSet, seed: u64, played: &Played) -> Self {
        let names: Vec<_> = rule_set.attributes().iter().map(|declared| declared.name().to_owned()).collect();
        let waits = played.matched.iter().map(|ticket| ticket.wait.as_secs_f64());
        let mut unmatched: Vec<_> = played
            .unmatched
            .iter()
            .map(|(reason, tickets)| Unmatched { reason: reason.clone(), tickets: *tickets })
            .collect();
        unmatched.sort_by_key(|one| std::cmp::Reverse(one.tickets));
        let (numbers, strings) = attributes(played, &names);
        Self {
            rule_set: rule_set.name().map(str::to_owned),
            seed,
            simulated_seconds: played.end.as_secs_f64(),
            passes: played.passes,
            most_waiting: played.most_waiting,
            tickets: played.tickets,
            players: played.players,
            matches: played.matches.len(),
            match_players: Quantiles::of(played.matches.iter().map(|one| one.quality.players as f64)),
            wait_seconds: Quantiles::of(waits),
            numbers,
            strings,
            not_measured: names.iter().skip(MOST_ATTRIBUTES).cloned().collect(),
            latency: latency(played),
            expansions: expansions(rule_set, played),
            unmatched,
            over_time: intervals(played, &names),
        }
    }
}

fn attributes(played: &Played, names: &[String]) -> (Vec<NumberSpread>, Vec<StringSpread>) {
    let (mut all_numbers, mut all_strings) = (Vec::new(), Vec::new());
    for (place, name) in names.iter().enumerate() {
        let (mut within_team, mut between_teams, mut different_ones) = (Vec::new(), Vec::new(), Vec::new());
        let qualities = played.matches.iter().filter_map(|one| *one.quality.attributes.get(place)?);
        for quality in qualities {
            match quality {
                AttributeQuality::Numbers { within, between } => {
                    within_team.push(within);
                    between_teams.push(between);
                }
                AttributeQuality::Texts { different } => different_ones.push(different),
            }
        }
        if let (Some(within_team), Some(between_teams)) = (Quantiles::of(within_team), Quantiles::of(between_teams)) {
            all_numbers.push(NumberSpread { name: name.clone(), within_team, between_teams });
        }
        if let Some(different) = Quantiles::of(different_ones) {
            all_strings.push(StringSpread { name: name.clone(), different });
        }
    }
    (all_numbers, all_strings)
}

fn latency(played: &Played) -> Option<Latency> {
    let told = || played.matches.iter().filter_map(|one| one.quality.latency.as_ref());
    let players_ms = Quantiles::of(told().flat_map(|one| one.latencies.iter().copied().map(f64::from)))?;
    let mut locations = BTreeMap::new();
    told().for_each(|one| *locations.entry(one.location.clone()).or_default() += 1);
    Some(Latency { players_ms, locations, without_common_location: played.matches.len() - told().count() })
}

fn expansions(rule_set: &RuleSet, played: &Played) -> Vec<Expansion> {
    let of_expansion = |(place, expansion): (usize, &flexmatch::Expansion)| {
        let with_step = |step: Option<usize>| played.matches.iter().filter(|one| one.steps[place] == step).count();
        let steps = expansion.steps().iter().enumerate().map(|(number, step)| Step {
            wait_seconds: step.wait().as_secs_f64(),
            value: step.value().clone(),
            matches: with_step(Some(number)),
        });
        Expansion { target: expansion.target().to_string(), before: with_step(None), steps: steps.collect() }
    };
    rule_set.expansions().iter().enumerate().map(of_expansion).collect()
}
