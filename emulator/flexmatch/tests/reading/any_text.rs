//! Any text can be read: there is an answer, and no panic.
//!
//! No clock bounds how long that takes: a busy machine would fail such a test. What bounds it is that the sizes are:
//! texts have a greatest depth and length, lists a greatest number of elements, and each step of an expansion reads one
//! rule again. [`the_largest_rule_sets_are_read`] has as much of each as there can be.

use flexmatch::{Choices, RuleSet, UnknownKeys};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::support::{good, problems, with};

/// Reads a text. Every problem has a path, a reason and a remedy.
fn never_panics(body: &str) -> Result<(), TestCaseError> {
    let strict = Choices { unknown_keys: UnknownKeys::Refuse, ..Choices::default() };
    for choices in [Choices::default(), strict] {
        if let Err(problems) = RuleSet::parse_with(body, choices) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.path.starts_with('$') && !problem.reason.is_empty() && !problem.remedy.is_empty());
            }
        }
    }
    Ok(())
}

/// Pieces of the small languages.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "teams",
        "team",
        "[",
        "]",
        "*",
        "..",
        "red",
        "blue",
        ",",
        ".",
        "players",
        "playerId",
        "attributes",
        "skill",
        "tags",
        "(",
        ")",
        "avg",
        "flatten",
        "count",
        "set_intersection",
        "and",
        "not",
        "or",
        "Fair",
        "rules",
        "1.5",
        "-",
        "'",
        "\"",
        " ",
        "\u{e9}",
        "maxDistance",
        "minPlayers",
    ];
    vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        pieces().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key =
            prop_oneof![select(vec!["name", "type", "steps", "value", "default"]).prop_map(str::to_owned), ".{0,3}"];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((key, inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// All places of a value, as pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

/// The good rule set with other values at some of its places.
fn mutated() -> impl Strategy<Value = Value> {
    let change = (any::<prop::sample::Index>(), prop_oneof![any_value(), Just(json!(good()["rules"][0]))]);
    vec(change, 1..4).prop_map(|changes| {
        let mut body = good();
        for (place, value) in changes {
            let mut found = Vec::new();
            pointers(&body, "", &mut found);
            if !found.is_empty() {
                *body.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
            }
        }
        body
    })
}

proptest! {
    #![proptest_config(random_cases::config(300))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        never_panics(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn a_rule_set_with_other_bytes(changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = good().to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        never_panics(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn a_rule_set_that_breaks_off(length in any::<prop::sample::Index>()) {
        let body = good().to_string();
        never_panics(&body[..length.index(body.len())])?;
    }

    #[test]
    fn any_json(value in any_value()) {
        never_panics(&value.to_string())?;
    }

    #[test]
    fn a_rule_set_with_other_values(body in mutated()) {
        never_panics(&body.to_string())?;
    }

    #[test]
    fn any_expression_statement_and_target(text in prop_oneof![pieces(), ".{0,60}"]) {
        for pointer in ["/rules/1/measurements/0", "/rules/0/referenceValue", "/rules/8/statement", "/expansions/0/target"] {
            never_panics(&with(pointer, Some(json!(text))).to_string())?;
        }
    }

    /// What was read and printed is read as the same.
    #[test]
    fn an_expression_that_is_right_is_printed_as_itself(text in expression()) {
        let printed = |text: &str| {
            let set = RuleSet::parse(&with("/rules/1/measurements/0", Some(json!(text))).to_string()).unwrap();
            match set.rules()[1].kind() {
                flexmatch::RuleKind::Comparison(rule) => rule.measurements()[0].clone(),
                other => panic!("{other:?}"),
            }
        };
        let once = printed(&text);
        prop_assert_eq!(&printed(&once.to_string()), &once);
        prop_assert_eq!(once.to_string(), text);
    }

    /// Blanks may stand around all parts of a target.
    #[test]
    fn a_target_that_is_right_is_printed_as_itself((target, value) in target(), blanks in "[ \t]{0,3}") {
        let printed = |target: &str| {
            let steps = json!([{"waitTimeSeconds": 5, "value": value}]);
            let expansions = json!([{"target": target, "steps": steps}]);
            RuleSet::parse(&with("/expansions", Some(expansions)).to_string()).unwrap().expansions()[0].target().clone()
        };
        let mut spelt = target.clone();
        for part in ["[", "]", ".", ","] {
            spelt = spelt.replace(part, &format!("{blanks}{part}{blanks}"));
        }
        let once = printed(&spelt);
        prop_assert_eq!(once.to_string(), target.as_str());
        prop_assert_eq!(printed(&once.to_string()), once);
    }
}

/// Targets in their shortest spelling, each with a value that is right for it.
fn target() -> impl Strategy<Value = (String, u32)> {
    let rules = vec![
        ("rules[Fair].maxDistance", 20),
        ("rules[Fair].minDistance", 1),
        ("rules[Shared].maxCount", 7),
        ("rules[Medics].maxCount", 0),
        ("rules[Near].maxDistance", 0),
        ("rules[Fast].maxLatency", 300),
        ("rules[Fast].maxDistance", 30),
    ];
    let teams = (select(vec!["red", "blue", "red, blue", "blue, red"]), select(vec![("min", 2), ("max", 5)]));
    let teams = teams.prop_map(|(names, (limit, value))| (format!("teams[{names}].{limit}Players"), value));
    prop_oneof![select(rules).prop_map(|(target, value)| (target.to_owned(), value)), teams]
}

/// Expressions for numbers, in their shortest spelling.
fn expression() -> impl Strategy<Value = String> {
    let teams = select(vec!["*", "red", "blue", "red, blue", "blue_1", "blue_2, red"]);
    let number = select(vec!["min", "max", "avg", "median", "sum", "count", "stddev"]);
    let path = (teams, select(vec!["skill", "mode"]), number).prop_map(|(teams, attribute, number)| {
        let number = if attribute == "mode" { "count" } else { number };
        (format!("teams[{teams}].players.attributes[{attribute}]"), teams, number)
    });
    (path, any::<bool>(), select(vec!["min", "max", "sum"])).prop_map(|((path, teams, number), flat, outer)| {
        let is_one = ["red", "blue_1"].contains(&teams);
        match (is_one, flat) {
            (true, _) => format!("{number}({path})"),
            (false, true) => format!("{number}(flatten({path}))"),
            (false, false) => format!("{outer}({number}({path}))"),
        }
    })
}

#[test]
fn depth_bombs_are_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        assert!(!problems(&body).is_empty());
    }
    for pointer in ["/rules/1/measurements/0", "/rules/8/statement"] {
        for text in ["(".repeat(30_000), "not(".repeat(10_000), "avg(".repeat(10_000), "[".repeat(30_000)] {
            assert!(!problems(&with(pointer, Some(json!(text))).to_string()).is_empty());
        }
    }
}

/// The largest rule set of each kind of content.
#[test]
fn the_largest_rule_sets_are_read() {
    let steps: Vec<_> = (0..100).map(|step| json!({"waitTimeSeconds": step, "value": step})).collect();
    let rule = |place: usize| json!({"name": format!("r{place}"), "type": "batchDistance", "batchAttribute": "s", "maxDistance": 1});
    let rules: Vec<_> = (0..100).map(rule).collect();
    let expansion = |place: usize| json!({"target": format!("rules[r{place}].maxDistance"), "steps": steps});
    let body = json!({
        "ruleLanguageVersion": "1.0",
        "playerAttributes": [{"name": "s", "type": "number"}],
        "teams": [{"name": "t", "minPlayers": 1, "maxPlayers": 1, "quantity": 40}],
        "rules": rules,
        "expansions": (0..14).map(expansion).collect::<Vec<_>>(),
    });
    let body = body.to_string();
    assert!(body.len() > 50_000, "{}", body.len());
    let set = RuleSet::parse(&body).unwrap();
    assert_eq!(set.stages().len(), 101);
    let statement = format!("or({})", vec!["Fair"; 9_000].join(","));
    assert!(problems(&with("/rules/8/statement", Some(json!(statement))).to_string()).is_empty());
    let list = format!("[{}]", vec!["1"; 2_000].join(","));
    assert!(problems(&with("/rules/1/measurements/0", Some(json!(list))).to_string()).is_empty());
}
