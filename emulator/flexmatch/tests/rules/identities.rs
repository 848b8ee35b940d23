//! What always holds between expressions.

use std::collections::BTreeSet;

use flexmatch::Choices;
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use crate::support::{Match, rule_set};

const SKILLS: &str = "flatten(teams[*].players.attributes[skill])";

/// What an expression is in a match, as it is printed.
fn value(expression: &str, teams: &[Vec<Value>]) -> String {
    let measured = json!({"name": "Measured", "type": "collection", "measurements": [expression], "minCount": 0,
                          "operation": "reference_intersection_count", "referenceValue": ["x"]});
    let numbers = json!({"name": "Measured", "type": "comparison", "measurements": [expression], "operation": "="});
    let rule = if expression.contains("tags") { measured } else { numbers };
    let mut seated = Match::new(&rule_set(&json!([rule])), Choices::default());
    for (team, tickets) in ["red", "blue", "trio_2"].into_iter().zip(teams) {
        seated = tickets.iter().fold(seated, |seated, ticket| seated.seat(team, ticket));
    }
    let (_, said) = seated.explain("Measured");
    let said = said.strip_prefix(&format!("{expression} is ")).unwrap().to_owned();
    said.split_once("], ['x'] is").map_or(said.clone(), |(value, _)| format!("{value}]"))
}

fn number(expression: &str, teams: &[Vec<Value>]) -> f64 {
    value(expression, teams).parse().unwrap()
}

/// The strings of a printed list.
fn texts(list: &str) -> BTreeSet<String> {
    let inside = list.trim_matches(['[', ']']);
    inside.split(", ").filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// Tickets of one to three players in three teams.
fn teams() -> impl Strategy<Value = Vec<Vec<Value>>> {
    let tags = prop::sample::subsequence(vec!["p", "q", "r"], 0..=3);
    let player = (-50..50_i32, tags).prop_map(|(skill, tags)| json!({"skill": skill, "tags": tags}));
    let ticket = vec(player, 1..=3).prop_map(|players| json!(players));
    vec(vec(ticket, 0..=3), 3)
}

fn players(teams: &[Vec<Value>]) -> usize {
    teams.iter().flatten().map(|ticket| ticket.as_array().unwrap().len()).sum()
}

proptest! {
    #![proptest_config(random_cases::config(100))]

    #[test]
    fn an_average_is_the_sum_by_the_count(teams in teams()) {
        prop_assume!(players(&teams) > 0);
        let (sum, count) = (number(&format!("sum({SKILLS})"), &teams), number(&format!("count({SKILLS})"), &teams));
        prop_assert_eq!(number(&format!("avg({SKILLS})"), &teams), sum / count);
    }

    #[test]
    fn the_players_of_all_teams_are_those_of_the_match(teams in teams()) {
        let size = players(&teams) as f64;
        prop_assert_eq!(number("sum(count(teams[*].players))", &teams), size);
        prop_assert_eq!(number("count(flatten(teams[*].players))", &teams), size);
        prop_assert_eq!(number(&format!("count({SKILLS})"), &teams), size);
    }

    #[test]
    fn averages_and_medians_lie_between_the_extremes(teams in teams()) {
        prop_assume!(players(&teams) > 0);
        let of = |function: &str| number(&format!("{function}({SKILLS})"), &teams);
        for middle in [of("avg"), of("median")] {
            prop_assert!(of("min") - 1e-9 <= middle && middle <= of("max") + 1e-9);
        }
        prop_assert!(of("stddev") <= of("max") - of("min") + 1e-9);
    }

    #[test]
    fn an_intersection_does_not_depend_on_the_order(mut teams in teams()) {
        let shared = "set_intersection(flatten(teams[*].players.attributes[tags]))";
        let before = texts(&value(shared, &teams));
        teams.reverse();
        teams.iter_mut().for_each(|tickets| tickets.reverse());
        prop_assert_eq!(texts(&value(shared, &teams)), before);
    }

    /// Who has the same strings as another one takes none away.
    #[test]
    fn an_intersection_with_itself_is_itself(mut teams in teams()) {
        let shared = "set_intersection(flatten(teams[*].players.attributes[tags]))";
        let before = texts(&value(shared, &teams));
        let again: Vec<_> = teams[0].clone();
        teams[0].extend(again);
        prop_assert_eq!(texts(&value(shared, &teams)), before);
    }
}
