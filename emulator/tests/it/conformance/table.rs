//! The table of cases in `tests/conformance/cases.json`, run with the Rust SDK (RPC v2 CBOR).
//!
//! `suite.py` next to the table runs it with boto3 (AWS JSON 1.1).

use serde::Deserialize;
use tokio::task::JoinSet;

use crate::conformance::steps::{Step, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_sdk_gets_what_the_table_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../conformance/cases.json")).unwrap();
    assert!(!cases.is_empty());
    // Each case has a separate emulator.
    let run = async |case: Case| World::new().await.run(&case.name, &case.steps).await;
    let mut running: JoinSet<_> = cases.into_iter().map(run).collect();
    while let Some(case) = running.join_next().await {
        case.unwrap();
    }
}
