//! The players of one way.

use std::{error::Error, time::Duration};

use fastrand::Rng;
use futures_util::future::join_all;
use gamelift_emulator::{
    Emulator, Settings, files,
    seed::{MatchmakingConfiguration, MatchmakingRuleSet, Seed},
};
use liftgate::{Options, World};
use reqwest::Client;
use serde_json::json;
use shared::clock::Clock;
use store::Store;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    aws::{Aws, Calls},
    matches::{
        placements, polls,
        report::Report,
        searches::Gateway,
        told::Told,
        way::{Asked, Outcome, Way},
    },
};

/// The matchmaking configuration and its rule set.
const MATCHES: &str = "matches";

/// Players of a match.
const TEAM: usize = 8;

/// The time that a player waits on top of the wait that is wanted, at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// The size of a rush.
#[derive(Clone, Copy, Debug)]
pub struct Rush {
    /// Players. A multiple of 8 finds matches for all.
    pub players: usize,
    /// How many of them come in a second.
    pub per_second: f64,
    /// How long FlexMatch searches, or a game server takes to activate a game session of a queue.
    pub wait: Duration,
}

impl Rush {
    /// Runs the rush in one way, on a fresh emulator.
    ///
    /// # Errors
    /// When the environment holds settings that cannot be used, or the world cannot start.
    pub async fn run(&self, way: Way) -> Result<Report, Box<dyn Error>> {
        match way {
            Way::Socket | Way::Call | Way::StorePolls => self.searches(way).await,
            Way::GameLiftPolls => self.polls().await,
            Way::Placement => self.placements(Some(Store::in_memory(Clock::system()))).await,
            Way::PlacementWithoutStore => self.placements(None).await,
        }
    }

    async fn searches(&self, way: Way) -> Result<Report, Box<dyn Error>> {
        let emulator = self.of_matches();
        let options = Options { port: Some(0), emulator_port: Some(0), emulator, ..Options::default() };
        let world = World::start(options.within(files::raise())).await?;
        let (Some(emulator), Some(address)) = (world.emulator.clone(), world.gateway) else {
            return Err("the world has no gateway".into());
        };
        emulator.ready().await;
        let gateway = Gateway { http: Client::new(), address };
        let told = Told::listen(&emulator.events)?;
        let search = |number: usize| {
            let (gateway, player) = (gateway.clone(), player(number));
            async move { gateway.search(way, &player, rng(number)).await }
        };
        let outcomes = self.come(search).await;
        let report = self.report(&emulator, &told, outcomes);
        world.stop(Duration::from_secs(1)).await?;
        Ok(report)
    }

    async fn polls(&self) -> Result<Report, Box<dyn Error>> {
        let (aws, calls) = (Aws::start(&self.of_matches()).await, Calls::default());
        let mut clients = Vec::new();
        for _ in 0..self.players {
            clients.push(aws.plain_client(&calls).await);
        }
        let told = Told::listen(&aws.emulator.events)?;
        let search = |number: usize| {
            let (client, player) = (clients[number].clone(), player(number));
            async move { polls::search(&client, MATCHES, &player, rng(number)).await }
        };
        let outcomes = self.come(search).await;
        Ok(self.report(&aws.emulator, &told, outcomes))
    }

    async fn placements(&self, store: Option<Store>) -> Result<Report, Box<dyn Error>> {
        let settings = Settings { activation_delay: self.wait, ..self.settings(self.players) };
        let (aws, calls) = (Aws::start(&settings).await, Calls::default());
        let mut functions = Vec::new();
        for _ in 0..self.players {
            functions.push(placements::instance(aws.client(&calls).await?, store.clone()));
        }
        let mut tasks = JoinSet::new();
        if let Some(store) = store {
            tasks.spawn(placements::record(aws.emulator.events.clone(), aws.client(&calls).await?, store));
        }
        let told = Told::listen(&aws.emulator.events)?;
        let functions = &functions;
        let outcomes =
            self.come(|number| async move { placements::create(&functions[number], &player(number)).await }).await;
        Ok(self.report(&aws.emulator, &told, outcomes))
    }

    /// Lets the players come one after the other, and waits for all.
    async fn come<F: Future<Output = Outcome>>(&self, wait: impl Fn(usize) -> F) -> Vec<Outcome> {
        let wait = &wait;
        join_all((0..self.players).map(|number| async move {
            sleep(Duration::from_secs_f64(number as f64 / self.per_second)).await;
            let outcome = timeout(self.wait + PATIENCE, wait(number)).await;
            outcome.unwrap_or_else(|_| Asked::default().outcome(Err("no answer".to_owned())))
        }))
        .await
    }

    fn report(&self, emulator: &Emulator, told: &Told, outcomes: Vec<Outcome>) -> Report {
        Report::new(outcomes, told, &emulator.calls.take())
    }

    /// An emulator whose matches have eight players, all of whom have waited as long as is wanted.
    fn of_matches(&self) -> Settings {
        let rules = json!({
            "ruleLanguageVersion": "1.0",
            "teams": [{ "name": "all", "minPlayers": TEAM, "maxPlayers": TEAM }],
            "rules": [{
                "name": "Wait", "type": "comparison", "operation": "<=",
                "measurements": ["count(teams[all].players)"], "referenceValue": 0,
            }],
            "expansions": [{
                "target": "rules[Wait].referenceValue",
                "steps": [{ "waitTimeSeconds": self.wait.as_secs(), "value": TEAM }],
            }],
        });
        let configuration =
            json!({ "name": MATCHES, "rule_set": MATCHES, "queue": Settings::QUEUE, "request_timeout_seconds": 600 });
        let configuration: MatchmakingConfiguration =
            serde_json::from_value(configuration).expect("it is written like a seed file");
        let rule_set = MatchmakingRuleSet { name: MATCHES.to_owned(), body: Some(rules.to_string()), file: None };
        let seed = Seed {
            matchmaking_rule_sets: vec![rule_set],
            matchmaking_configurations: vec![configuration],
            ..Seed::default()
        };
        Settings { seed, ..self.settings(self.players.div_ceil(TEAM)) }
    }

    fn settings(&self, game_servers: usize) -> Settings {
        Settings {
            first_game_port: 0,
            game_servers: game_servers.try_into().unwrap_or(u16::MAX),
            rate_limits: true,
            random_seed: Some(1),
            ..Settings::default()
        }
    }
}

fn player(number: usize) -> String {
    format!("player-{number}")
}

fn rng(number: usize) -> Rng {
    Rng::with_seed(number as u64)
}
