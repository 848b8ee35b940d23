//! Each fault from a client's view, and the state that it leaves behind.

use std::time::Duration;

use aws_sdk_gamelift::error::{ProvideErrorMetadata as _, SdkError};
use gamelift_emulator::Settings;
use rstest::rstest;
use serde_json::json;

use crate::product::support::{World, faulty, settings};

#[rstest]
#[case("throttle", "ThrottlingException", 400, "ThrottlingException", 429)]
#[case("internal_error", "InternalServiceException", 500, "InternalServerException", 500)]
#[case("unavailable", "ServiceUnavailableException", 503, "ServiceUnavailableException", 503)]
#[tokio::test]
async fn errors_come_in_the_shape_of_each_protocol(
    #[case] fault: &str,
    #[case] gamelift: &str,
    #[case] gamelift_status: u16,
    #[case] streams: &str,
    #[case] streams_status: u16,
) {
    let world = World::new(faulty(&[&format!("*={fault}:3")])).await;

    let response = world.send("ListFleets", json!({})).await.unwrap();
    assert_eq!(response.status(), gamelift_status);
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["__type"], gamelift);

    let cbor = world.gamelift("a", "b").list_fleets().send().await.unwrap_err();
    assert_eq!(cbor.code(), Some(gamelift));
    assert_eq!(cbor.raw_response().unwrap().status().as_u16(), gamelift_status);

    let sdk = world.streams("a", "b");
    let rest = sdk.get_stream_group().identifier(Settings::STREAM_GROUP_ID).send().await.unwrap_err();
    assert_eq!(aws_sdk_gameliftstreams::error::ProvideErrorMetadata::code(&rest), Some(streams));
    assert_eq!(rest.raw_response().unwrap().status().as_u16(), streams_status);

    sdk.get_stream_group().identifier(Settings::STREAM_GROUP_ID).send().await.unwrap();
}

#[tokio::test]
async fn any_exception_of_the_service_can_be_named() {
    let world = World::new(faulty(&[
        "TerminateGameSession=exception:NotReadyException:1",
        "*=exception:ConflictException:2",
        "*=exception:ValidationException:1",
    ]));
    let world = world.await;
    let sdk = world.gamelift("a", "b");
    let terminate = sdk.terminate_game_session().game_session_id("gsess-1");
    let mode = aws_sdk_gamelift::types::TerminationMode::TriggerOnProcessTerminate;
    let error = terminate.termination_mode(mode).send().await.unwrap_err();
    assert!(error.as_service_error().unwrap().is_not_ready_exception(), "{error:?}");
    assert_eq!(world.call("ListFleets", json!({})).await, Err("ConflictException".to_owned()));
    assert_eq!(world.emulator.faults.list()[2].happened, 0, "of the other service");

    let streams = world.streams("a", "b");
    let mut answers = Vec::new();
    for _ in 0..3 {
        let get = streams.get_stream_group().identifier(Settings::STREAM_GROUP_ID).send().await;
        answers.push(get.map_or_else(|error| error.raw_response().unwrap().status().as_u16(), |_| 200));
    }
    assert_eq!(answers, [409, 400, 200]);
}

#[tokio::test]
async fn an_sdk_gets_over_a_few_throttles_by_itself() {
    let world = World::new(faulty(&["ListFleets=throttle:2"])).await;
    let sdk = world.gamelift("a", "b");
    let retrying = sdk.config().to_builder().retry_config(
        aws_sdk_gamelift::config::retry::RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)),
    );
    let sdk = aws_sdk_gamelift::Client::from_conf(retrying.build());
    sdk.list_fleets().send().await.unwrap();
    assert_eq!(world.emulator.faults.list()[0].happened, 2);
}

#[tokio::test]
async fn a_cut_connection_loses_the_answer_but_not_what_was_done() {
    let world = World::new(faulty(&["CreateGameSession=cut:1"])).await;
    let input = json!({
        "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
        "IdempotencyToken": "once",
    });
    let lost = world.send("CreateGameSession", input.clone()).await.unwrap_err();
    assert!(lost.is_request(), "{lost:?}");
    // The same request again returns the game session of the first.
    let created = world.call("CreateGameSession", input).await.unwrap();
    let all = world.call("DescribeGameSessions", json!({ "FleetId": Settings::FLEET_ID })).await.unwrap();
    assert_eq!(all["GameSessions"].as_array().unwrap().len(), 1);
    assert_eq!(all["GameSessions"][0]["GameSessionId"], created["GameSession"]["GameSessionId"]);
}

#[tokio::test]
async fn a_body_can_be_cut_shortened_and_spoilt() {
    let world = World::new(faulty(&["ListFleets=cut_body:1", "ListFleets=truncate:1", "ListFleets=malformed:1"])).await;
    let whole = json!({ "FleetIds": [Settings::FLEET_ID] }).to_string();

    let cut = world.send("ListFleets", json!({})).await.unwrap();
    assert_eq!(cut.status(), 200);
    assert_eq!(cut.content_length(), Some(whole.len() as u64));
    cut.text().await.unwrap_err();

    let truncated = world.send("ListFleets", json!({})).await.unwrap().text().await.unwrap();
    assert_eq!(truncated, whole[..whole.len() / 2]);

    let malformed = world.send("ListFleets", json!({})).await.unwrap();
    assert_eq!(malformed.status(), 200);
    assert!(malformed.text().await.unwrap().starts_with('<'));

    assert_eq!(world.send("ListFleets", json!({})).await.unwrap().text().await.unwrap(), whole);
}

#[tokio::test]
async fn an_sdk_sees_a_cut_connection_as_a_dispatch_failure() {
    let world = World::new(faulty(&["ListFleets=cut:1", "ListFleets=truncate:1"])).await;
    let sdk = world.gamelift("a", "b");
    let cut = sdk.list_fleets().send().await.unwrap_err();
    assert!(matches!(cut, SdkError::DispatchFailure(_)), "{cut:?}");
    let truncated = sdk.list_fleets().send().await.unwrap_err();
    assert!(matches!(truncated, SdkError::ResponseError(_) | SdkError::ServiceError(_)), "{truncated:?}");
    sdk.list_fleets().send().await.unwrap();
}

#[tokio::test]
async fn a_delay_is_on_the_emulators_clock() {
    let world = World::new(faulty(&["ListFleets=delay:200ms:1"])).await;
    let mut call = Box::pin(world.send("ListFleets", json!({})));
    let early = tokio::time::timeout(Duration::from_millis(20), &mut call).await;
    assert!(early.is_err(), "the clock stands still");
    // The call may arrive after a step: then the next one ends its delay.
    for _ in 0..500 {
        world.emulator.clock.step(Duration::from_millis(200));
        if let Ok(answer) = tokio::time::timeout(Duration::from_millis(20), &mut call).await {
            assert_eq!(answer.unwrap().status(), 200);
            return;
        }
    }
    panic!("the call is still delayed");
}

#[tokio::test]
async fn capacity_and_races_are_exceptions_of_their_operations_only() {
    let world = World::new(faulty(&["*=capacity:1", "*=reservation_race:2"])).await;
    let session = json!({
        "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
    });
    world.call("ListFleets", json!({})).await.unwrap();
    assert_eq!(world.call("CreateGameSession", session).await, Err("FleetCapacityExceededException".to_owned()));
    let arn = world.create_game_session().await;
    world.activate(&arn).await;
    let one = json!({ "GameSessionId": arn, "PlayerId": "p" });
    let two = json!({ "GameSessionId": arn, "PlayerIds": ["p", "q"] });
    assert_eq!(world.call("CreatePlayerSession", one.clone()).await, Err("GameSessionFullException".to_owned()));
    assert_eq!(world.call("CreatePlayerSessions", two).await, Err("GameSessionFullException".to_owned()));
    world.call("CreatePlayerSession", one).await.unwrap();
}

#[tokio::test]
async fn a_queue_meets_a_lack_of_capacity_too() {
    let world = World::new(faulty(&["CreateGameSession=capacity:2"])).await;
    let fleets = world.call("DescribeFleetAttributes", json!({})).await.unwrap();
    let fleet = &fleets["FleetAttributes"][0]["FleetArn"];
    let queue = json!({ "Name": "q", "Destinations": [{ "DestinationArn": fleet }] });
    world.call("CreateGameSessionQueue", queue).await.unwrap();
    let placement = json!({
        "PlacementId": "p", "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 4,
    });
    world.call("StartGameSessionPlacement", placement).await.unwrap();
    let game_sessions = async || {
        let all = world.call("DescribeGameSessions", json!({ "FleetId": Settings::FLEET_ID })).await.unwrap();
        all["GameSessions"].as_array().unwrap().len()
    };
    world.call("DescribeGameSessionPlacement", json!({ "PlacementId": "p" })).await.unwrap();
    assert_eq!(game_sessions().await, 0);
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(game_sessions().await, 0);
    assert_eq!(world.emulator.faults.list()[0].happened, 2);
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(game_sessions().await, 1);
}

#[tokio::test]
async fn a_game_session_may_never_activate() {
    let world = World::new(faulty(&["CreateGameSession=never_activate:1"])).await;
    let arn = world.create_game_session().await;
    world.emulator.clock.step(Duration::from_secs(299));
    assert_eq!(world.status_of(&arn).await, "ACTIVATING");
    world.emulator.clock.step(Duration::from_secs(1));
    assert_eq!(world.status_of(&arn).await, "TERMINATED");
    let next = world.create_game_session().await;
    world.activate(&next).await;
}

#[tokio::test]
async fn a_game_server_may_activate_and_then_die() {
    let world = World::new(faulty(&["CreateGameSession=activate_then_die:5s:1"])).await;
    let arn = world.create_game_session().await;
    world.activate(&arn).await;
    world.call("CreatePlayerSession", json!({ "GameSessionId": arn, "PlayerId": "p" })).await.unwrap();
    world.emulator.clock.step(Duration::from_secs(5));
    assert_eq!(world.status_of(&arn).await, "TERMINATED");
}

#[tokio::test]
async fn a_stream_session_may_end_with_any_reason() {
    use aws_sdk_gameliftstreams::types::{Protocol, StreamSessionStatus, StreamSessionStatusReason};

    let world = World::new(Settings { game_servers: 0, ..faulty(&["StartStreamSession=ends:applicationExit:30s:1"]) });
    let world = world.await;
    let sdk = world.streams("a", "b");
    let started = sdk
        .start_stream_session()
        .identifier(Settings::STREAM_GROUP_ID)
        .application_identifier(Settings::APPLICATION_ID)
        .protocol(Protocol::Webrtc)
        .signal_request("NO_CLIENT_CONNECTION")
        .send()
        .await
        .unwrap();
    let session = started.arn().unwrap();
    let get = async || {
        let get = sdk.get_stream_session().identifier(Settings::STREAM_GROUP_ID);
        get.stream_session_identifier(session).send().await.unwrap()
    };
    world.emulator.clock.step(Duration::from_secs(29));
    assert_eq!(get().await.status(), Some(&StreamSessionStatus::Active));
    world.emulator.clock.step(Duration::from_secs(1));
    let ended = get().await;
    assert_eq!(ended.status(), Some(&StreamSessionStatus::Terminated));
    assert_eq!(ended.status_reason(), Some(&StreamSessionStatusReason::ApplicationExit));
}

#[tokio::test]
async fn faults_are_set_and_taken_back_over_http() {
    let world = World::new(settings()).await;
    let (status, set) = world
        .post("/_emulator/faults", json!(["ListFleets=throttle", { "operation": "*", "fault": "cut", "times": 1 }]))
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        set,
        json!([
            { "id": 1, "operation": "ListFleets", "fault": "throttle", "happened": 0 },
            { "id": 2, "operation": "*", "fault": "cut", "times": 1, "happened": 0 },
        ])
    );
    assert_eq!(world.call("ListFleets", json!({})).await, Err("ThrottlingException".to_owned()));
    assert_eq!(world.get("/_emulator/faults").await[0]["happened"], 1);
    assert_eq!(world.delete("/_emulator/faults/1").await, 204);
    assert_eq!(world.delete("/_emulator/faults/1").await, 404);
    assert_eq!(world.delete("/_emulator/faults").await, 204);
    world.call("ListFleets", json!({})).await.unwrap();

    let (status, error) = world.post("/_emulator/faults", json!(["*=cut", "*=explode"])).await;
    assert_eq!(status, 400);
    assert!(error["error"].as_str().unwrap().contains("there is no \"explode\""), "{error}");
    assert_eq!(world.get("/_emulator/faults").await, json!([]), "all or none");

    let bare = world.client.post(format!("{}/_emulator/faults", world.url)).header("content-type", "application/json");
    let response = bare.body("ListFleets=throttle").send().await.unwrap();
    assert_eq!(response.status(), 400);
    let error: serde_json::Value = response.json().await.unwrap();
    assert!(error["error"].as_str().unwrap().starts_with("The body is JSON, such as '\"OPERATION=FAULT\"'"), "{error}");
}

#[tokio::test]
async fn more_faults_than_may_be_set_are_refused_all_and_say_what_to_do() {
    let world = World::new(faulty(&["ListFleets=throttle:1"])).await;
    let many = vec!["CreateFleet=throttle"; 1000];
    let (status, refused) = world.post("/_emulator/faults", json!(many)).await;
    assert_eq!((status, world.emulator.faults.list().len()), (400, 1));
    assert_eq!(
        refused["error"],
        "There would be 1001 faults that can still happen; at most 1000 may be set. Take some back: \
         DELETE /_emulator/faults/{id}, or DELETE /_emulator/faults for all of them"
    );
    world.call("ListFleets", json!({})).await.unwrap_err();
    let (status, set) = world.post("/_emulator/faults", json!(many)).await;
    assert_eq!((status, set.as_array().unwrap().len()), (200, 1000), "the used-up one makes room");
}
