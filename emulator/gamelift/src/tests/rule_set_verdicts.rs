//! `ValidateMatchmakingRuleSet` and `CreateMatchmakingRuleSet` say the same of any body.

use std::cell::Cell;

use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, seed::Seed, settings::Settings};
use proptest::{collection::vec, prelude::*, sample::select};
use random_cases::run;
use serde_json::{Value, json};

use crate::{
    operation::{Operation, run as call_operation},
    operations::{
        create_matchmaking_rule_set::CreateMatchmakingRuleSet,
        validate_matchmaking_rule_set::ValidateMatchmakingRuleSet,
    },
    service::GameLift,
};

const CASES: u32 = 256;

fn call<O: Operation>(gamelift: &GameLift, input: Value) -> Result<Value, String> {
    let output = call_operation::<O>(&gamelift.shared, serde_json::from_value(input).unwrap());
    output.map(|output| serde_json::to_value(output).unwrap()).map_err(|error| error.to_string())
}

fn good() -> Value {
    json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{ "name": "skill", "type": "number", "default": 10 }],
        "teams": [{ "name": "red", "minPlayers": 1, "maxPlayers": 4 }, { "name": "blue", "minPlayers": 1, "maxPlayers": 4 }],
        "rules": [{
            "name": "Fair", "type": "distance", "measurements": ["avg(teams[*].players.attributes[skill])"],
            "referenceValue": "avg(flatten(teams[*].players.attributes[skill]))", "maxDistance": 10,
        }],
        "expansions": [{ "target": "rules[Fair].maxDistance", "steps": [{ "waitTimeSeconds": 5, "value": 50 }] }],
    })
}

/// Values that are right at some places and wrong at others.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1..200_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec!["red", "skill", "number", "comparison", "=", "1.0", "teams[*].players", "rules[Fair].minDistance"])
            .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
    ]
}

/// The good rule set with another value at one of these places, or none.
fn changed() -> impl Strategy<Value = String> {
    let places = select(vec![
        "/ruleLanguageVersion",
        "/playerAttributes",
        "/playerAttributes/0/name",
        "/playerAttributes/0/type",
        "/playerAttributes/0/default",
        "/teams",
        "/teams/0/name",
        "/teams/0/minPlayers",
        "/teams/1/maxPlayers",
        "/rules",
        "/rules/0/type",
        "/rules/0/measurements/0",
        "/rules/0/referenceValue",
        "/rules/0/maxDistance",
        "/expansions",
        "/expansions/0/target",
        "/expansions/0/steps/0/waitTimeSeconds",
        "/expansions/0/steps/0/value",
    ]);
    vec((places, any_value()), 0..3).prop_map(|changes| {
        let mut body = good();
        for (place, value) in changes {
            // An earlier change may have removed the place.
            if let Some(old) = body.pointer_mut(place) {
                *old = value;
            }
        }
        body.to_string()
    })
}

fn any_body() -> impl Strategy<Value = String> {
    let broken_off = any::<prop::sample::Index>().prop_map(|length| {
        let body = good().to_string();
        body[..length.index(body.len())].to_owned()
    });
    let bytes = vec(any::<u8>(), 0..100).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    prop_oneof![6 => changed(), 1 => broken_off, 1 => bytes, 1 => ".{0,60}"]
}

#[test]
fn validate_and_create_have_the_same_verdict_on_any_body() {
    let settings = Settings { seed: Seed::empty(), ..Settings::default() };
    let gamelift = GameLift::new(&settings, Clock::stopped(), Faults::default(), EventBus::default());
    let (valid, invalid) = (Cell::new(0), Cell::new(0));
    let cases = run(CASES, any_body(), |body| {
        let validated = call::<ValidateMatchmakingRuleSet>(&gamelift, json!({ "RuleSetBody": body }));
        let created = call::<CreateMatchmakingRuleSet>(&gamelift, json!({ "Name": "one", "RuleSetBody": body }));
        let count = if created.is_ok() { &valid } else { &invalid };
        count.set(count.get() + 1);
        match (validated, created) {
            (Ok(verdict), Ok(created)) => {
                prop_assert_eq!(verdict, json!({ "Valid": true }));
                prop_assert_eq!(&created["RuleSet"]["RuleSetBody"], &json!(body));
                gamelift.reset(&settings);
            }
            (validated, created) => prop_assert_eq!(validated.err(), created.err()),
        }
        Ok(())
    });
    let (valid, invalid) = (valid.get(), invalid.get());
    assert!(valid > cases / 10 && invalid > cases / 4, "{valid} valid and {invalid} invalid bodies are too few");
}
