//! Teams whose sizes the rules about numbers of players forbid.
//!
//! All sizes that the teams may have are tried with the rules that look at nothing but those numbers.

use std::{collections::BTreeMap, time::Duration};

use flexmatch::{
    AttributeType, AttributeValue, CollectionOperation, Entrant, Player, Problem, RuleId, RuleKind, RuleSet, Stage,
    TeamId, Ticket, TicketKind,
};

/// The most sizes that are tried, at all ages together. With more, nothing is said.
const MOST_TRIALS: usize = 20_000;

pub(crate) fn find(rule_set: &RuleSet) -> Vec<Problem> {
    let mut found = too_few_for_collections(rule_set);
    let rules: Vec<_> = counting_rules(rule_set).collect();
    let Some(anyone) = anyone(rule_set).filter(|_| !rules.is_empty()) else { return found };
    let mut reached = vec![0; rule_set.teams().len()];
    let mut trials = MOST_TRIALS;
    for stage in rule_set.stages() {
        if try_all(rule_set, stage, &rules, &anyone, &mut reached, &mut trials).is_none() {
            return found;
        }
    }
    if reached.iter().all(|size| *size == 0) {
        let names: Vec<_> = rules.iter().map(|rule| rule_set.rules()[rule.index()].name()).collect();
        found.push(Problem {
            path: format!("$.rules[{}]", rules[0].index()),
            reason: format!("no match can ever start: no sizes of the teams satisfy {}", names.join(" and ")),
            remedy: "change the rule, or minPlayers and maxPlayers of the teams".to_owned(),
        });
        return found;
    }
    let max_of = |team: TeamId| rule_set.stages().iter().map(|stage| stage.size(team).max()).max().unwrap_or(0);
    let mut last = None;
    for team in rule_set.team_ids().filter(|team| reached[team.index()] < max_of(*team)) {
        let of_set = &rule_set.teams()[team.index()];
        if last.replace(of_set.definition()) == Some(of_set.definition()) {
            continue;
        }
        found.push(Problem {
            path: format!("$.teams[{}].maxPlayers", of_set.definition()),
            reason: format!(
                "the team {} can never fill: the rules allow it {} of {} players",
                of_set.name(),
                reached[team.index()],
                max_of(team)
            ),
            remedy: "lower maxPlayers, or change the sizes of the other teams".to_owned(),
        });
    }
    found
}

/// `contains` counts players' lists: there are as many as players.
fn too_few_for_collections(rule_set: &RuleSet) -> Vec<Problem> {
    let wants_too_many = |stage: &Stage, id: RuleId| match stage.rule(id).kind() {
        RuleKind::Collection(rule) => {
            matches!(rule.operation(), CollectionOperation::Contains(_))
                && rule.min().is_some_and(|min| min > stage.total().max())
        }
        _ => false,
    };
    let conditions = rule_set.stages()[0].conditions();
    let impossible = conditions.filter(|(id, _)| rule_set.stages().iter().all(|stage| wants_too_many(stage, *id)));
    let warn = |(id, rule): (RuleId, &flexmatch::Rule)| Problem {
        path: format!("$.rules[{}].minCount", id.index()),
        reason: format!("no match can ever start: {} counts more players than a match has", rule.name()),
        remedy: "lower minCount, or make the teams larger".to_owned(),
    };
    impossible.map(warn).collect()
}

/// The rules that look at numbers of players only.
fn counting_rules(rule_set: &RuleSet) -> impl Iterator<Item = RuleId> {
    let conditions = rule_set.stages()[0].conditions();
    let counts = conditions.filter(|(_, rule)| {
        let expressions: Vec<_> = match rule.kind() {
            RuleKind::Comparison(rule) => rule.measurements().iter().chain(rule.reference()).collect(),
            RuleKind::Distance(rule) => rule.measurements().iter().chain([rule.reference()]).collect(),
            _ => return false,
        };
        let texts: Vec<_> = expressions.into_iter().map(ToString::to_string).collect();
        texts.iter().any(|text| text.contains("count(")) && texts.iter().all(|text| !text.contains(".attributes["))
    });
    counts.map(|(id, _)| id)
}

/// Raises `reached` to the largest size of each team in any legal match. None: there are too many sizes.
fn try_all(
    rule_set: &RuleSet,
    stage: &Stage,
    rules: &[RuleId],
    anyone: &Entrant,
    reached: &mut [u32],
    trials: &mut usize,
) -> Option<()> {
    let teams: Vec<_> = rule_set.team_ids().collect();
    let mut sizes: Vec<_> = teams.iter().map(|team| stage.size(*team).min()).collect();
    loop {
        *trials = trials.checked_sub(1)?;
        let mut candidate = rule_set.candidate();
        for (team, size) in teams.iter().zip(&sizes) {
            (0..*size).for_each(|_| candidate.add(anyone, *team));
        }
        if rules.iter().all(|rule| stage.explain(*rule, &candidate).0.is_legal()) {
            reached.iter_mut().zip(&sizes).for_each(|(most, size)| *most = (*most).max(*size));
        }
        // The next sizes, as a counter goes on.
        let Some(next) = teams.iter().position(|team| sizes[team.index()] < stage.size(*team).max()) else {
            return Some(());
        };
        sizes[next] += 1;
        teams[..next].iter().for_each(|team| sizes[team.index()] = stage.size(*team).min());
    }
}

/// A player of whom only the number counts.
fn anyone(rule_set: &RuleSet) -> Option<Entrant> {
    let value = |kind| match kind {
        AttributeType::Number => AttributeValue::Number(0.0),
        AttributeType::Text => AttributeValue::Text("any".to_owned()),
        AttributeType::TextList => AttributeValue::TextList(Vec::new()),
        AttributeType::NumberMap => AttributeValue::NumberMap(BTreeMap::new()),
    };
    let attributes = rule_set.attributes().iter();
    let player = Player {
        id: "anyone".to_owned(),
        attributes: attributes.map(|declared| (declared.name().to_owned(), value(declared.kind()))).collect(),
        latencies: BTreeMap::from([("anywhere".to_owned(), 0)]),
        team: None,
    };
    let ticket =
        Ticket { id: "anyone".to_owned(), arrival: Duration::ZERO, kind: TicketKind::New, players: vec![player] };
    rule_set.admit(&ticket).ok()
}
