use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use gamelift_emulator::{
    Clock, Emulator, Settings,
    server_sdk::client::{self, Event, ServerParameters},
    state_file::{load, save},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// An emulator that can be stopped; the next one can have its port.
struct Run {
    emulator: Emulator,
    port: u16,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Run {
    async fn start(port: u16, game_servers: u16, file: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let settings = Settings { game_servers, first_game_port: 0, port, ..Settings::default() };
        let emulator = Emulator::new(&settings, Clock::stopped());
        load(&emulator, file).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn({
            let emulator = emulator.clone();
            async move { emulator.serve(listener, async { drop(stopped.await) }).await }
        });
        emulator.ready().await;
        Self { emulator, port, stop, serving }
    }

    async fn stop(self, file: &Path) {
        drop(self.stop);
        self.serving.await.unwrap().unwrap();
        save(&self.emulator, file).unwrap();
    }

    async fn call(&self, operation: &str, input: Value) -> Value {
        let request = reqwest::Client::new().post(format!("http://127.0.0.1:{}/", self.port));
        let request = request.header("X-Amz-Target", format!("GameLift.{operation}")).body(input.to_string());
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn create_game_session(&self) -> String {
        let input = json!({
            "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
        });
        self.call("CreateGameSession", input).await["GameSession"]["GameSessionId"].as_str().unwrap().to_owned()
    }

    async fn status_of(&self, game_session: &str) -> String {
        let found = self.call("DescribeGameSessions", json!({ "GameSessionId": game_session })).await;
        found["GameSessions"][0]["Status"].as_str().unwrap().to_owned()
    }
}

fn file() -> PathBuf {
    std::env::temp_dir().join(format!("gamelift-emulator-{}", uuid::Uuid::new_v4()))
}

#[tokio::test]
async fn a_game_server_and_its_players_survive_a_restart() {
    let file = file();
    let first = Run::start(0, 0, &file).await;
    let named = json!({ "FleetId": Settings::FLEET_ID, "ComputeName": Settings::COMPUTE_NAME });
    let token = first.call("GetComputeAuthToken", named).await;
    let parameters = ServerParameters {
        websocket_url: format!("ws://127.0.0.1:{}/", first.port),
        // The id has the form of a built-in game server's.
        process_id: "sample-7777-mine".into(),
        host_id: Settings::COMPUTE_NAME.into(),
        fleet_id: Settings::FLEET_ID.into(),
        auth_token: token["AuthToken"].as_str().unwrap().into(),
        certificate_pem: None,
    };
    let (server, mut events) = client::init_sdk(parameters, Clock::new(1.0)).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    // The answer comes after the first heartbeat.
    server.compute_certificate().await.unwrap();
    let arn = first.create_game_session().await;
    assert!(matches!(events.next().await, Some(Event::StartGameSession(session)) if session.game_session_id == arn));
    server.activate_game_session(&arn).await.unwrap();
    let player = json!({ "GameSessionId": arn, "PlayerId": "ann", "PlayerData": "hers" });
    let player = first.call("CreatePlayerSession", player).await;
    let player = player["PlayerSession"]["PlayerSessionId"].as_str().unwrap().to_owned();
    let port = first.port;
    first.stop(&file).await;

    let second = Run::start(port, 0, &file).await;
    assert_eq!(second.status_of(&arn).await, "ACTIVE");
    // The game server connects again by itself.
    let accepted = async {
        while server.accept_player_session(&arn, &player).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), accepted).await.unwrap();
    let described = second.call("DescribePlayerSessions", json!({ "PlayerSessionId": player })).await;
    assert_eq!(described["PlayerSessions"][0]["Status"], "ACTIVE");
    assert_eq!(described["PlayerSessions"][0]["PlayerData"], "hers");
    server.process_ending().await.unwrap();
    assert_eq!(second.status_of(&arn).await, "TERMINATED");
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn built_in_servers_do_not_come_back_so_their_game_sessions_end() {
    let file = file();
    let first = Run::start(0, 1, &file).await;
    let arn = first.create_game_session().await;
    first.stop(&file).await;
    let second = Run::start(0, 1, &file).await;
    assert_eq!(second.status_of(&arn).await, "TERMINATED");
    second.create_game_session().await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn time_does_not_go_back() {
    let file = file();
    let first = Run::start(0, 1, &file).await;
    let location = json!({ "LocationName": "custom-later" });
    first.emulator.clock.step(Duration::from_secs(60));
    first.call("CreateLocation", location.clone()).await;
    let ahead = first.emulator.clock.now();
    first.stop(&file).await;
    let second = Run::start(0, 0, &file).await;
    assert!(second.emulator.clock.now() >= ahead, "time does not go back");
    assert_eq!(second.call("CreateLocation", location).await["__type"], "ConflictException");
    std::fs::remove_file(file).unwrap();
}
