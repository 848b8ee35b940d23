//! Around whom matches are built, in which teams tickets are tried, and who changes places at the end.

use flexmatch::{Choices, Settings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{World, tickets};

fn skill(skill: u32) -> Value {
    json!({"skill": skill})
}

#[test]
fn a_ticket_is_tried_in_the_team_with_the_fewest_players_first() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "teams": [{"name": "t", "minPlayers": 1, "maxPlayers": 4, "quantity": 3}],
    });
    for seed in 0..20 {
        let mut world = World::new(&body);
        world.rng.seed(seed);
        world.solos(6, json!({}));
        assert_eq!(world.sizes(0), [[2, 2, 2]], "seed {seed}");
    }
}

/// Around each of the first three, greedy averages refuse the fourth: only around the fourth there is a match, with all
/// of them. That nothing was found around them does not show that they fit nobody.
#[rstest]
#[case::searched_to_its_end(Settings::default().second_thoughts)]
#[case::cut_short(0)]
fn who_was_an_anchor_in_vain_is_a_partner_still_if_averages_refused_the_others(#[case] second_thoughts: u64) {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "red", "minPlayers": 2, "maxPlayers": 2}, {"name": "blue", "minPlayers": 2, "maxPlayers": 2}],
        "rules": [{"name": "Fair", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
                   "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 20}],
    });
    let settings = Settings { second_thoughts, ..Settings::default() };
    let mut world = World::with(&body, settings, Choices::default());
    [0, 50, 50, 100].into_iter().for_each(|number| world.party(0, &[skill(number)]));
    let matches = world.pass(0);
    assert_eq!(matches.len(), 1);
    assert_eq!(matches[0].tickets[0].id, "t3");
    assert_eq!(tickets(&matches[0]), ["t0", "t1", "t2", "t3"]);
}

/// Forty players are too slow for every location, which no other player can mend, although averages can be mended. Each
/// is tried once in each team, and forty others have their matches as if these were not there.
#[test]
fn who_is_refused_alone_for_good_is_tried_by_nobody() {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "red", "minPlayers": 2, "maxPlayers": 2}, {"name": "blue", "minPlayers": 2, "maxPlayers": 2}],
        "rules": [{"name": "Fair", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
                   "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 20},
                  {"name": "Near", "type": "latency", "maxLatency": 100}],
    });
    let pass = |slow: usize| {
        let mut world = World::new(&body);
        (0..slow).for_each(|_| world.party(0, &[json!({"skill": 1, "latency": {"eu-west-1": 150}})]));
        (0..40).for_each(|_| world.party(1, &[json!({"skill": 1, "latency": {"eu-west-1": 50}})]));
        let matches = world.pass(2);
        (matches.len(), world.matchmaker.looks())
    };
    let ((alone, work), (beside, more)) = (pass(0), pass(40));
    assert_eq!((alone, beside), (10, 10));
    // Two rules look at one player in one of two teams.
    assert_eq!(more - work, 40 * 2 * (1 + 2));
}

/// Alone, the first one is below the average. The second one makes up for it.
#[test]
fn who_is_refused_alone_by_averages_is_a_partner_still() {
    let mut world = World::new(&json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}],
        "teams": [{"name": "all", "minPlayers": 2, "maxPlayers": 2}],
        "rules": [{"name": "Good", "type": "comparison", "operation": ">=", "referenceValue": 50,
                   "measurements": ["avg(flatten(teams[*].players.attributes[skill]))"]}],
    }));
    [0, 100].into_iter().for_each(|number| world.party(0, &[skill(number)]));
    assert_eq!(world.sizes(0), [[2]]);
}

/// Two players of skill 1 and two of skill 9, who come in turn.
fn small_and_balanced(rules: &Value, seed: u64) -> Vec<Vec<u32>> {
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number"}, {"name": "role", "type": "string"}],
        "algorithm": {"strategy": "balanced", "balancedAttribute": "skill"},
        "teams": [{"name": "red", "minPlayers": 2, "maxPlayers": 2}, {"name": "blue", "minPlayers": 2, "maxPlayers": 2}],
        "rules": rules,
    });
    let mut world = World::new(&body);
    world.rng.seed(seed);
    let skills = [1, 9, 1, 9];
    for number in skills {
        world.party(0, &[json!({"skill": number, "role": format!("of {number}")})]);
    }
    let matches = world.pass(0);
    let skill_of = |ticket: &str| skills[ticket[1..].parse::<usize>().unwrap()];
    let teams = matches[0].teams.iter().map(|team| {
        let mut skills: Vec<_> = team.players.iter().map(|player| skill_of(&player.ticket)).collect();
        skills.sort_unstable();
        skills
    });
    teams.collect()
}

#[test]
fn tickets_of_small_balanced_matches_change_places() {
    for seed in 0..10 {
        assert_eq!(small_and_balanced(&json!([]), seed), [[1, 9], [1, 9]], "seed {seed}");
    }
}

#[test]
fn tickets_change_places_only_while_the_rules_hold() {
    let alike = |team: &str| {
        let measured = format!("teams[{team}].players.attributes[role]");
        json!({"name": team, "type": "comparison", "operation": "=", "measurements": [measured]})
    };
    for seed in 0..10 {
        let mut teams = small_and_balanced(&json!([alike("red"), alike("blue")]), seed);
        teams.sort_unstable();
        assert_eq!(teams, [[1, 1], [9, 9]], "seed {seed}");
    }
}
