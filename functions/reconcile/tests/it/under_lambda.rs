//! The real binary under a Lambda Runtime API.

use testing::{events, lambda::Function};

#[tokio::test]
async fn without_a_table_each_run_fails_and_says_why() {
    let mut function = Function::start("reconcile", env!("CARGO_BIN_EXE_reconcile"), &[]).await;
    let error = function.invoke(&events::event("reconcile.scheduled")).await.unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("LIFTGATE_TABLE"), "{error}");
    assert!(function.stop().await.contains("BACKEND_MISCONFIGURED"));
}

#[tokio::test]
async fn a_share_that_is_none_is_named() {
    let variables = [("LIFTGATE_TABLE", "tickets"), ("LIFTGATE_RECONCILE_PERCENT", "0")];
    let mut function = Function::start("reconcile", env!("CARGO_BIN_EXE_reconcile"), &variables).await;
    let error = function.invoke("{}").await.unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("LIFTGATE_RECONCILE_PERCENT"), "{error}");
}
