//! State files that no emulator wrote: the checksum is no secret.
//!
//! Any content is either an error at the start or a state that every operation can work on.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use gamelift_emulator::{
    Clock, Emulator, Settings,
    server_sdk::client::{self, Error, Events, Server, ServerParameters},
    state_file::{StateFileError, load, save},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::product::support::World;

const OFFER: &str = "NO_CLIENT_CONNECTION";
const GROUP: &str = Settings::STREAM_GROUP_ID;

/// A file of one test, deleted after it.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4())))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn settings() -> Settings {
    Settings { game_servers: 0, stream_capacity: 1, random_seed: Some(1), ..Settings::default() }
}

/// Returns the head of a state file, up to the checksum, and its body, which has something of every kind.
async fn rich_file() -> (String, Value) {
    let world = World::new(settings()).await;
    let mut servers = Vec::new();
    for number in 0..3 {
        servers.push(game_server(&world, number).await.unwrap());
    }
    let fleet = json!({ "FleetIds": [Settings::FLEET_ID] });
    let fleet = world.call("DescribeFleetAttributes", fleet).await.unwrap()["FleetAttributes"][0]["FleetArn"].clone();
    let queue = json!({ "Name": "q", "Destinations": [{ "DestinationArn": fleet }] });
    world.call("CreateGameSessionQueue", queue).await.unwrap();
    let ended = world.create_game_session().await;
    let (server, _) = servers.remove(0);
    server.process_ending().await.unwrap();
    assert!(ended.contains("gsess-"));
    let playing = world.create_game_session().await;
    servers[0].0.activate_game_session(&playing).await.unwrap();
    let players = json!({ "GameSessionId": playing, "PlayerIds": ["ann", "ben"] });
    let players = world.call("CreatePlayerSessions", players).await.unwrap();
    let ann = players["PlayerSessions"][0]["PlayerSessionId"].as_str().unwrap();
    servers[0].0.accept_player_session(&playing, ann).await.unwrap();
    for id in ["starts", "waits"] {
        let place = json!({ "PlacementId": id, "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 2,
            "DesiredPlayerSessions": [{ "PlayerId": "cid" }] });
        world.call("StartGameSessionPlacement", place).await.unwrap();
    }
    let alias = json!({ "Name": "a", "RoutingStrategy": { "Type": "SIMPLE", "FleetId": Settings::FLEET_ID },
        "Tags": [{ "Key": "k", "Value": "v" }] });
    world.call("CreateAlias", alias).await.unwrap();
    for id in ["server-1", "server-2"] {
        let register = json!({ "GameServerGroupName": Settings::GAME_SERVER_GROUP, "GameServerId": id,
            "InstanceId": Settings::INSTANCE_ID, "ConnectionInfo": "127.0.0.1:1" });
        world.call("RegisterGameServer", register).await.unwrap();
    }
    let group = json!({ "GameServerGroupName": Settings::GAME_SERVER_GROUP });
    world.call("ClaimGameServer", group).await.unwrap();
    matchmaking(&world).await;
    let live = start_stream(&world, "u").await;
    world.emulator.clock.step(Duration::from_secs(1));
    start_matchmaking(&world, "searches", "accepted").await.unwrap();
    start_stream(&world, "v").await;
    let export = format!("/streamgroups/{GROUP}/streamsessions/{live}/exportfiles");
    stream(&world, reqwest::Method::PUT, &export, json!({ "OutputUri": "s3://bucket/files.zip" })).await.unwrap();

    let file = Temporary::new();
    save(&world.emulator, &file.0).unwrap();
    let text = std::fs::read_to_string(&file.0).unwrap();
    let (head, body) = text.split_once('\n').unwrap();
    let (head, _) = head.split_at(head.len() - 64);
    (head.to_owned(), serde_json::from_str(body).unwrap())
}

async fn game_server(world: &World, number: u16) -> Result<(Server, Events), Error> {
    let compute = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
    let token = world.call("GetComputeAuthToken", compute).await.unwrap();
    let parameters = ServerParameters {
        websocket_url: world.url.replace("http", "ws"),
        process_id: format!("process-{number}"),
        host_id: Settings::COMPUTE_NAME.into(),
        fleet_id: Settings::FLEET_ID.into(),
        auth_token: token["AuthToken"].as_str().unwrap().into(),
        certificate_pem: None,
    };
    let (server, events) = client::init_sdk(parameters, Clock::stopped()).await?;
    server.process_ready(7777 + number, &[]).await?;
    // The answer comes after the first heartbeat.
    server.compute_certificate().await?;
    Ok((server, events))
}

/// Starts tickets that will be in a match: two are to be accepted, two are being placed.
async fn matchmaking(world: &World) {
    let team = json!({ "name": "player", "minPlayers": 1, "maxPlayers": 1, "quantity": 2 });
    let body = json!({ "ruleLanguageVersion": "1.0", "teams": [team] }).to_string();
    world.call("CreateMatchmakingRuleSet", json!({ "Name": "pair", "RuleSetBody": body })).await.unwrap();
    let queues = world.call("DescribeGameSessionQueues", json!({})).await.unwrap();
    let queue = &queues["GameSessionQueues"][0]["GameSessionQueueArn"];
    let accepted = json!({ "Name": "accepted", "RuleSetName": "pair", "RequestTimeoutSeconds": 600,
        "AcceptanceRequired": true, "AcceptanceTimeoutSeconds": 60 });
    world.call("CreateMatchmakingConfiguration", accepted).await.unwrap();
    let placed = json!({ "Name": "placed", "RuleSetName": "pair", "RequestTimeoutSeconds": 600,
        "AcceptanceRequired": false, "GameSessionQueueArns": [queue] });
    world.call("CreateMatchmakingConfiguration", placed).await.unwrap();
    for (id, configuration) in [("t1", "accepted"), ("t2", "accepted"), ("t3", "placed"), ("t4", "placed")] {
        start_matchmaking(world, id, configuration).await.unwrap();
    }
}

async fn start_matchmaking(world: &World, id: &str, configuration: &str) -> Result<Value, String> {
    let players = json!([{ "PlayerId": format!("player of {id}"), "PlayerAttributes": { "skill": { "N": 1.5 } } }]);
    let start = json!({ "TicketId": id, "ConfigurationName": configuration, "Players": players });
    world.call("StartMatchmaking", start).await
}

async fn use_matchmaking(world: &World) {
    for configuration in ["accepted", "placed"] {
        drop(start_matchmaking(world, &format!("new-{configuration}"), configuration).await);
    }
    world.emulator.clock.step(Duration::from_secs(1));
    for id in ["t1", "t2", "new-accepted", "searches"] {
        let answer = json!({ "TicketId": id, "PlayerIds": [format!("player of {id}")], "AcceptanceType": "ACCEPT" });
        drop(world.call("AcceptMatch", answer).await);
    }
    for id in ["t2", "t3", "searches"] {
        drop(world.call("StopMatchmaking", json!({ "TicketId": id })).await);
    }
    drop(world.call("DescribeMatchmaking", json!({ "TicketIds": ["t1", "t2", "t3", "t4", "searches"] })).await);
    let update = json!({ "Name": "accepted", "RuleSetName": "pair", "AcceptanceRequired": false });
    drop(world.call("UpdateMatchmakingConfiguration", update).await);
    drop(world.call("DescribeMatchmakingConfigurations", json!({})).await);
}

async fn start_stream(world: &World, user: &str) -> String {
    let start = json!({ "ApplicationIdentifier": Settings::APPLICATION_ID, "Protocol": "WebRTC",
        "SignalRequest": OFFER, "UserId": user, "ClientToken": format!("{user:0>32}") });
    let path = format!("/streamgroups/{GROUP}/streamsessions");
    let started = stream(world, reqwest::Method::POST, &path, start).await.unwrap();
    started["Arn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Calls GameLift Streams. An exception is allowed, a missing answer is not.
async fn stream(world: &World, method: reqwest::Method, path: &str, body: Value) -> Option<Value> {
    let request = world.client.request(method, format!("{}{path}", world.url)).body(body.to_string());
    let response = request.send().await.unwrap();
    let succeeded = response.status().is_success();
    let body = response.bytes().await.unwrap();
    succeeded.then(|| serde_json::from_slice(&body).unwrap_or_default())
}

fn write(file: &Path, head: &str, body: &str) {
    let digest = Sha256::digest(body.as_bytes());
    let checksum: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(file, format!("{head}{checksum}\n{body}")).unwrap();
}

/// One change of a JSON document.
#[derive(Clone, Debug)]
struct Change {
    node: prop::sample::Index,
    other: prop::sample::Index,
    how: u8,
}

fn any_change() -> impl Strategy<Value = Change> {
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..9_u8).prop_map(|(node, other, how)| Change {
        node,
        other,
        how,
    })
}

/// Adds the paths of all values in a document to `found`.
fn nodes(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                nodes(member, &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| nodes(item, &format!("{path}/{index}"), found));
        }
        _ => {}
    }
}

fn apply(document: &mut Value, change: &Change) {
    let mut paths = Vec::new();
    nodes(document, "", &mut paths);
    let other = document.pointer(&paths[change.other.index(paths.len())]).cloned().unwrap_or_default();
    let Some(node) = document.pointer_mut(&paths[change.node.index(paths.len())]) else { return };
    const NUMBERS: [u64; 4] = [u64::MAX, i64::MAX.unsigned_abs(), 1 << 53, 0];
    const TIMES: [&str; 3] = ["-009999-01-02T01:59:59Z", "9999-12-30T22:00:00.999999999Z", "1970-01-01T00:00:00Z"];
    match (node, change.how) {
        (Value::Array(items), 0) => items.clear(),
        (Value::Array(items), 1) => items.extend(items.first().cloned()),
        (Value::Object(members), 0) => members.clear(),
        (Value::Object(members), 1) => {
            let name = members.keys().nth(change.other.index(members.len().max(1))).cloned();
            name.map(|name| members.remove(&name));
        }
        (Value::Object(members), 2) => {
            members.insert("another".to_owned(), other);
        }
        (Value::Number(number), 0..=4) => {
            *number = NUMBERS[change.other.index(NUMBERS.len())].into();
        }
        (Value::String(text), 0) => text.clear(),
        (Value::String(text), 1..=3) if text.parse::<jiff::Timestamp>().is_ok() => {
            TIMES[change.other.index(TIMES.len())].clone_into(text);
        }
        (node, 4) => *node = Value::Null,
        (node, _) => *node = other,
    }
}

/// Uses every feature of the emulator that touches its state, once.
async fn use_it(world: &World) {
    let state = reqwest::get(format!("{}/_emulator/state", world.url)).await.unwrap();
    let state: Value = state.json().await.unwrap();
    let names = |list: &str, member: &str| -> Vec<Value> {
        let listed = state["gamelift"][list].as_array().into_iter().flatten();
        listed.map(|resource| resource[member].clone()).collect()
    };
    for id in names("game_sessions", "GameSessionId") {
        let players = json!({ "GameSessionId": id, "PlayerIds": ["p1", "p2"] });
        drop(world.call("CreatePlayerSessions", players).await);
        drop(world.call("DescribePlayerSessions", json!({ "GameSessionId": id })).await);
        let end = json!({ "GameSessionId": id, "TerminationMode": "TRIGGER_ON_PROCESS_TERMINATE" });
        drop(world.call("TerminateGameSession", end).await);
    }
    drop(world.call("SearchGameSessions", json!({ "FleetId": Settings::FLEET_ID })).await);
    drop(world.call("DescribePlayerSessions", json!({ "PlayerId": "ann" })).await);
    for id in ["starts", "waits", "new"] {
        let place = json!({ "PlacementId": id, "GameSessionQueueName": "q", "MaximumPlayerSessionCount": 2 });
        drop(world.call("StartGameSessionPlacement", place).await);
        drop(world.call("DescribeGameSessionPlacement", json!({ "PlacementId": id })).await);
    }
    let compute = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
    if world.call("GetComputeAuthToken", compute).await.is_ok() {
        drop(game_server(world, 9).await);
        let create = json!({ "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION,
            "MaximumPlayerSessionCount": 2, "CreatorId": "c" });
        drop(world.call("CreateGameSession", create).await);
    }
    let group = |more: Value| {
        let mut input = json!({ "GameServerGroupName": Settings::GAME_SERVER_GROUP });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    drop(world.call("ClaimGameServer", group(json!({}))).await);
    let utilized = group(json!({ "GameServerId": "server-1", "UtilizationStatus": "UTILIZED" }));
    drop(world.call("UpdateGameServer", utilized).await);
    drop(world.call("DeregisterGameServer", group(json!({ "GameServerId": "server-2" }))).await);
    use_streams(world, &state).await;
    use_matchmaking(world).await;
    for seconds in [1, 60, 600, 90 * 24 * 60 * 60] {
        world.emulator.clock.step(Duration::from_secs(seconds));
        world.emulator.settle();
    }
    drop(world.call("DeleteGameServerGroup", group(json!({ "DeleteOption": "FORCE_DELETE" }))).await);
    drop(world.call("DeleteFleet", json!({ "FleetId": Settings::FLEET_ID })).await);
    drop(world.call("DeleteGameSessionQueue", json!({ "Name": "q" })).await);
    drop(world.call("DeleteMatchmakingConfiguration", json!({ "Name": "accepted" })).await);
    drop(world.call("DeleteMatchmakingRuleSet", json!({ "Name": "pair" })).await);
    world.emulator.clock.step(Duration::from_secs(60));
    world.emulator.settle();
}

async fn use_streams(world: &World, state: &Value) {
    use reqwest::Method;
    let sessions = state["streams"]["stream_sessions"].as_array().into_iter().flatten();
    for session in sessions.filter_map(|session| session["Arn"].as_str()?.rsplit('/').next()) {
        let path = format!("/streamgroups/{GROUP}/streamsessions/{session}");
        stream(world, Method::GET, &path, json!({})).await;
        let connect = json!({ "SignalRequest": "another" });
        stream(world, Method::POST, &format!("{path}/connections"), connect).await;
        for what in ["connect", "input", "disconnect"] {
            stream(world, Method::POST, &format!("/_emulator/streams/{session}/{what}"), json!({})).await;
        }
        stream(world, Method::DELETE, &path, json!({})).await;
    }
    let start =
        json!({ "ApplicationIdentifier": Settings::APPLICATION_ID, "Protocol": "WebRTC", "SignalRequest": OFFER });
    stream(world, Method::POST, &format!("/streamgroups/{GROUP}/streamsessions"), start).await;
    let update = json!({ "LocationConfigurations": [{ "LocationName": "us-west-2", "AlwaysOnCapacity": 2 }] });
    stream(world, Method::PATCH, &format!("/streamgroups/{GROUP}"), update).await;
    let location = json!({ "LocationConfigurations": [{ "LocationName": "eu-central-1", "AlwaysOnCapacity": 2 }] });
    stream(world, Method::POST, &format!("/streamgroups/{GROUP}/locations"), location).await;
    stream(world, Method::DELETE, &format!("/streamgroups/{GROUP}"), json!({})).await;
}

/// Starts on a file with this body, and returns whether that worked.
async fn start_on(head: &str, body: &str) -> bool {
    let file = Temporary::new();
    write(&file.0, head, body);
    let world = World::on_file(settings(), &file.0).await;
    match world {
        Ok(world) => {
            use_it(&world).await;
            save(&world.emulator, &file.0).unwrap();
            let again = Emulator::new(&settings(), Clock::stopped());
            load(&again, &file.0).unwrap();
            true
        }
        Err(StateFileError::Damaged { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_state_file_may_hold_anything() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (head, body) = runtime.block_on(rich_file());
    assert!(runtime.block_on(start_on(&head, &body.to_string())), "what was written is read");
    let config = Config::default();
    let mut runner = TestRunner::new(Config { cases: config.cases.max(300), failure_persistence: None, ..config });
    let changes = prop::collection::vec(any_change(), 1..3);
    let result = runner.run(&changes, |changes| {
        let mut crafted = body.clone();
        changes.iter().for_each(|change| apply(&mut crafted, change));
        runtime.block_on(start_on(&head, &crafted.to_string()));
        Ok(())
    });
    result.unwrap();
}

#[test]
fn a_number_that_cannot_be_counted_on_is_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (head, body) = runtime.block_on(rich_file());
    for place in ["/gamelift/next_number", "/gamelift/timers/next_number", "/streams/wakes/next_number"] {
        for number in [json!(u64::MAX), json!(u64::MAX - 1), json!(-1), json!(1e30), json!("1"), json!(null)] {
            let mut crafted = body.clone();
            *crafted.pointer_mut(place).unwrap() = number.clone();
            assert!(!runtime.block_on(start_on(&head, &crafted.to_string())), "{place} {number}");
        }
    }
}
