//! Players who come together, and game versions with separate fleets.

use std::collections::BTreeMap;

use create_session::CreateSession;
use lambda_http::request::from_str;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use serde_json::{Value, json};
use testing::events::{Answered, call, event, post};

use crate::fake::{Fake, script};

async fn create(fleets: FleetConfig, members: Value) -> (Answered, Fake) {
    let mut body = json!({ "session_name": "A match", "num_connections": 4 });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let gamelift = Fake::new(script());
    (call(CreateSession::new(gamelift.clone(), fleets), post("create_session", &body)).await, gamelift)
}

fn players(answered: &Answered) -> Vec<&str> {
    answered.body["PlayerSessions"].as_array().unwrap().iter().map(|one| one["PlayerId"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_party_gets_its_slots_in_one_call_and_the_caller_comes_first() {
    let members = json!({ "uuid": "b", "uuids": ["a", "b", "c", "a"] });
    let (answered, gamelift) = create(FleetConfig::default(), members).await;
    assert_eq!(answered.body["PlayerId"], "b");
    assert_eq!(players(&answered), ["b", "a", "c"]);
    assert_eq!(answered.body["PlayerSessions"][2]["PlayerSessionId"], "psess-c");
    assert_eq!(gamelift.calls().last().unwrap(), "CreatePlayerSessions b a c");
}

#[tokio::test(start_paused = true)]
async fn without_a_uuid_the_first_of_the_party_is_the_caller() {
    let (answered, _) = create(FleetConfig::default(), json!({ "uuids": ["a", "b"] })).await;
    assert_eq!((&answered.body["PlayerId"], players(&answered)), (&json!("a"), vec!["a", "b"]));
}

#[tokio::test(start_paused = true)]
async fn a_player_alone_is_no_party() {
    let (answered, _) = create(FleetConfig::default(), json!({ "uuid": "a", "uuids": ["a"] })).await;
    assert_eq!(answered.body.get("PlayerSessions"), None);
}

#[tokio::test(start_paused = true)]
async fn where_an_authorizer_says_who_is_who_nobody_gets_anothers_player_session() {
    let mut event: Value = serde_json::from_str(&event("create_session.authorizer_subject")).unwrap();
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    body["uuids"] = json!(["friend"]);
    event["body"] = json!(body.to_string());
    let route = CreateSession::new(Fake::new(script()), FleetConfig::default());
    let answered = call(route, from_str(&event.to_string()).unwrap()).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.body["PlayerSessions"][1], json!({ "PlayerId": "friend", "Status": "RESERVED" }));
}

#[tokio::test(start_paused = true)]
async fn a_party_that_cannot_fit_is_refused_before_anything_is_created() {
    let too_many: Vec<_> = (0..26).map(|number| format!("player-{number}")).collect();
    let most = &too_many[..25];
    for (field, members) in [
        ("uuids", json!({ "uuid": "a", "uuids": too_many })),
        ("uuids", json!({ "uuid": "a", "uuids": most })),
        ("uuids[1]", json!({ "uuid": "a", "uuids": ["b", ""] })),
        ("uuids", json!({ "uuid": "a", "uuids": "b" })),
        ("num_connections", json!({ "uuid": "a", "uuids": ["b", "c", "d", "e"] })),
        ("uuid", json!({ "uuids": [] })),
    ] {
        let (answered, gamelift) = create(FleetConfig::default(), members).await;
        assert_eq!((answered.status, answered.code()), (400, Some("INVALID_REQUEST")), "{field}");
        assert_eq!(answered.body["errors"][0]["field"], field, "{}", answered.body);
        assert!(gamelift.calls().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn every_game_version_plays_on_its_own_fleets() {
    let on = |fleet: &str| {
        vec![Candidate { fleet: FleetRef::Fleet(fleet.to_owned()), locations: vec![format!("custom-{fleet}")] }]
    };
    let fleets = |candidates| FleetConfig {
        candidates,
        builds: BTreeMap::from([(-7, on("fleet-old")), (8, on("fleet-new"))]),
        ..FleetConfig::default()
    };
    let place = async |fleets: FleetConfig, build: Value| {
        let (answered, gamelift) = create(fleets, json!({ "uuid": "a", "build_id": build })).await;
        let create = gamelift.calls().into_iter().find(|call| call.starts_with("CreateGameSession"));
        (answered, create.and_then(|call| Some(call.rsplit_once(' ')?.1.to_owned())))
    };
    assert_eq!(place(fleets(Vec::new()), json!(-7)).await.1.unwrap(), "custom-fleet-old");
    assert_eq!(place(fleets(Vec::new()), json!("8.0")).await.1.unwrap(), "custom-fleet-new");
    assert_eq!(place(fleets(on("fleet-any")), Value::Null).await.1.unwrap(), "custom-fleet-any");
    for (fleets, build) in [
        (fleets(on("fleet-any")), json!(9)),
        (fleets(Vec::new()), Value::Null),
        (fleets(on("fleet-any")), json!("nightly")),
    ] {
        let (answered, place) = place(fleets, build).await;
        assert_eq!((answered.status, &answered.body["errors"][0]["field"]), (400, &json!("build_id")));
        assert_eq!(place, None);
    }
    let (_, place) = place(FleetConfig::default(), json!("nightly")).await;
    assert_eq!(place.unwrap(), "custom-a", "without versions the field is ignored");
}

#[tokio::test(start_paused = true)]
async fn a_queue_chooses_the_location_itself() {
    let fleets = FleetConfig { queue: Some("players".to_owned()), ..FleetConfig::default() };
    let members = json!({ "uuid": "a", "location": "custom-a", "latencies_ms": { "us-west-2": -1 } });
    let (answered, _) = create(fleets, members).await;
    let fields: Vec<_> = answered.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["latencies_ms.us-west-2", "location"]);
}
