use std::time::Duration;

use gamelift_emulator::Settings;
use serde_json::{Value, json};

use crate::support::{World, faulty, settings};

#[tokio::test]
async fn the_state_shows_both_services_and_no_secrets() {
    let world = World::new(faulty(&["*=delay:1ms@0.5"])).await;
    world.emulator.faults.clear();
    let game_session = world.create_game_session().await;
    world.activate(&game_session).await;
    let player = json!({ "GameSessionId": game_session, "PlayerId": "ann", "PlayerData": "a secret of hers" });
    world.call("CreatePlayerSession", player).await.unwrap();
    let compute = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
    let token = world.call("GetComputeAuthToken", compute).await.unwrap();
    world
        .streams("a", "b")
        .start_stream_session()
        .identifier(Settings::STREAM_GROUP_ID)
        .application_identifier(Settings::APPLICATION_ID)
        .protocol(aws_sdk_gameliftstreams::types::Protocol::Webrtc)
        .signal_request("an offer that nobody should read")
        .additional_launch_args("--password=hunter2")
        .additional_environment_variables("TOKEN", "geheim")
        .send()
        .await
        .unwrap();

    let state = world.get("/_emulator/state").await;
    let gamelift = &state["gamelift"];
    assert_eq!(gamelift["fleets"][0]["FleetId"], Settings::FLEET_ID);
    assert_eq!(gamelift["fleets"][0]["Locations"], json!([Settings::LOCATION]));
    assert_eq!(gamelift["computes"][0]["ComputeName"], Settings::COMPUTE_NAME);
    assert_eq!(gamelift["game_sessions"][0]["GameSessionId"], game_session);
    assert_eq!(gamelift["game_sessions"][0]["Status"], "ACTIVE");
    assert_eq!(gamelift["player_sessions"][0]["PlayerId"], "ann");
    assert_eq!(gamelift["player_sessions"][0]["Status"], "RESERVED");
    let hosting: Vec<_> = gamelift["processes"].as_array().unwrap().iter().map(|it| &it["Status"]).collect();
    assert!(hosting.contains(&&json!("hosting")) && hosting.contains(&&json!("available")), "{hosting:?}");
    assert_eq!(state["streams"]["stream_sessions"][0]["Status"], "ACTIVATING");
    assert_eq!(state["faults"], json!([]));

    let text = state.to_string();
    let token = token["AuthToken"].as_str().unwrap();
    for secret in ["a secret of hers", "nobody should read", "hunter2", "geheim", token] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn a_reset_brings_the_start_back() {
    let world = World::new(faulty(&["ListLocations=throttle:1"])).await;
    for _ in 0..2 {
        world.create_game_session().await;
    }
    world.call("CreateLocation", json!({ "LocationName": "custom-more" })).await.unwrap();
    world.call("ListLocations", json!({})).await.unwrap_err();
    world.emulator.faults.add("ListFleets=throttle".parse().unwrap());

    assert_eq!(world.post("/_emulator/reset", json!({})).await, (200, json!({})));

    assert_eq!(world.call("ListLocations", json!({})).await, Err("ThrottlingException".into()), "a fault of the start");
    world.call("ListFleets", json!({})).await.unwrap();
    let locations = world.call("ListLocations", json!({})).await.unwrap();
    assert_eq!(locations["Locations"].as_array().unwrap().len(), 1);
    let state = world.get("/_emulator/state").await;
    assert_eq!(state["gamelift"]["game_sessions"], json!([]));
    // The sample game servers are back, all of them.
    let first = world.create_game_session().await;
    let second = world.create_game_session().await;
    world.activate(&first).await;
    world.activate(&second).await;
}

#[tokio::test]
async fn the_clock_is_stepped_and_what_is_due_happens() {
    let world = World::new(settings()).await;
    let arn = world.create_game_session().await;
    world.activate(&arn).await;
    world.call("CreatePlayerSession", json!({ "GameSessionId": arn, "PlayerId": "p" })).await.unwrap();
    let time = |value: &Value| value["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let before = time(&world.get("/_emulator/clock").await);

    let (status, stepped) = world.post("/_emulator/clock", json!({ "step_seconds": 60 })).await;

    assert_eq!(status, 200);
    assert_eq!(time(&stepped).duration_since(before), jiff::SignedDuration::from_secs(60));
    let state = world.get("/_emulator/state").await;
    assert_eq!(state["gamelift"]["player_sessions"][0]["Status"], "TIMEDOUT");

    for wrong in [json!({ "step_seconds": -1 }), json!({ "step_seconds": 1e300 }), json!({}), json!("soon")] {
        let (status, error) = world.post("/_emulator/clock", wrong).await;
        assert_eq!(status, 400);
        assert!(error["error"].is_string());
    }
}

#[tokio::test]
async fn what_is_no_endpoint_says_so() {
    let world = World::new(settings()).await;
    let response = world.client.get(format!("{}/_emulator/nothing", world.url)).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.json::<Value>().await.unwrap()["error"].is_string());
    assert_eq!(world.delete("/_emulator/state").await, 404);
}

#[tokio::test]
async fn an_open_event_stream_does_not_hold_the_end_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/_emulator/events", listener.local_addr().unwrap());
    let settings = Settings { game_servers: 0, ..settings() };
    let emulator = gamelift_emulator::Emulator::new(&settings, gamelift_emulator::Clock::stopped());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(async move { emulator.serve(listener, async { drop(stopped.await) }).await });
    let response = reqwest::get(url).await.unwrap();
    drop(stop);
    tokio::time::timeout(Duration::from_secs(1), server).await.unwrap().unwrap().unwrap();
    response.bytes().await.unwrap();
}
