//! The steps of the tables: calls with what they answer, and time that passes.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use gamelift_emulator::{Clock, Emulator, Settings};
use serde::Deserialize;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::conformance::sdk::client::{Exception, Sdk};

#[derive(Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Step {
    /// Lets seconds pass.
    Wait {
        step: u64,
    },
    Call(Call),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) call: String,
    pub(crate) input: Value,
    /// The exception that the call ends with.
    pub(crate) error: Option<String>,
    /// The exception's message.
    pub(crate) message: Option<String>,
    /// Values in the answer by their path. `#` is the length of a list, `null` a missing value.
    #[serde(default)]
    pub(crate) expect: BTreeMap<String, Value>,
    /// Names for values of the answer; `{name}` stands for them in later steps.
    #[serde(default)]
    pub(crate) save: BTreeMap<String, String>,
    /// Whether a game server has to act first.
    #[serde(default)]
    pub(crate) eventually: bool,
    /// Number of calls; `{i}` counts them.
    #[serde(default = "once")]
    pub(crate) times: u32,
}

fn once() -> u32 {
    1
}

impl Call {
    /// Returns one call that succeeds with any answer.
    pub(crate) fn new(operation: &str, input: Value) -> Self {
        Self {
            call: operation.to_owned(),
            input,
            error: None,
            message: None,
            expect: BTreeMap::new(),
            save: BTreeMap::new(),
            eventually: false,
            times: once(),
        }
    }
}

/// A separate emulator, a client of it, and what the steps have saved.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    sdk: Sdk,
    names: BTreeMap<String, String>,
    server: JoinHandle<std::io::Result<()>>,
}

impl World {
    /// Returns a world whose clock stands still until a step.
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::new(&Settings::default(), Clock::stopped());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sdk = Sdk::new(&format!("http://{}", listener.local_addr().unwrap()));
        let server = emulator.clone();
        let server = tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        Self { emulator, sdk, names: BTreeMap::new(), server }
    }

    /// Runs the steps one after the other. `name` says in an error whose they are.
    pub(crate) async fn run(&mut self, name: &str, steps: &[Step]) {
        for (number, step) in steps.iter().enumerate() {
            match step {
                Step::Wait { step } => assert!(self.emulator.clock.step(Duration::from_secs(*step))),
                Step::Call(call) => {
                    let place = format!("{name}, step {} ({})", number + 1, call.call);
                    for count in 0..call.times {
                        self.names.insert("i".to_owned(), count.to_string());
                        self.perform(call, &place).await;
                    }
                }
            }
        }
    }

    async fn perform(&mut self, call: &Call, place: &str) {
        let input = filled(&call.input, &self.names);
        let start = Instant::now();
        loop {
            let answer = match (&call.error, self.sdk.call(&call.call, &input).await) {
                (Some(expected), Err(error)) => {
                    check_exception(&error, expected, call.message.as_deref(), place);
                    return;
                }
                (None, Err(error)) => panic!("{place}: {}: {}", error.code, error.message),
                (Some(expected), Ok(answer)) => panic!("{place}: no {expected} but {answer}"),
                (None, Ok(answer)) => answer,
            };
            let Some(wrong) = self.unexpected(call, &answer) else {
                let saved = call.save.iter().map(|(name, path)| (name.clone(), text(&at(&answer, path))));
                self.names.extend(saved);
                return;
            };
            assert!(call.eventually && start.elapsed() < Duration::from_secs(10), "{place}: {wrong}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Says what in the answer is not as expected.
    fn unexpected(&self, call: &Call, answer: &Value) -> Option<String> {
        call.expect.iter().find_map(|(path, expected)| {
            let found = at(answer, path);
            let expected = filled(expected, &self.names);
            let holds = match expected.get("not") {
                Some(unwanted) => found != *unwanted,
                None => found == expected,
            };
            (!holds).then(|| format!("{path} is {found}, not {expected}, in {answer}"))
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The API reference prints 400 for all exceptions of GameLift but one.
fn check_exception(error: &Exception, code: &str, message: Option<&str>, place: &str) {
    let status = if code == "InternalServiceException" { 500 } else { 400 };
    assert_eq!((error.code.as_str(), error.status), (code, status), "{place}: {}", error.message);
    if let Some(message) = message {
        assert_eq!(error.message, message, "{place}");
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
