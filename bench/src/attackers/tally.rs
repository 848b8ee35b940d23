//! How the honest players fared.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    attackers::{attack::Codes, honest::Step},
    report::{percentile, seconds, sorted},
};

/// What became of one player.
#[derive(Clone, Debug)]
pub struct Fate {
    /// What the player wanted, one thing after the other; only the last can be refused.
    pub steps: Vec<Step>,
    /// Whether an attacker has the same key of the usage plan.
    pub shares_a_key: bool,
}

impl Fate {
    /// Whether the player got all it wanted.
    pub fn is_served(&self) -> bool {
        self.steps.iter().all(|step| step.refused.is_none())
    }
}

/// What became of all players.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Each player's fate.
    pub players: Vec<Fate>,
    /// Instances that were started: of functions, and of `authorize`.
    pub instances: (usize, usize),
    /// The answers to the attackers.
    pub attackers: Codes,
}

impl Tally {
    /// Adds the players of another round.
    pub fn add(&mut self, other: Self) {
        self.players.extend(other.players);
        self.instances.0 = self.instances.0.max(other.instances.0);
        self.instances.1 = self.instances.1.max(other.instances.1);
        for (code, count) in other.attackers {
            *self.attackers.entry(code).or_default() += count;
        }
    }

    /// Returns the share of players who got all they wanted.
    pub fn served(&self) -> f64 {
        let served = self.players.iter().filter(|player| player.is_served()).count();
        served as f64 / self.players.len().max(1) as f64
    }

    /// Returns the number of players who share their key with an attacker, and how many of them were served.
    pub fn sharing(&self) -> (usize, usize) {
        let sharing: Vec<_> = self.players.iter().filter(|player| player.shares_a_key).collect();
        (sharing.len(), sharing.iter().filter(|player| player.is_served()).count())
    }

    /// Returns a percentile of the time that a thing took, further requests and waits for them included.
    pub fn took(&self, percent: usize) -> Option<Duration> {
        percentile(&sorted(self.steps().map(|step| step.took)), percent)
    }

    /// Returns the things that took longest, the longest first.
    pub fn slowest(&self, count: usize) -> Vec<&Step> {
        let mut steps: Vec<_> = self.steps().collect();
        steps.sort_unstable_by_key(|step| std::cmp::Reverse(step.took));
        steps.truncate(count);
        steps
    }

    /// Returns the refusals: what was wanted, and the code.
    pub fn refusals(&self) -> BTreeMap<String, usize> {
        let mut refusals = BTreeMap::new();
        for step in self.steps() {
            if let Some(code) = &step.refused {
                *refusals.entry(format!("{}: {code}", step.what)).or_default() += 1;
            }
        }
        refusals
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.players.iter().flat_map(|player| &player.steps)
    }

    /// Returns the cells of a row.
    pub(crate) fn cells(&self) -> Vec<String> {
        let at_once = self.steps().filter(|step| step.tries == 1 && step.refused.is_none()).count();
        let (sharing, served) = self.sharing();
        let counted = |counts: BTreeMap<String, usize>| {
            let counts = counts.into_iter().map(|(what, count)| format!("{count} × {what}"));
            counts.collect::<Vec<_>>().join(", ")
        };
        vec![
            percent(self.served()),
            percent(at_once as f64 / self.steps().count().max(1) as f64),
            seconds(self.took(50)),
            seconds(self.took(99)),
            if sharing == 0 { "–".to_owned() } else { format!("{served} of {sharing}") },
            self.instances.0.to_string(),
            self.instances.1.to_string(),
            counted(self.refusals()),
            counted(self.attackers.clone()),
        ]
    }
}

/// The heads of the cells.
pub(crate) const HEADS: [&str; 9] = [
    "players served",
    "things at the first try",
    "p50",
    "p99",
    "served of those who share an attacker's key",
    "instances of functions",
    "of `authorize`",
    "what players did not get",
    "the attackers' answers",
];

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
