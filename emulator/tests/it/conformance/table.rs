//! The table of cases in `tests/conformance/cases.json`, run with the Rust SDK (RPC v2 CBOR).
//!
//! `suite.py` next to the table runs it with boto3 (AWS JSON 1.1).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use gamelift_emulator::{Clock, Emulator, Settings};
use serde::Deserialize;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use crate::conformance::sdk::Sdk;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Step {
    /// Lets seconds pass.
    Wait {
        step: u64,
    },
    Call(Call),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    call: String,
    input: Value,
    /// The exception that the call ends with.
    error: Option<String>,
    /// The exception's message.
    message: Option<String>,
    /// Values in the answer by their path. `#` is the length of a list, `null` a missing value.
    #[serde(default)]
    expect: BTreeMap<String, Value>,
    /// Names for values of the answer; `{name}` stands for them in later steps.
    #[serde(default)]
    save: BTreeMap<String, String>,
    /// Whether a game server has to act first.
    #[serde(default)]
    eventually: bool,
    /// Number of calls; `{i}` counts them.
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_sdk_gets_what_the_table_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../conformance/cases.json")).unwrap();
    assert!(!cases.is_empty());
    // Each case has a separate emulator.
    let mut running: JoinSet<_> = cases.into_iter().map(run).collect();
    while let Some(case) = running.join_next().await {
        case.unwrap();
    }
}

async fn run(case: Case) {
    let emulator = Emulator::new(&Settings::default(), Clock::stopped());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sdk = Sdk::new(&format!("http://{}", listener.local_addr().unwrap()));
    let server = emulator.clone();
    let server = tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
    let mut names = BTreeMap::new();
    for (number, step) in case.steps.into_iter().enumerate() {
        match step {
            Step::Wait { step } => assert!(emulator.clock.step(Duration::from_secs(step))),
            Step::Call(call) => {
                let place = format!("{}, step {} ({})", case.name, number + 1, call.call);
                for count in 0..call.times {
                    names.insert("i".to_owned(), count.to_string());
                    perform(&sdk, &call, &mut names, &place).await;
                }
            }
        }
    }
    server.abort();
}

async fn perform(sdk: &Sdk, call: &Call, names: &mut BTreeMap<String, String>, place: &str) {
    let input = filled(&call.input, names);
    let start = Instant::now();
    loop {
        let answer = sdk.call(&call.call, &input).await;
        match (&call.error, answer) {
            (Some(expected), Err(error)) => {
                assert_eq!(error.code, *expected, "{place}: {}", error.message);
                if let Some(message) = &call.message {
                    assert_eq!(error.message, *message, "{place}");
                }
                return;
            }
            (None, Err(error)) => panic!("{place}: {}: {}", error.code, error.message),
            (Some(expected), Ok(answer)) => panic!("{place}: no {expected} but {answer}"),
            (None, Ok(answer)) => {
                let wrong = call.expect.iter().find_map(|(path, expected)| {
                    let found = at(&answer, path);
                    let expected = filled(expected, names);
                    let holds = match expected.get("not") {
                        Some(unwanted) => found != *unwanted,
                        None => found == expected,
                    };
                    (!holds).then(|| format!("{place}: {path} is {found}, not {expected}, in {answer}"))
                });
                let Some(wrong) = wrong else {
                    let saved = call.save.iter().map(|(name, path)| (name.clone(), text(&at(&answer, path))));
                    names.extend(saved);
                    return;
                };
                assert!(call.eventually && start.elapsed() < Duration::from_secs(10), "{wrong}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

/// Returns the value at a path of members, indices and `#`.
fn at(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |value, part| match (&value, part) {
        (Value::Array(items), "#") => items.len().into(),
        (Value::Array(items), index) => items.get(index.parse::<usize>().unwrap()).cloned().unwrap_or_default(),
        (_, member) => value.get(member).cloned().unwrap_or_default(),
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the value with its `{name}`s replaced.
fn filled(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => {
            names.iter().fold(text.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value)).into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, names)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), filled(value, names))).collect(),
        other => other.clone(),
    }
}
