//! The control endpoints for stream sessions, and the script that uses them.

use aws_sdk_gameliftstreams::types::{
    StreamSessionStatus::{Active, Connected, Error, PendingClientReconnection},
    StreamSessionStatusReason as Reason,
};
use rstest::rstest;

use crate::streams::support::{World, world};

async fn post(world: &World, id: &str, what: &str, body: &'static str) -> (u16, String) {
    let request = reqwest::Client::new().post(format!("{}/_emulator/streams/{id}/{what}", world.url)).body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_client_comes_and_goes_and_the_application_exits() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    let does = async |what| assert_eq!(post(&world, &id, what, "").await, (204, String::new()), "{what}");
    does("connect").await;
    world.expect(&id, Connected, None).await;
    world.step(59 * 60);
    does("input").await;
    world.step(59 * 60);
    world.expect(&id, Connected, None).await;
    does("disconnect").await;
    world.expect(&id, PendingClientReconnection, None).await;
    does("exit").await;
    world.expect_terminated(&id, Reason::ApplicationExit).await;
}

#[tokio::test]
async fn a_session_fails_with_the_reason_given() {
    let world = world().await;
    let id = world.start().await;
    assert_eq!(post(&world, &id, "fail", r#"{"reason":"placementTimeout"}"#).await.0, 204);
    world.expect(&id, Error, Some(Reason::PlacementTimeout)).await;
    let id = world.start().await;
    assert_eq!(post(&world, &id, "fail", "").await.0, 204);
    world.expect(&id, Error, Some(Reason::InternalError)).await;
}

#[rstest]
#[case::no_session("Nobody", "connect", "", 404)]
#[case::wrong_status("", "input", "", 409)]
#[case::unknown_reason("", "fail", r#"{"reason":"boredom"}"#, 400)]
#[case::unknown_member("", "fail", r#"{"because":"idleTimeout"}"#, 400)]
#[case::unknown_event("", "explode", "", 404)]
#[tokio::test]
async fn what_cannot_happen_is_refused(
    #[case] id: &str,
    #[case] what: &str,
    #[case] body: &'static str,
    #[case] status: u16,
) {
    let world = world().await;
    let started = world.active_with(|request| request).await;
    let id = if id.is_empty() { &started } else { id };
    let (refused, text) = post(&world, id, what, body).await;
    assert_eq!(refused, status, "{text}");
    assert!(text.starts_with(r#"{"error":"#), "{text}");
    world.expect(&started, Active, None).await;
}

#[tokio::test]
async fn pages_of_games_load_the_protocol() {
    let world = world().await;
    let id = world.active_with(|request| request).await;
    let url = world.get(&id).await.web_sdk_protocol_url.unwrap();
    let url = url.replace("http://127.0.0.1:9870", &world.url);
    let response = reqwest::Client::new().get(url).header("origin", "https://game.example").send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(response.headers()["content-type"], "text/javascript");
    let script = response.text().await.unwrap();
    assert!(script.contains("window.GameCastInputModule = { GameCastInput }"), "{script}");
}
