use std::time::Duration;

use gamelift_emulator::Settings;
use serde_json::{Value, json};

use crate::product::support::{World, faulty, settings};

#[tokio::test]
async fn the_state_shows_both_services_and_no_secrets() {
    let settings = crate::product::events::with_queue(Settings { game_servers: 3, ..faulty(&["*=delay:1ms@0.5"]) });
    let world = World::new(settings).await;
    world.emulator.faults.clear();
    let game_session = json!({
        "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
        "CreatorId": "her creator", "GameSessionData": "the data of the game",
    });
    let game_session = world.call("CreateGameSession", game_session).await.unwrap();
    let game_session = game_session["GameSession"]["GameSessionId"].as_str().unwrap().to_owned();
    let placement = json!({
        "PlacementId": "there", "GameSessionQueueName": "players", "MaximumPlayerSessionCount": 2,
        "GameSessionData": "more data", "DesiredPlayerSessions": [{ "PlayerId": "bob", "PlayerData": "his secret" }],
        "PlayerLatencies": [{ "PlayerId": "bob", "RegionIdentifier": "us-west-2", "LatencyInMilliseconds": 87.0625 }],
    });
    world.call("StartGameSessionPlacement", placement).await.unwrap();
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
    let with = |kind: &str, member: &str, value: &str| {
        let all = gamelift[kind].as_array().unwrap();
        all.iter().find(|it| it[member] == value).cloned().unwrap()
    };
    assert_eq!(with("game_sessions", "GameSessionId", &game_session)["Status"], "ACTIVE");
    assert_eq!(with("player_sessions", "PlayerId", "ann")["Status"], "RESERVED");
    let hosting: Vec<_> = gamelift["processes"].as_array().unwrap().iter().map(|it| &it["Status"]).collect();
    assert!(hosting.contains(&&json!("hosting")) && hosting.contains(&&json!("available")), "{hosting:?}");
    assert_eq!(state["streams"]["stream_sessions"][0]["Status"], "ACTIVATING");
    assert_eq!(state["faults"], json!([]));

    let text = state.to_string();
    let token = token["AuthToken"].as_str().unwrap();
    let placement = &gamelift["placements"][0];
    assert_eq!(placement["PlayerLatencies"][0]["PlayerId"], "bob", "{placement}");
    // The latency has more decimals than any time, so that it can be told apart.
    let sent = ["a secret of hers", "her creator", "the data of the game", "more data", "his secret", "87.0625"];
    for secret in sent.into_iter().chain(["nobody should read", "hunter2", "geheim", token]) {
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
    let locations = world.call("ListLocations", json!({ "Filters": ["CUSTOM"] })).await.unwrap();
    assert_eq!(locations["Locations"].as_array().unwrap().len(), 1);
    let state = world.get("/_emulator/state").await;
    assert_eq!(state["gamelift"]["game_sessions"], json!([]));
    // All sample game servers are back.
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
async fn the_end_of_time_is_refused_and_everything_goes_on() {
    let world = World::new(settings()).await;
    let century = json!({ "step_seconds": 100_u64 * 365 * 24 * 60 * 60 });
    let refusal = loop {
        let (status, answer) = world.post("/_emulator/clock", century.clone()).await;
        if status != 200 {
            assert_eq!(status, 400);
            break answer;
        }
    };
    assert!(refusal["error"].as_str().unwrap().contains("year 9000"), "{refusal}");
    assert!(world.get("/_emulator/state").await["time"].as_str().unwrap().starts_with("89"));
    // Deadlines are counted from that time.
    let alias = json!({ "Name": "late", "RoutingStrategy": { "Type": "TERMINAL", "Message": "gone" } });
    world.call("CreateAlias", alias).await.unwrap();
    assert_eq!(world.post("/_emulator/reset", json!({})).await.0, 200);
    world.create_game_session().await;
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
    tokio::time::timeout(Duration::from_secs(10), server).await.unwrap().unwrap().unwrap();
    response.bytes().await.unwrap();
}
