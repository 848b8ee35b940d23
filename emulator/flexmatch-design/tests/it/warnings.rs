//! Each kind of warning, and rule sets that have none.

use flexmatch::RuleSet;
use flexmatch_design::read_examples;
use serde_json::{Value, json};

/// The warnings about a rule set as `path: reason`.
fn warnings(changes: &Value, examples: &[Value]) -> Vec<String> {
    let mut body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "skill", "type": "number", "default": 10}, {"name": "mode", "type": "string"}],
        "teams": [{"name": "red", "minPlayers": 2, "maxPlayers": 4}, {"name": "blue", "minPlayers": 1, "maxPlayers": 3}],
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let rule_set = RuleSet::parse(&body.to_string()).unwrap();
    let lines: Vec<_> = examples.iter().map(ToString::to_string).collect();
    let examples = if lines.is_empty() { Vec::new() } else { read_examples(&lines.join("\n")).unwrap() };
    let found = flexmatch_design::warnings(&rule_set, &examples);
    assert!(found.iter().all(|problem| !problem.remedy.is_empty()));
    found.into_iter().map(|problem| format!("{}: {}", problem.path, problem.reason)).collect()
}

fn player(attributes: &Value) -> Value {
    json!({ "PlayerAttributes": attributes })
}

fn ctf() -> Value {
    player(&json!({"mode": {"S": "ctf"}}))
}

#[test]
fn a_rule_set_that_is_meant_has_none() {
    assert_eq!(warnings(&json!({}), &[]), [""; 0]);
    assert_eq!(warnings(&json!({}), &[ctf()]), [""; 0]);
}

#[test]
fn members_that_no_page_of_aws_names() {
    let found = warnings(&json!({"team": []}), &[]);
    assert_eq!(found, ["$.team: no page of AWS names it"]);
}

#[test]
fn an_attribute_without_default_that_example_players_lack() {
    let found = warnings(&json!({}), &[player(&json!({"skill": {"N": 5}})), player(&json!({}))]);
    let why = "which has no default: such a player can be in no match";
    assert_eq!(found, [format!("$.playerAttributes[1]: none of the 2 example players has mode, {why}")]);
    let found = warnings(&json!({}), &[ctf(), player(&json!({}))]);
    assert_eq!(found, [format!("$.playerAttributes[1]: 1 of 2 example players lack mode, {why}")]);
}

#[test]
fn an_attribute_that_is_not_declared_or_of_another_type() {
    let found = warnings(&json!({}), &[player(&json!({"mode": {"N": 1}, "skil": {"N": 5}}))]);
    assert_eq!(
        found,
        [
            "$.playerAttributes[1].type: 1 of 1 example players have a number as mode",
            "$.playerAttributes: example players have skil, which is not declared and therefore ignored",
        ]
    );
}

#[test]
fn tickets_that_no_team_takes_and_players_without_latencies() {
    let near = json!({"name": "Near", "type": "latency", "maxLatency": 100});
    let steps = json!([{"waitTimeSeconds": 10, "value": 200}]);
    let changes = json!({"rules": [near], "expansions": [{"target": "rules[Near].maxLatency", "steps": steps}]});
    let here = json!({"PlayerAttributes": {"mode": {"S": "ctf"}}, "LatencyInMs": {"us-west-2": 20}});
    assert_eq!(warnings(&changes, &[json!({"Players": vec![here.clone(); 3]})]), [""; 0]);
    let found = warnings(&changes, &[json!({"Players": vec![here; 5]}), ctf()]);
    assert_eq!(
        found,
        [
            "$.teams: 1 of 2 example tickets have more players than any team takes, 4",
            "$.rules[0]: 1 example players have no latencies, which the rule Near needs",
        ]
    );
}

#[test]
fn a_team_in_which_no_example_player_can_be() {
    let rule = json!({"name": "Strong", "type": "comparison", "operation": ">=", "referenceValue": 50,
        "measurements": ["min(teams[red].players.attributes[skill])"]});
    let with_skill = |skill: u32| player(&json!({"skill": {"N": skill}, "mode": {"S": "ctf"}}));
    let found = warnings(&json!({"rules": [rule]}), &[with_skill(10), with_skill(49)]);
    assert_eq!(found, ["$.teams[0]: no example player can be in the team red: the rule Strong refuses them"]);
    assert_eq!(warnings(&json!({"rules": [rule]}), &[with_skill(10), with_skill(50)]), [""; 0]);
    let step = json!({"target": "rules[Strong].referenceValue", "steps": [{"waitTimeSeconds": 9, "value": 40}]});
    let expanded = json!({"rules": [rule], "expansions": [step]});
    assert_eq!(warnings(&expanded, &[with_skill(49)]), [""; 0], "they can at a greater age");
}

#[test]
fn a_team_that_the_example_parties_do_not_go_into() {
    let teams = json!([{"name": "red", "minPlayers": 1, "maxPlayers": 4},
        {"name": "boss", "minPlayers": 1, "maxPlayers": 1}]);
    let mode = json!({"PlayerAttributes": {"mode": {"S": "ctf"}}});
    let found = warnings(&json!({"teams": teams}), &[json!({"Players": [mode, mode]})]);
    assert_eq!(found, ["$.teams[1]: no example ticket goes into the team boss: it takes fewer players"]);
}

/// As many players in red as in blue.
fn equal_sizes() -> Value {
    json!({"name": "EqualSizes", "type": "comparison", "operation": "=",
        "measurements": ["count(teams[red].players)"], "referenceValue": "count(teams[blue].players)"})
}

#[test]
fn a_team_that_can_never_fill() {
    let found = warnings(&json!({"rules": [equal_sizes()]}), &[]);
    assert_eq!(found, ["$.teams[0].maxPlayers: the team red can never fill: the rules allow it 3 of 4 players"]);
    let step = json!({"target": "teams[blue].maxPlayers", "steps": [{"waitTimeSeconds": 9, "value": 4}]});
    assert_eq!(warnings(&json!({"rules": [equal_sizes()], "expansions": [step]}), &[]), [""; 0]);
}

#[test]
fn teams_whose_sizes_no_rule_allows() {
    let teams = json!([{"name": "red", "minPlayers": 4, "maxPlayers": 4},
        {"name": "blue", "minPlayers": 1, "maxPlayers": 3}]);
    let found = warnings(&json!({"rules": [equal_sizes()], "teams": teams}), &[]);
    assert_eq!(found, ["$.rules[0]: no match can ever start: no sizes of the teams satisfy EqualSizes"]);
}

#[test]
fn a_collection_that_counts_more_players_than_there_are() {
    let rule = json!({"name": "Medics", "type": "collection", "operation": "contains", "referenceValue": "medic",
        "measurements": ["flatten(teams[*].players.attributes[roles])"], "minCount": 8});
    let attributes = json!([{"name": "roles", "type": "string_list"}]);
    let found = warnings(&json!({"rules": [rule], "playerAttributes": attributes}), &[]);
    assert_eq!(found, ["$.rules[0].minCount: no match can ever start: Medics counts more players than a match has"]);
}

#[test]
fn a_latency_rule_without_expansion() {
    let near = json!({"name": "Near", "type": "latency", "maxLatency": 100});
    let found = warnings(&json!({"rules": [near]}), &[]);
    assert_eq!(
        found,
        ["$.rules[0].maxLatency: no expansion ever raises the 100 ms: who is farther away waits in vain"]
    );
    let apart = json!({"name": "Near", "type": "latency", "maxDistance": 30, "distanceReference": "avg"});
    let found = warnings(&json!({"rules": [apart]}), &[]);
    assert_eq!(
        found,
        ["$.rules[0].maxDistance: no expansion ever raises the 30 ms: who is farther away waits in vain"]
    );
}

#[test]
fn a_latency_rule_whose_expansion_raises_nothing() {
    let near = json!({"name": "Near", "type": "latency", "maxLatency": 100, "maxDistance": 30,
        "distanceReference": "avg"});
    let with = |target: &str, values: Value| {
        let steps =
            [(5, &values[0]), (9, &values[1])].map(|(at, value)| json!({"waitTimeSeconds": at, "value": value}));
        let expansion = json!({"target": format!("rules[Near].{target}"), "steps": steps});
        warnings(&json!({"rules": [near], "expansions": [expansion]}), &[])
    };
    let expected = ["$.rules[0].maxLatency: no expansion ever raises the 100 ms: who is farther away waits in vain"];
    assert_eq!(with("partyAggregation", json!(["min", "max"])), expected);
    assert_eq!(with("maxLatency", json!([90, 80])), expected);
    assert_eq!(with("maxDistance", json!([60, 90])), expected);
    assert_eq!(with("maxLatency", json!([90, 101])), [""; 0]);
}

#[test]
fn a_step_that_changes_nothing() {
    let steps = json!([{"waitTimeSeconds": 5, "value": 2}, {"waitTimeSeconds": 9, "value": 1}]);
    let found = warnings(&json!({"expansions": [{"target": "teams[red].minPlayers", "steps": steps}]}), &[]);
    assert_eq!(
        found,
        ["$.expansions[0].steps[0].value: the step changes nothing: teams[red].minPlayers is 2 before too"]
    );
    let rule = json!({"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5});
    let steps = json!([{"waitTimeSeconds": 5, "value": 8}, {"waitTimeSeconds": 9, "value": 8}]);
    let expansion = json!({"target": "rules[Near].maxDistance", "steps": steps});
    let found = warnings(&json!({"rules": [rule], "expansions": [expansion]}), &[]);
    assert_eq!(
        found,
        ["$.expansions[0].steps[1].value: the step changes nothing: rules[Near].maxDistance is 8 before too"]
    );
}

#[test]
fn a_file_of_many_players_takes_no_longer_than_its_bounds() {
    let teams = json!([{"name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 200}]);
    let attributes = json!([{"name": "skill", "type": "number", "default": 10}]);
    let rule = json!({"name": "Near", "type": "batchDistance", "batchAttribute": "skill", "maxDistance": 5});
    let algorithm = json!({"strategy": "balanced", "balancedAttribute": "skill"});
    let changes = json!({"teams": teams, "playerAttributes": attributes, "rules": [rule], "algorithm": algorithm});
    let parties = vec![json!({"Players": [{}, {}]}); 3000];
    let found = warnings(&changes, &parties);
    assert_eq!(found, ["$.teams: 3000 of 3000 example tickets have more players than any team takes, 1"]);
}
