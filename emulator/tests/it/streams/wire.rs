//! Facts of the wire that no SDK shows.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::streams::support::{APPLICATION, World, id_of, offer, world};

const SESSIONS: &str = "/streamgroups/sg-Local0001/streamsessions";

impl World {
    async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        request.body(body).send().await.unwrap()
    }

    async fn read(&self, path: &str) -> Response {
        self.send(Method::GET, path, "").await
    }
}

fn start_request() -> Value {
    json!({ "Protocol": "WebRTC", "SignalRequest": offer(), "ApplicationIdentifier": APPLICATION })
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

async fn expect_exception(response: Response, status: u16, exception: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(header(&response, "x-amzn-ErrorType"), exception);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "x-amzn-RequestId").len(), 36);
    let body = json_of(response).await;
    assert!(body["Message"].is_string() && body.as_object().unwrap().len() == 1, "{body}");
}

#[tokio::test]
async fn the_statuses_are_201_200_and_204_without_a_body() {
    let world = world().await;
    let response = world.send(Method::POST, SESSIONS, start_request().to_string()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "x-amzn-RequestId").len(), 36);
    let session = json_of(response).await;
    let path = format!("{SESSIONS}/{}", id_of(session["Arn"].as_str().unwrap()));
    world.step(1);
    assert_eq!(world.read(&path).await.status(), StatusCode::OK);
    let body = json!({ "SignalRequest": offer() }).to_string();
    let response = world.send(Method::POST, &format!("{path}/connections"), body).await;
    assert_eq!(response.status(), StatusCode::OK);
    let connection = json_of(response).await;
    assert_eq!(connection.as_object().unwrap().keys().collect::<Vec<_>>(), ["SignalResponse"]);

    let response = world.send(Method::DELETE, &path, "").await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!((header(&response, "content-type"), header(&response, "x-amzn-RequestId").len()), ("", 36));
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn times_are_numbers_and_what_is_not_there_is_left_out() {
    let world = world().await;
    let session = json_of(world.send(Method::POST, SESSIONS, start_request().to_string()).await).await;
    assert!(session["CreatedAt"].as_f64().unwrap() > 1.7e9 && session["LastUpdatedAt"].is_number());
    let listed = json_of(world.read(SESSIONS).await).await;
    assert!(listed["Items"][0]["CreatedAt"].is_number());
    assert!(listed.as_object().unwrap().get("NextToken").is_none());
    let group = json_of(world.read("/streamgroups/sg-Local0001").await).await;
    assert!(group["CreatedAt"].is_number());
    for description in [&session, &listed["Items"][0], &group] {
        assert!(description.as_object().unwrap().values().all(|value| !value.is_null()), "{description}");
    }
    for absent in ["UserId", "StatusReason", "SignalResponse", "Id", "ExportFilesMetadata", "DisplayConfiguration"] {
        assert!(session.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn an_arn_in_the_path_is_percent_encoded() {
    let world = world().await;
    let id = world.start().await;
    let prefix = "arn%3Aaws%3Agameliftstreams%3Aus-west-2%3A111122223333%3A";
    let group = format!("/streamgroups/{prefix}streamgroup%2Fsg-Local0001");
    let session = format!("{group}/streamsessions/{prefix}streamsession%2Fsg-Local0001%2F{id}");
    assert_eq!(world.read(&group).await.status(), StatusCode::OK);
    assert_eq!(json_of(world.read(&session).await).await["Status"], "ACTIVATING");
    world.step(1);
    assert_eq!(world.send(Method::DELETE, &session, "").await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_label_wins_over_a_member_of_that_name_and_unknown_members_do_no_harm() {
    let world = world().await;
    let mut request = start_request();
    request["Identifier"] = "sg-Other0001".into();
    request["SomethingNew"] = json!({ "Depth": 1 });
    let response = world.send(Method::POST, SESSIONS, request.to_string()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_cannot_be_read() {
    let world = world().await;
    let whole = start_request().to_string();
    for body in [&whole[..whole.len() - 2], "[]", "\"text\"", "\u{0}"] {
        let response = world.send(Method::POST, SESSIONS, body.to_owned()).await;
        expect_exception(response, 400, "SerializationException").await;
    }
}

#[tokio::test]
async fn every_exception_is_named_in_a_header() {
    let world = world().await;
    let response = world.send(Method::POST, SESSIONS, "").await;
    expect_exception(response, 400, "ValidationException").await;
    let response = world.read(&format!("{SESSIONS}?MaxResults=many")).await;
    expect_exception(response, 400, "ValidationException").await;
    let response = world.read("/streamgroups/%FF").await;
    expect_exception(response, 400, "ValidationException").await;
    let response = world.read("/streamgroups/sg-Other0001").await;
    expect_exception(response, 404, "ResourceNotFoundException").await;
    let id = world.start().await;
    let body = json!({ "SignalRequest": offer() }).to_string();
    let response = world.send(Method::POST, &format!("{SESSIONS}/{id}/connections"), body).await;
    expect_exception(response, 409, "ConflictException").await;
}

#[tokio::test]
async fn the_query_is_decoded() {
    let world = world().await;
    world.start().await;
    world.start().await;
    let page = json_of(world.read(&format!("{SESSIONS}?MaxResults=1&Status=ACTIVATING")).await).await;
    let token = page["NextToken"].as_str().unwrap();
    let rest = json_of(world.read(&format!("{SESSIONS}?Status=A%43TIVATING&NextToken={token}")).await).await;
    assert_eq!(rest["Items"].as_array().unwrap().len(), 1);
    assert_ne!(page["Items"][0]["Arn"], rest["Items"][0]["Arn"]);
}

/// These members are newer than the Rust SDK, which would not show them.
#[tokio::test]
async fn a_session_says_when_its_application_started_and_when_it_was_streamed() {
    let world = world().await;
    let times = async |id: &str| {
        let session = json_of(world.read(&format!("{SESSIONS}/{id}")).await).await;
        let of = |member: &str| session[member].as_f64();
        let created = of("CreatedAt").unwrap();
        let times = ["ApplicationStartedAt", "StreamingStartedAt", "StreamingEndedAt"].map(of);
        times.map(|time| time.map(|time| (time - created).round()))
    };
    let start = async || {
        let started = json_of(world.send(Method::POST, SESSIONS, start_request().to_string()).await).await;
        id_of(started["Arn"].as_str().unwrap()).to_owned()
    };
    let id = start().await;
    assert_eq!(times(&id).await, [None; 3]);
    world.step(1);
    assert_eq!(times(&id).await, [Some(1.0), None, None]);
    world.step(9);
    world.emulator.streams.client_connected(&id).unwrap();
    assert_eq!(times(&id).await, [Some(1.0), Some(10.0), None]);
    world.step(10);
    world.emulator.streams.client_disconnected(&id).unwrap();
    world.step(10);
    assert_eq!(times(&id).await, [Some(1.0), Some(10.0), None], "it may come back");
    world.connect(&id, &offer()).await.unwrap();
    world.emulator.streams.client_connected(&id).unwrap();
    world.step(10);
    world.emulator.streams.application_exited(&id).unwrap();
    world.step(60);
    assert_eq!(times(&id).await, [Some(1.0), Some(10.0), Some(40.0)]);

    let unseen = start().await;
    world.step(121);
    assert_eq!(times(&unseen).await, [Some(1.0), None, None], "nobody ever connected");
}
