//! Matchmaking rule sets: their messages, and their way through a state file.

use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, seed::Seed, settings::Settings};
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run},
    operations::{
        create_matchmaking_rule_set::CreateMatchmakingRuleSet,
        describe_matchmaking_rule_sets::DescribeMatchmakingRuleSets,
        validate_matchmaking_rule_set::ValidateMatchmakingRuleSet,
    },
    service::GameLift,
};

fn nothing() -> Settings {
    Settings { seed: Seed::empty(), ..Settings::default() }
}

fn gamelift() -> GameLift {
    GameLift::new(&nothing(), Clock::stopped(), Faults::default(), EventBus::default())
}

/// Returns the output, or the exception with its message.
fn call<O: Operation>(gamelift: &GameLift, input: Value) -> Result<Value, String> {
    let output = run::<O>(&gamelift.shared, serde_json::from_value(input).unwrap());
    output.map(|output| serde_json::to_value(output).unwrap()).map_err(|error| error.to_string())
}

/// A rule set that is wrong in three places.
fn wrong() -> String {
    json!({
        "ruleLanguageVersion": "1.0",
        "teams": [{ "name": "red", "minPlayers": 1, "maxPlayers": 0 }, { "name": "red", "minPlayers": 1, "maxPlayers": 1 }],
        "rules": [{ "name": "Even", "type": "comparison", "operation": "~" }],
    })
    .to_string()
}

#[test]
fn create_and_validate_name_the_path_of_every_problem() {
    let gamelift = gamelift();
    let body = json!({ "Name": "odd", "RuleSetBody": wrong() });
    let created = call::<CreateMatchmakingRuleSet>(&gamelift, body.clone()).unwrap_err();
    let body = json!({ "RuleSetBody": body["RuleSetBody"] });
    let validated = call::<ValidateMatchmakingRuleSet>(&gamelift, body).unwrap_err();
    assert_eq!(created, validated);
    assert!(created.starts_with("InvalidRequestException: RuleSetBody is not a valid rule set: (1) $."), "{created}");
    for path in ["(1) $.teams[0].maxPlayers: ", "(2) $.teams: ", "(3) $.rules[0]"] {
        assert!(created.contains(path), "{path} is not in {created}");
    }
}

#[test]
fn a_state_file_keeps_rule_sets_and_none_that_is_not_valid() {
    let gamelift = gamelift();
    let body = json!({ "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 1, "maxPlayers": 2 }] });
    let create = json!({ "Name": "all", "RuleSetBody": body.to_string() });
    call::<CreateMatchmakingRuleSet>(&gamelift, create).unwrap();
    let described = || call::<DescribeMatchmakingRuleSets>(&gamelift, json!({})).unwrap();
    let before = described();
    let mut file = gamelift.encode_state();
    gamelift.reset(&nothing());
    assert_eq!(described()["RuleSets"], json!([]));
    gamelift.restore(gamelift.decode_state(&file.to_string()).unwrap());
    assert_eq!(described(), before);

    file["rule_sets"]["all"]["body"] = "{}".into();
    let refused = gamelift.decode_state(&file.to_string()).unwrap_err();
    assert!(refused.contains("$: teams is missing"), "{refused}");
}
