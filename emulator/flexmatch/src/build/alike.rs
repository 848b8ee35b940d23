//! Which teams cannot be told from each other as long as they are empty, so that a ticket is tried in one of them.

use crate::{
    expression::compiled::Expression,
    ids::TeamId,
    rule_set::set::RuleSet,
    rules::{kind::RuleKind, rule::Rule},
};

/// By team, the first team that is like it: it has the same definition, and as many players at the most. No team is
/// like another one if a rule may tell two teams of one definition apart.
pub(crate) fn alike(rule_set: &RuleSet, caps: &[Vec<u32>]) -> Vec<usize> {
    let teams = rule_set.teams();
    let mut rules = rule_set.stages().iter().flat_map(|stage| &stage.rules);
    if rules.any(|rule| tells_apart(rule_set, rule)) {
        return (0..teams.len()).collect();
    }
    let definition = |team: usize| teams[team].definition();
    let first = |team: usize| {
        let is_alike = |other: &usize| {
            definition(*other) == definition(team) && caps.iter().all(|caps| caps[*other] == caps[team])
        };
        (0..team).find(is_alike).unwrap_or(team)
    };
    (0..teams.len()).map(first).collect()
}

/// Whether a rule names some teams of a definition and not the others, or compares lists with each other, which goes by
/// place.
fn tells_apart(rule_set: &RuleSet, rule: &Rule) -> bool {
    let of_definition = |team: TeamId| rule_set.teams()[team.index()].definition();
    let names_a_part = |expression: &Expression| {
        let mut names = false;
        expression.each_teams(&mut |named| {
            let is_left_out = |other: TeamId| {
                !named.contains(&other) && named.iter().any(|team| of_definition(*team) == of_definition(other))
            };
            names |= rule_set.team_ids().any(is_left_out);
        });
        names
    };
    match rule.kind() {
        RuleKind::Collection(rule) => rule.expressions().any(names_a_part),
        RuleKind::Comparison(rule) => {
            let is_list = |expression: &Expression| expression.kind().depth() > 0;
            let has_lists = rule.reference().is_some_and(is_list) && rule.measurements().iter().any(is_list);
            has_lists || rule.measurements().iter().chain(rule.reference()).any(names_a_part)
        }
        RuleKind::Distance(rule) => rule.measurements().iter().chain([rule.reference()]).any(names_a_part),
        // They look at tickets or at other rules.
        RuleKind::AbsoluteSort(_)
        | RuleKind::BatchDistance(_)
        | RuleKind::Compound(_)
        | RuleKind::DistanceSort(_)
        | RuleKind::Latency(_) => false,
    }
}
