//! The bytes that AWS JSON 1.1 clients (boto3, the AWS CLI, the JavaScript SDK) get.

use gamelift_emulator::{Clock, Emulator, Settings};
use reqwest::{Client, Response};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

struct World {
    _emulator: Emulator,
    endpoint: String,
    client: Client,
}

impl World {
    async fn new() -> Self {
        let emulator = Emulator::new(&Settings { first_game_port: 0, ..Settings::default() }, Clock::stopped());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap());
        let server = emulator.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        Self { _emulator: emulator, endpoint, client: Client::new() }
    }

    async fn send(&self, operation: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.client.post(&self.endpoint).header("X-Amz-Target", format!("GameLift.{operation}"));
        request.header("Content-Type", "application/x-amz-json-1.1").body(body).send().await.unwrap()
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        let response = self.send(operation, body.to_string()).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }
}

#[tokio::test]
async fn an_answer_has_the_media_type_and_a_request_id() {
    let response = World::new().await.send("ListFleets", "{}").await;
    assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "FleetIds": [Settings::FLEET_ID] }));
}

#[tokio::test]
async fn a_game_session_has_the_members_of_the_model_and_no_nulls() {
    let world = World::new().await;
    let request = json!({
        "FleetId": Settings::FLEET_ID,
        "Location": Settings::LOCATION,
        "MaximumPlayerSessionCount": 2,
        "IdempotencyToken": "token",
        "Name": null,
        "GameProperties": [{ "Key": "b", "Value": "2" }, { "Key": "a", "Value": "1" }],
        "SomethingNew": { "ignored": [] },
    });
    let mut answer = world.call("CreateGameSession", request).await;
    let created = answer["GameSession"]["CreationTime"].take().as_f64().unwrap();
    let port = answer["GameSession"]["Port"].take().as_u64().unwrap();
    assert!((1..=60_000).contains(&port), "{port}");
    assert!((1.7e9..4e9).contains(&created), "seconds since 1970: {created}");
    let arn = format!("arn:aws:gamelift:us-west-2::gamesession/{}/custom-home/token", Settings::FLEET_ID);
    let expected = json!({
        "GameSession": {
            "GameSessionId": arn,
            "FleetId": Settings::FLEET_ID,
            "FleetArn": format!("arn:aws:gamelift:us-west-2:111122223333:fleet/{}", Settings::FLEET_ID),
            "CreationTime": null,
            "CurrentPlayerSessionCount": 0,
            "MaximumPlayerSessionCount": 2,
            "Status": "ACTIVATING",
            "GameProperties": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }],
            "IpAddress": "127.0.0.1",
            "Port": null,
            "PlayerSessionCreationPolicy": "ACCEPT_ALL",
            "Location": "custom-home",
            "ComputeName": "local-compute",
        },
    });
    assert_eq!(answer, expected);
}

#[rstest]
#[case::unknown_operation("CreateEverything", "{}", "UnknownOperationException")]
#[case::truncated("ListFleets", r#"{"Limit": 1"#, "SerializationException")]
#[case::not_json("ListFleets", "\u{0}", "SerializationException")]
#[case::wrong_type("ListFleets", r#"{"Limit": "1"}"#, "SerializationException")]
#[case::fraction("ListFleets", r#"{"Limit": 1.5}"#, "SerializationException")]
#[case::not_an_object("ListFleets", "7", "SerializationException")]
#[case::violation("ListFleets", r#"{"Limit": 0}"#, "InvalidRequestException")]
#[case::missing("ListCompute", "{}", "InvalidRequestException")]
#[case::null("ListCompute", r#"{"FleetId": null}"#, "InvalidRequestException")]
#[case::not_found("DescribeGameSessions", r#"{"GameSessionId": "arn:none"}"#, "NotFoundException")]
#[tokio::test]
async fn an_error_names_its_type_and_has_a_message(
    #[case] operation: &str,
    #[case] body: &'static str,
    #[case] name: &str,
) {
    let response = World::new().await.send(operation, body).await;
    assert_eq!(response.status(), 400);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["__type"], name, "{error}");
    assert!(!error["Message"].as_str().unwrap().is_empty());
    assert_eq!(error.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn all_violations_are_reported_at_once() {
    let body = json!({ "FleetId": "my fleet", "MaximumPlayerSessionCount": 201, "GameProperties": [{ "Key": "k" }] });
    let error: Value = World::new().await.send("CreateGameSession", body.to_string()).await.json().await.unwrap();
    let message = error["Message"].as_str().unwrap();
    assert!(message.starts_with("3 validation errors detected: Value at 'fleetId' failed to satisfy constraint: "));
    let count = "Value at 'maximumPlayerSessionCount' failed to satisfy constraint: \
                 Member must have value less than or equal to 200";
    assert!(message.contains(count), "{message}");
    let property = "Value at 'gameProperties[0].value' failed to satisfy constraint: Member must not be null";
    assert!(message.contains(property), "{message}");
}

#[tokio::test]
async fn an_empty_body_is_an_empty_input() {
    let answer: Value = World::new().await.send("DescribeFleetAttributes", "").await.json().await.unwrap();
    let fleet = &answer["FleetAttributes"][0];
    assert_eq!(fleet["Status"], "ACTIVE");
    assert_eq!(fleet["ComputeType"], "ANYWHERE");
    assert!(fleet["CreationTime"].is_number());
}
