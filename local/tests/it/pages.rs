//! Tests of the local world's pages that need no browser; `.ci/play_page.py` and `.ci/match_page.py` use one.

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

/// The texts of a page and of the files that it loads, after a look at their types and at the page's policy.
async fn loaded(base: &str, page: &str, sources: &str) -> String {
    let answer = reqwest::get(format!("{base}{page}")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let directives: Vec<_> = policy.split("; ").collect();
    let connect = format!("connect-src {sources}");
    for directive in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", connect.as_str(), "frame-ancestors 'none'"]
    {
        assert!(directives.contains(&directive), "{policy}");
    }
    let mut text = answer.text().await.unwrap();
    let paths: Vec<_> = text.split('"').filter(|part| part.starts_with("/pages/")).map(str::to_owned).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for path in paths {
        let file = reqwest::get(format!("{base}{path}")).await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{path}");
        let kind = if path.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(file.headers()["content-type"], kind, "{path}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
        text += &file.text().await.unwrap();
    }
    text
}

#[tokio::test]
async fn the_pages_are_there_and_talk_to_nobody_else() {
    let (world, base) = world().await;
    let with_sockets = format!("'self' ws://{}", world.gateway.unwrap());
    for (page, sources, calls) in
        [("/play", "'self'", "/reconnect_stream"), ("/match", with_sockets.as_str(), "/start_matchmaking")]
    {
        let text = loaded(&base, page, sources).await;
        assert!(text.contains(calls) && !text.contains("http://") && !text.contains("https://"), "{page}");
        assert!(!text.contains(" onclick=") && !text.contains("style=") && !text.contains("innerHTML"), "{page}");
    }
    let none = reqwest::get(format!("{base}/pages/none.js")).await.unwrap();
    assert_eq!(none.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_of_matches_is_told_what_can_be_chosen_and_whether_it_gets_tokens() {
    for (mode, tokens) in [(Mode::TrustBody, true), (Mode::SignIn, true), (Mode::Refuse, false)] {
        let (_world, base) = world_with(Players { mode, ..Players::default() }).await;
        let told: Value = reqwest::get(format!("{base}/match/world")).await.unwrap().json().await.unwrap();
        let expected = json!({ "Tokens": tokens, "Configurations": ["local-matchmaker"], "Attributes": ["skill"] });
        assert_eq!(told, expected, "{mode:?}");
    }
}

#[tokio::test]
async fn the_page_of_matches_is_told_if_there_are_none() {
    let mut options = Options { port: Some(0), emulator_port: Some(0), store: false, ..Options::default() };
    options.emulator.game_servers = 0;
    let world = World::start(options).await.unwrap();
    let base = format!("http://{}", world.gateway.unwrap());
    let told: Value = reqwest::get(format!("{base}/match/world")).await.unwrap().json().await.unwrap();
    assert_eq!(told, json!({ "Tokens": true, "Configurations": [], "Attributes": [] }));
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
