use gamelift_emulator::{
    Clock, Settings,
    server_sdk::client::{self, Event, ServerParameters},
};
use serde_json::json;

use crate::product::support::{World, settings};

async fn lenient() -> World {
    World::new(Settings { lenient: true, ..settings() }).await
}

#[tokio::test]
async fn any_fleet_is_there_and_hosts_on_whatever_server_is_connected() {
    let world = lenient().await;
    // Like a request to GameLift Local: without a location.
    let input = json!({ "FleetId": "fleet-123", "MaximumPlayerSessionCount": 2 });
    let created = world.call("CreateGameSession", input).await.unwrap();
    let session = &created["GameSession"];
    assert_eq!(session["FleetId"], "fleet-123");
    let arn = session["GameSessionId"].as_str().unwrap().to_owned();
    assert!(arn.contains("gamesession/fleet-123/custom-local/gsess-"), "{arn}");
    assert_eq!(session["Location"], "custom-local", "and not the location of the server that hosts it");
    let here = json!({ "FleetId": "fleet-123", "Location": "custom-local" });
    let found = world.call("DescribeGameSessions", here).await.unwrap();
    assert_eq!(found["GameSessions"][0]["GameSessionId"], arn);
    world.activate(&arn).await;
    world.call("CreatePlayerSession", json!({ "GameSessionId": arn, "PlayerId": "p" })).await.unwrap();

    let fleets = world.call("ListFleets", json!({})).await.unwrap();
    assert!(fleets["FleetIds"].as_array().unwrap().contains(&json!("fleet-123")), "{fleets}");
    let attributes = world.call("DescribeFleetAttributes", json!({ "FleetIds": ["fleet-9"] })).await.unwrap();
    assert_eq!(attributes["FleetAttributes"][0]["Status"], "ACTIVE");
}

#[tokio::test]
async fn the_rust_sdk_is_understood_too() {
    let world = lenient().await;
    let created = world.gamelift("a", "b").create_game_session().fleet_id("fleet-123").maximum_player_session_count(2);
    assert_eq!(created.send().await.unwrap().game_session().unwrap().fleet_id(), Some("fleet-123"));
}

#[tokio::test]
async fn what_is_no_fleet_id_is_still_refused() {
    let world = lenient().await;
    for (id, exception) in [("123", "InvalidRequestException"), ("xfleet-1", "NotFoundException")] {
        let input = json!({ "FleetId": id, "MaximumPlayerSessionCount": 2 });
        assert_eq!(world.call("CreateGameSession", input).await, Err(exception.to_owned()), "{id}");
    }
}

#[tokio::test]
async fn strict_knows_only_fleets_that_exist() {
    let world = World::new(settings()).await;
    let input = json!({ "FleetId": "fleet-123", "MaximumPlayerSessionCount": 2 });
    assert_eq!(world.call("CreateGameSession", input).await, Err("NotFoundException".to_owned()));
}

#[tokio::test]
async fn a_game_server_may_come_from_any_compute_of_any_fleet_with_any_token() {
    let parameters = |world: &World| ServerParameters {
        websocket_url: world.url.replace("http:", "ws:"),
        process_id: "mine".into(),
        host_id: "my-machine".into(),
        fleet_id: "fleet-123".into(),
        auth_token: "whatever".into(),
        certificate_pem: None,
    };
    let strict = World::new(Settings { game_servers: 0, ..settings() }).await;
    assert!(client::init_sdk(parameters(&strict), Clock::new(1.0)).await.is_err());

    let world = World::new(Settings { game_servers: 0, lenient: true, ..settings() }).await;
    let (server, mut events) = client::init_sdk(parameters(&world), Clock::new(1.0)).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    // The answer comes after the first heartbeat.
    server.compute_certificate().await.unwrap();
    let input = json!({ "FleetId": "fleet-123", "MaximumPlayerSessionCount": 2 });
    let created = world.call("CreateGameSession", input).await.unwrap();
    assert_eq!(created["GameSession"]["ComputeName"], "my-machine");
    assert_eq!(created["GameSession"]["IpAddress"], "127.0.0.1");
    assert_eq!(created["GameSession"]["Port"], 7777);
    assert!(matches!(events.next().await, Some(Event::StartGameSession(_))));
}
