//! The refusals of FlexMatch's operations in `tests/conformance/flexmatch.json`, with the Rust SDK.
//!
//! `flexmatch.py` next to the table runs it with boto3 and the AWS CLI, and compares it with botocore's model.

use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::conformance::steps::{Call, Step, World};

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Steps before each refusal.
    setup: Vec<Step>,
    operations: Vec<Operation>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    operation: String,
    /// The input of a call that succeeds after the steps before it.
    input: Value,
    #[serde(default)]
    before: Vec<Step>,
    refusals: Vec<Refusal>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    error: String,
    message: Option<String>,
    /// Why it is refused; of a fault nothing.
    why: Option<String>,
    /// The call's input, if it is not the good one.
    input: Option<Value>,
    /// More steps, after which the state refuses even the good input.
    #[serde(default)]
    before: Vec<Step>,
    /// The fault that causes it, without the operation and the count.
    fault: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_sdk_is_refused_with_each_exception_of_the_model() {
    let Table { setup, operations } = serde_json::from_str(include_str!("../../conformance/flexmatch.json")).unwrap();
    assert_eq!(operations.len(), 13);
    let mut running = JoinSet::new();
    for Operation { operation, input, before, refusals } in operations {
        for refusal in refusals {
            let steps = [setup.clone(), before.clone(), refusal.before.clone()].concat();
            running.spawn(refuse(operation.clone(), input.clone(), steps, refusal));
        }
    }
    while let Some(refused) = running.join_next().await {
        refused.unwrap();
    }
}

/// Runs the steps, is refused, and then, unless the state refuses it, makes the good call.
async fn refuse(operation: String, good: Value, steps: Vec<Step>, refusal: Refusal) {
    let Refusal { error, message, why, input, fault, .. } = refusal;
    let name = format!("{operation}: {error}, as {}", why.as_ref().or(fault.as_ref()).unwrap());
    let mut world = World::new().await;
    world.run(&name, &steps).await;
    if let Some(fault) = &fault {
        world.emulator.faults.add(format!("{operation}={fault}:1").parse().unwrap());
    }
    let is_refused_by_state = input.is_none() && fault.is_none();
    let input = input.unwrap_or_else(|| good.clone());
    let refused = Call { error: Some(error), message, ..Call::new(&operation, input) };
    world.run(&name, &[Step::Call(refused)]).await;
    if !is_refused_by_state {
        world.run(&name, &[Step::Call(Call::new(&operation, good))]).await;
    }
}
