//! Many players who create a game session at the same moment, when there is not room for all, within AWS's documented
//! rates.
//!
//! Every player calls a separate instance of the function, as on Lambda: with its own connection, look-ups and retries.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_gamelift::{Client, types::GameSession};
use create_session::CreateSession;
use futures_util::future::join_all;
use gamelift_emulator::{
    Settings,
    events::{Read, Reader},
};
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::Endpoint;
use testing::events;
use tokio::time::{sleep, timeout};

use crate::{
    aws::{Aws, Calls},
    report::{Outcome, Report},
    seed_loop,
};

/// Longest time that a Lambda function spends on its warm-up at its start.
const WARM_UP: Duration = Duration::from_secs(2);

/// The size of a rush.
#[derive(Clone, Debug)]
pub struct Rush {
    /// Players, all at once.
    pub players: usize,
    /// Free game servers.
    pub servers: u16,
    /// How long a game server takes to activate a game session.
    pub activation: Duration,
}

/// The code that answers the players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Liftgate, with instances that have looked up the fleet before.
    Warm,
    /// Liftgate, with instances that start with the call.
    Cold,
    /// See [`seed_loop`].
    SeedLoop,
}

impl Backend {
    /// All backends.
    pub const ALL: [Self; 3] = [Self::Warm, Self::Cold, Self::SeedLoop];

    /// Returns the backend's name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warm => "Liftgate, warm",
            Self::Cold => "Liftgate, cold",
            Self::SeedLoop => "the seed's loop",
        }
    }
}

impl Rush {
    /// Runs the rush on a fresh emulator.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used.
    pub async fn run(&self, backend: Backend) -> Result<Report, shared::Error> {
        let aws = Aws::start(&self.settings()).await;
        let activated = Activations::watch(aws.emulator.events.read(None));
        let calls = Calls::default();
        let mut instances = Vec::new();
        for _ in 0..self.players {
            let client = match backend {
                Backend::SeedLoop => aws.plain_client(&calls).await,
                Backend::Warm | Backend::Cold => aws.client(&calls).await?,
            };
            let route = CreateSession::without_limits(client.clone(), FleetConfig::default());
            if backend == Backend::Warm {
                route.warm_up().await;
            }
            instances.push((client, route));
        }
        // The look-ups have used up the rates, so wait.
        sleep(Duration::from_secs(2)).await;
        calls.take();
        let answers = join_all(instances.into_iter().enumerate().map(|(number, (client, route))| async move {
            let (player, started) = (format!("player-{number}"), Instant::now());
            let answer = match backend {
                Backend::SeedLoop => seed_loop::create_session(&client, &player).await,
                Backend::Warm | Backend::Cold => {
                    if backend == Backend::Cold {
                        let _ = timeout(WARM_UP, route.warm_up()).await;
                    }
                    create(&Endpoint::new(Ok(route), events::trusting()), &player).await
                }
            };
            (answer, started, Instant::now())
        }))
        .await;
        let calls = calls.take();
        let outcomes = answers.into_iter().map(|(answer, started, answered)| {
            let lag = answer.as_ref().ok().and_then(|id| Some(answered.saturating_duration_since(activated.of(id)?)));
            Outcome { answer, took: answered - started, lag }
        });
        let outcomes = outcomes.collect();
        let abandoned = abandoned(&aws.plain_client(&Calls::default()).await).await;
        Ok(Report { outcomes, calls, abandoned })
    }

    fn settings(&self) -> Settings {
        Settings {
            first_game_port: 0,
            game_servers: self.servers,
            activation_delay: self.activation,
            rate_limits: true,
            ..Settings::default()
        }
    }
}

async fn create(function: &Endpoint<CreateSession<Client>>, player: &str) -> Result<String, String> {
    let body = json!({ "session_name": "Rush", "uuid": player, "num_connections": 4 });
    let answer = events::call_endpoint(function, events::post("create_session", &body)).await;
    let code = || match (answer.code(), answer.body["upstream"]["operation"].as_str()) {
        (Some("NO_CAPACITY"), _) => "NO_CAPACITY".to_owned(),
        (Some(code), Some(operation)) => format!("{code} ({operation})"),
        (code, _) => code.unwrap_or("an answer out of shape").to_owned(),
    };
    answer.body["GameSessionId"].as_str().filter(|_| answer.status == 200).map(str::to_owned).ok_or_else(code)
}

/// Returns the number of game sessions that run without a player. Ended game sessions get a moment to terminate.
async fn abandoned(client: &Client) -> usize {
    sleep(Duration::from_secs(3)).await;
    let mut pages = client.describe_game_sessions().fleet_id(Settings::FLEET_ID).into_paginator().items().send();
    let mut abandoned = 0;
    while let Some(Ok(session)) = pages.next().await {
        abandoned += usize::from(is_empty(&session));
    }
    abandoned
}

fn is_empty(session: &GameSession) -> bool {
    let status = session.status().map_or("", |status| status.as_str());
    matches!(status, "ACTIVE" | "ACTIVATING") && session.current_player_session_count() == Some(0)
}

/// The time of each game session's activation, by id.
#[derive(Clone, Debug, Default)]
struct Activations(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Activations {
    fn watch(mut events: Reader) -> Self {
        let activations = Self::default();
        let known = activations.clone();
        tokio::spawn(async move {
            loop {
                let Read::Event(event) = events.next().await else { continue };
                let now = Instant::now();
                let detail = serde_json::to_value(&*event).map_or(Value::Null, |mut event| event["detail"].take());
                if let (Some("ACTIVE"), Some(id)) = (detail["status"].as_str(), detail["gameSessionArn"].as_str()) {
                    known.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), now);
                }
            }
        });
        activations
    }

    fn of(&self, id: &str) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }
}
