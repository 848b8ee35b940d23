//! The built-in game servers of `FleetIQ`, over sockets.

use std::time::Duration;

use gamelift_emulator::{AccessKey, Clock, Emulator, Hosting, Settings, state_file};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::product::support::{World, settings};

const GROUP: &str = Settings::GAME_SERVER_GROUP;

fn fleetiq() -> Settings {
    Settings { hosting: Hosting::FleetIq, ..settings() }
}

async fn servers(world: &World) -> Vec<Value> {
    let found = world.call("ListGameServers", json!({ "GameServerGroupName": GROUP })).await.unwrap();
    found["GameServers"].as_array().unwrap().clone()
}

async fn described(world: &World, id: &Value) -> Result<Value, String> {
    let input = json!({ "GameServerGroupName": GROUP, "GameServerId": id });
    world.call("DescribeGameServer", input).await.map(|answer| answer["GameServer"].clone())
}

/// Sends `JOIN` as a player, and returns the connection with the answer.
async fn join(address: &Value) -> (BufReader<TcpStream>, String) {
    let mut player = BufReader::new(TcpStream::connect(address.as_str().unwrap()).await.unwrap());
    let answer = exchange(&mut player, "JOIN somebody").await;
    (player, answer)
}

async fn exchange(player: &mut BufReader<TcpStream>, line: &str) -> String {
    player.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    player.read_line(&mut answer).await.unwrap();
    answer.trim_end().to_owned()
}

#[tokio::test]
async fn a_claimed_game_server_plays_and_comes_back_as_another_one() {
    let world = World::new(Settings { empty_session_timeout: Duration::from_secs(30), ..fleetiq() }).await;
    let registered = servers(&world).await;
    assert_eq!(registered.len(), 2);
    let (_, answer) = join(&registered[0]["ConnectionInfo"]).await;
    assert!(answer.starts_with("REFUSED nobody has claimed"), "{answer}");

    let data = json!({ "Map": "arena", "CurrentPlayerSessionCount": 1 }).to_string();
    let claim = json!({ "GameServerGroupName": GROUP, "GameServerData": data });
    let claimed = world.call("ClaimGameServer", claim).await.unwrap();
    let data_of = async |id: &Value| {
        let server = described(&world, id).await.unwrap();
        serde_json::from_str::<Value>(server["GameServerData"].as_str().unwrap()).unwrap()
    };
    let (id, address) = (&claimed["GameServer"]["GameServerId"], &claimed["GameServer"]["ConnectionInfo"]);
    let (mut first, answer) = join(address).await;

    assert_eq!(answer, "WELCOME");
    let server = described(&world, id).await.unwrap();
    assert_eq!((&server["UtilizationStatus"], &server["ClaimStatus"]), (&json!("UTILIZED"), &Value::Null));
    let (mut second, answer) = join(address).await;
    assert_eq!(answer, "WELCOME", "a game that runs is open");
    assert_eq!(exchange(&mut first, "hello").await, "hello");
    assert_eq!(exchange(&mut second, "hi").await, "hi");
    assert_eq!(data_of(id).await, json!({ "Map": "arena", "CurrentPlayerSessionCount": 2 }));
    drop(second);
    world.until(async || data_of(id).await["CurrentPlayerSessionCount"] == 1).await;

    // Health is reported while the game goes on.
    let before = server["LastHealthCheckTime"].as_f64().unwrap();
    world.emulator.clock.step(Duration::from_secs(60));
    world
        .until(async || described(&world, id).await.unwrap()["LastHealthCheckTime"].as_f64().unwrap() > before + 59.0)
        .await;
    drop(first);
    // Once the game server has noticed, it waits for no further player.
    world
        .until(async || {
            world.emulator.clock.step(Duration::from_secs(5));
            described(&world, id).await == Err("NotFoundException".into())
        })
        .await;
    world.until(async || servers(&world).await.len() == 2).await;
    let again = servers(&world).await;
    let back = again.iter().find(|server| server["ConnectionInfo"] == *address).unwrap();
    assert_eq!((&back["UtilizationStatus"], back["GameServerId"] == *id), (&json!("AVAILABLE"), false));
}

#[tokio::test]
async fn a_game_server_of_your_own_is_claimed_before_the_samples() {
    let world = World::new(fleetiq()).await;
    let own = json!({
        "GameServerGroupName": GROUP, "GameServerId": "my-server", "InstanceId": Settings::INSTANCE_ID,
        "ConnectionInfo": "127.0.0.1:7990",
    });
    world.call("RegisterGameServer", own).await.unwrap();
    let claim = async || {
        let claimed = world.call("ClaimGameServer", json!({ "GameServerGroupName": GROUP })).await.unwrap();
        claimed["GameServer"]["GameServerId"].as_str().unwrap().to_owned()
    };
    assert_eq!(claim().await, "my-server");
    assert!(claim().await.starts_with("sample-"));
}

#[tokio::test]
async fn game_servers_move_to_the_instance_that_replaces_a_spot_instance() {
    let world = World::new(fleetiq()).await;
    let path = format!("/_emulator/game_server_groups/{GROUP}/instances/{}", Settings::INSTANCE_ID);
    let body = json!({ "status": "SPOT_TERMINATING" }).to_string();
    world.client.post(format!("{}{path}", world.url)).body(body).send().await.unwrap();
    world.emulator.clock.step(Duration::from_secs(60));
    world.emulator.clock.step(Duration::from_secs(60));
    // The game servers notice when they report their health.
    world
        .until(async || {
            world.emulator.clock.step(Duration::from_secs(1));
            let servers = servers(&world).await;
            servers.len() == 2 && servers.iter().all(|server| server["InstanceId"] != Settings::INSTANCE_ID)
        })
        .await;
}

#[tokio::test]
async fn they_are_back_after_a_reset_and_sign_their_calls() {
    let key: AccessKey = "key:secret".parse().unwrap();
    let world = World::new(Settings { access_key: Some(key), ..fleetiq() }).await;
    let registered = async || {
        let gamelift = world.gamelift("key", "secret");
        let servers = gamelift.list_game_servers().game_server_group_name(GROUP).send().await.unwrap();
        servers.game_servers().iter().map(|server| server.game_server_id().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = registered().await;
    assert_eq!(before.len(), 2);
    assert_eq!(world.post("/_emulator/reset", json!({})).await.0, 200);
    let after = registered().await;
    assert_eq!(after.len(), 2);
    assert!(after.iter().all(|id| !before.contains(id)));
}

#[tokio::test]
async fn they_deregister_when_the_emulator_stops() {
    let file = std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let emulator = Emulator::new(&fleetiq(), Clock::stopped());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn({
        let emulator = emulator.clone();
        async move { emulator.serve(listener, async { drop(stopped.await) }).await }
    });
    emulator.ready().await;
    state_file::save(&emulator, &file).unwrap();
    let registered = |text: &str| text.matches("\"last_health_check_time\"").count();
    assert_eq!(registered(&std::fs::read_to_string(&file).unwrap()), 2);
    drop(stop);
    serving.await.unwrap().unwrap();
    state_file::save(&emulator, &file).unwrap();
    assert_eq!(registered(&std::fs::read_to_string(&file).unwrap()), 0);
    std::fs::remove_file(file).unwrap();
}
