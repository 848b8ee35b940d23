//! A world with a stopped clock.

use std::{path::Path, time::Duration};

use aws_sdk_gamelift::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig};
use gamelift_emulator::{
    Clock, Emulator, Settings,
    state_file::{StateFileError, load},
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// Returns settings with sample game servers on free ports.
pub(crate) fn settings() -> Settings {
    Settings { game_servers: 2, first_game_port: 0, ..Settings::default() }
}

/// Returns the same settings with these faults.
pub(crate) fn faulty(specs: &[&str]) -> Settings {
    Settings { faults: specs.iter().map(|spec| spec.parse().unwrap()).collect(), ..settings() }
}

impl World {
    pub(crate) async fn new(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let emulator = Emulator::new(&Settings { port: address.port(), ..settings }, Clock::stopped());
        let server = emulator.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        emulator.ready().await;
        Self { emulator, url: format!("http://{address}"), client: Client::new() }
    }

    /// Returns a world whose emulator continues from a state file.
    pub(crate) async fn on_file(settings: Settings, file: &Path) -> Result<Self, StateFileError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let emulator = Emulator::new(&Settings { port: address.port(), ..settings }, Clock::stopped());
        load(&emulator, file)?;
        let server = emulator.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        Ok(Self { emulator, url: format!("http://{address}"), client: Client::new() })
    }

    /// Calls an operation of GameLift in AWS JSON.
    pub(crate) async fn send(&self, operation: &str, input: Value) -> Result<Response, reqwest::Error> {
        self.client
            .post(format!("{}/", self.url))
            .header("X-Amz-Target", format!("GameLift.{operation}"))
            .body(input.to_string())
            .send()
            .await
    }

    /// Returns the output, or the exception's name.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, String> {
        let response = self.send(operation, input).await.unwrap();
        let succeeded = response.status().is_success();
        let output: Value = response.json().await.unwrap();
        if succeeded { Ok(output) } else { Err(output["__type"].as_str().unwrap().to_owned()) }
    }

    /// Creates a game session on the default fleet, and returns its ARN.
    pub(crate) async fn create_game_session(&self) -> String {
        let input = json!({
            "FleetId": Settings::FLEET_ID, "Location": Settings::LOCATION, "MaximumPlayerSessionCount": 4,
        });
        let created = self.call("CreateGameSession", input).await.unwrap();
        created["GameSession"]["GameSessionId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn status_of(&self, game_session: &str) -> String {
        let found = self.call("DescribeGameSessions", json!({ "GameSessionId": game_session })).await.unwrap();
        found["GameSessions"][0]["Status"].as_str().unwrap().to_owned()
    }

    /// Waits until the sample game server has activated the game session.
    pub(crate) async fn activate(&self, game_session: &str) {
        self.emulator.clock.step(Duration::from_secs(1));
        self.until(async || self.status_of(game_session).await == "ACTIVE").await;
    }

    /// Waits until other tasks have made it happen.
    pub(crate) async fn until(&self, happened: impl AsyncFn() -> bool) {
        let soon = async {
            while !happened().await {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), soon).await.unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.client.post(format!("{}{path}", self.url)).body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        self.client.delete(format!("{}{path}", self.url)).send().await.unwrap().status().as_u16()
    }

    /// Returns the SDK's client for GameLift, which speaks CBOR, without retries.
    pub(crate) fn gamelift(&self, key: &str, secret: &str) -> aws_sdk_gamelift::Client {
        let config = aws_sdk_gamelift::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .retry_config(RetryConfig::disabled())
            // Hundreds of calls at once on a busy machine: the SDK's 3.1 s are no measure of the emulator.
            .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(60)).build())
            .endpoint_url(&self.url)
            .build();
        aws_sdk_gamelift::Client::from_conf(config)
    }

    /// Returns the SDK's client for GameLift Streams, without retries.
    pub(crate) fn streams(&self, key: &str, secret: &str) -> aws_sdk_gameliftstreams::Client {
        let config = aws_sdk_gameliftstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-west-2"))
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.url)
            .build();
        aws_sdk_gameliftstreams::Client::from_conf(config)
    }
}
