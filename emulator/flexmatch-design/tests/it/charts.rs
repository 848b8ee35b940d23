//! Charts of simulations.

use std::{sync::Arc, time::Duration};

use flexmatch::RuleSet;
use flexmatch_design::{Chart, Conditions, Report, example_tickets, read_examples, simulate};
use serde_json::json;

/// The charts of two players who meet, each with these attributes.
fn charts(names: &[&str]) -> Vec<Chart> {
    let attributes: Vec<_> = names.iter().map(|name| json!({"name": name, "type": "number", "default": 1})).collect();
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": attributes,
        "teams": [{"name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 2}],
    });
    let rule_set = Arc::new(RuleSet::parse(&body.to_string()).unwrap());
    let examples = read_examples("{\"LatencyInMs\": {\"x\": 9}}\n{\"LatencyInMs\": {\"x\": 9}}").unwrap();
    let conditions =
        Conditions { timeout: Duration::from_secs(9), tick: Duration::from_secs(1), additional_players: 0, seed: 1 };
    let tickets = example_tickets(&examples, None, 1).into_iter();
    let played = simulate(&rule_set, tickets, conditions, |_| {}).unwrap();
    Report::new(&rule_set, 1, &played).charts()
}

#[test]
fn there_is_one_of_waits_one_of_latencies_and_one_of_each_number() {
    let charts = charts(&["skill"]);
    let names: Vec<_> = charts.iter().map(|chart| chart.file_name.as_str()).collect();
    assert_eq!(names, ["wait.svg", "latency.svg", "quality-skill.svg"]);
    for (chart, lines) in charts.iter().zip([3, 1, 2]) {
        assert!(chart.svg.starts_with("<svg ") && chart.svg.trim_end().ends_with("</svg>"), "{}", chart.svg);
        let legends = ["p50", "p90", "p99", "average of the players", "in a team", "between the teams"];
        let named = legends.iter().filter(|legend| chart.svg.contains(&format!("\n{legend}\n")));
        assert_eq!(named.count(), lines, "{}", chart.svg);
    }
    assert!(charts[2].svg.contains("Differences of skill by the time of the match"));
}

#[test]
fn names_of_files_are_safe_and_differ() {
    let names = |attributes: &[&str]| -> Vec<_> {
        charts(attributes).into_iter().skip(2).map(|chart| chart.file_name).collect()
    };
    assert_eq!(
        names(&["../up", "a b", "a-b", "A"]),
        ["quality----up-0.svg", "quality-a-b-1.svg", "quality-a-b-2.svg", "quality-A.svg"]
    );
    assert_eq!(names(&["skill", "Skill"]), ["quality-skill.svg", "quality-Skill-1.svg"]);
}
