//! Tests of the local world's page that need no browser; `.ci/play_page.py` uses one.

use std::time::Duration;

use identity::config::Mode;
use liftgate::{Options, Players, World};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn world() -> (World, String) {
    world_with(Players::default()).await
}

async fn world_with(players: Players) -> (World, String) {
    let mut options = Options { port: Some(0), emulator_port: Some(0), players, ..Options::default() };
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
async fn the_page_is_told_whether_its_player_can_and_has_to_sign_in() {
    for (mode, can, has_to) in [(Mode::TrustBody, true, false), (Mode::SignIn, true, true), (Mode::Refuse, false, true)]
    {
        let (_world, base) = world_with(Players { mode, ..Players::default() }).await;
        let told: Value = reqwest::get(format!("{base}/play/identity")).await.unwrap().json().await.unwrap();
        assert_eq!(told, json!({ "SignIn": can, "TokenNeeded": has_to }), "{mode:?}");
    }
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
