//! Tests of the local world's page that need no browser; `.ci/play_page.py` uses one.

use std::time::Duration;

use liftgate::{Options, World};
use reqwest::StatusCode;
use serde_json::Value;

async fn world() -> (World, String) {
    let mut options = Options { port: Some(0), emulator_port: Some(0), ..Options::default() };
    options.emulator.game_servers = 0;
    let world = World::start(options).await.unwrap();
    let base = format!("http://{}", world.gateway.unwrap());
    (world, base)
}

#[tokio::test]
async fn the_page_is_there_and_talks_to_nobody_else() {
    let (_world, base) = world().await;
    let page = reqwest::get(format!("{base}/play")).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("/reconnect_stream") && !html.contains("http://") && !html.contains("https://"));
}

#[tokio::test]
async fn a_session_that_is_not_there_is_not_found() {
    let (world, base) = world().await;
    let session = reqwest::get(format!("{base}/play/sessions/Nobody")).await.unwrap();
    assert_eq!(session.status(), StatusCode::NOT_FOUND);
    world.emulator.as_ref().unwrap().faults.add("GetStreamSession=throttle:9".parse().unwrap());
    let session = reqwest::get(format!("{base}/play/sessions/Nobody")).await.unwrap();
    assert_eq!(session.status(), StatusCode::BAD_GATEWAY);
    let body: Value = session.json().await.unwrap();
    assert!(body["error"].as_str().unwrap().contains("ThrottlingException"), "{body}");
    world.stop(Duration::from_secs(2)).await.unwrap();
}
