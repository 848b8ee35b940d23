//! A rule set as the builder reads it: made once, used in every pass.

use std::cmp::Reverse;

use crate::{
    algorithm::{BalancedBatches, Strategy},
    build::{alike, refusals},
    candidate::Candidate,
    ids::{AttributeId, TeamId},
    rule_set::{set::RuleSet, stage::Stage},
    team::TeamSize,
};

/// How matches are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Ticket by ticket around the anchor. With an attribute, the teams' totals are made even at the end.
    Grow(Option<AttributeId>),
    /// Large matches, from all tickets that go together. No rule looks at teams then: only their sizes count.
    Population { balanced: AttributeId, batches: BalancedBatches },
}

/// What is needed of a rule set.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) method: Method,
    /// By stage and team: the most players, less the slots that stay free.
    caps: Vec<Vec<u32>>,
    /// By team, the greatest of all stages.
    pub(crate) highest_caps: Vec<u32>,
    /// By team, the first team that cannot be told from it as long as both are empty.
    pub(crate) alike: Vec<usize>,
    /// Whether what refuses a match in the making refuses it with any further tickets too.
    pub(crate) has_final_refusals: bool,
    /// The same by rule.
    pub(crate) final_rules: Vec<bool>,
    /// By team, the least `minPlayers` of all stages.
    pub(crate) lowest_mins: Vec<u32>,
    /// The most players that any match has.
    pub(crate) largest_match: u32,
    /// How many rules have to hold.
    pub(crate) conditions: u64,
}

impl Plan {
    pub(crate) fn new(rule_set: &RuleSet, additional_players: u32) -> Self {
        let stages = rule_set.stages();
        let caps: Vec<_> = stages.iter().map(|stage| caps(stage, additional_players)).collect();
        let teams = rule_set.teams().len();
        let highest = |team: usize| caps.iter().map(|caps| caps[team]).max().unwrap_or(0);
        let highest_caps: Vec<_> = (0..teams).map(highest).collect();
        Self {
            method: method(rule_set),
            largest_match: highest_caps.iter().sum(),
            highest_caps,
            lowest_mins: (0..teams)
                .map(|team| stages.iter().map(|stage| stage.size(TeamId(team)).min()).min().unwrap_or(0))
                .collect(),
            alike: alike::alike(rule_set, &caps),
            has_final_refusals: refusals::are_final(rule_set, &caps),
            final_rules: refusals::final_rules(rule_set, &caps),
            conditions: stages[0].conditions().count() as u64,
            caps,
        }
    }

    /// The most players of each team in a stage of the rule set.
    pub(crate) fn caps(&self, rule_set: &RuleSet, stage: &Stage) -> &[u32] {
        let later = rule_set.stages().partition_point(|other| other.from() <= stage.from());
        &self.caps[later - 1]
    }

    /// The work of looking at a match.
    pub(crate) fn looks(&self, candidate: &Candidate<'_>) -> u64 {
        1 + self.conditions * u64::from(candidate.players())
    }
}

fn method(rule_set: &RuleSet) -> Method {
    match rule_set.algorithm().strategy() {
        Strategy::ExhaustiveSearch(_) => Method::Grow(None),
        Strategy::Balanced { attribute, batches } if rule_set.is_large() => {
            Method::Population { balanced: *attribute, batches: *batches }
        }
        Strategy::Balanced { attribute, .. } => Method::Grow(Some(*attribute)),
    }
}

/// Takes free slots off the teams with the most room.
fn caps(stage: &Stage, mut free: u32) -> Vec<u32> {
    let mut caps: Vec<_> = stage.sizes.iter().map(|size| TeamSize::max(*size)).collect();
    while free > 0 {
        let above_min = (0..caps.len()).filter(|team| caps[*team] > stage.sizes[*team].min());
        let Some(team) = above_min.min_by_key(|team| Reverse(caps[*team])) else { break };
        caps[team] -= 1;
        free -= 1;
    }
    caps
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::rule_set::set::RuleSet;

    #[test]
    fn free_slots_are_taken_off_the_largest_teams_and_never_below_their_least_size() {
        let rule_set = RuleSet::parse(
            r#"{"ruleLanguageVersion": "1.0", "teams": [
                {"name": "a", "minPlayers": 4, "maxPlayers": 6}, {"name": "b", "minPlayers": 1, "maxPlayers": 5}]}"#,
        )
        .unwrap();
        let caps = |free| Plan::new(&rule_set, free).highest_caps;
        assert_eq!(caps(0), [6, 5]);
        assert_eq!(caps(1), [5, 5]);
        assert_eq!(caps(3), [4, 4]);
        assert_eq!(caps(5), [4, 2]);
        assert_eq!(caps(99), [4, 1]);
    }

    #[test]
    fn teams_of_a_definition_are_alike_if_they_take_as_many_players() {
        let rule_set = RuleSet::parse(
            r#"{"ruleLanguageVersion": "1.0", "teams": [
                {"name": "a", "minPlayers": 1, "maxPlayers": 5, "quantity": 3},
                {"name": "b", "minPlayers": 1, "maxPlayers": 5}]}"#,
        )
        .unwrap();
        assert_eq!(Plan::new(&rule_set, 0).alike, [0, 0, 0, 3]);
        assert_eq!(Plan::new(&rule_set, 1).alike, [0, 1, 1, 3]);
    }
}
