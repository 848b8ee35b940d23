//! Who plays what.

use std::time::Duration;

use aws_sdk_gamelift::types::TerminationMode;
use futures_util::future::{LocalBoxFuture, join_all};
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use tokio::time::sleep;

use crate::{
    chaos::{
        after::Report,
        clients::{Client, Player},
        game::Game,
    },
    faults::{
        scenario::{create, queue, with_queue},
        searches::with_duels,
    },
};

/// Some players, of whom the first is the client of a cell.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) settings: fn(&mut Settings),
    pub(crate) fleets: fn() -> FleetConfig,
    /// What happens before they come.
    prepare: for<'a> fn(&'a Game) -> LocalBoxFuture<'a, ()>,
    /// The clients of the first player.
    pub(crate) clients: &'static [Client],
    /// The others' names. They come a second after one another.
    pub(crate) players: &'static [&'static str],
    /// What each of them does.
    play: for<'a> fn(Player<'a>, Client) -> LocalBoxFuture<'a, Report>,
    /// What the others are.
    others: Client,
    /// The most game sessions that are made.
    pub(crate) most_sessions: usize,
}

const SECOND: Duration = Duration::from_secs(1);

const SEARCHERS: &[Client] = &[
    Client::Waits,
    Client::LosesTheAnswer,
    Client::Polls,
    Client::ComesBack,
    Client::Leaves,
    Client::Stops(Duration::from_millis(500)),
    Client::Stops(Duration::from_millis(1600)),
    Client::TwoDevices,
];

/// Those whose differences matter where more players are in it.
const FEW: &[Client] = &[Client::Waits, Client::Leaves, Client::Stops(Duration::from_millis(1600)), Client::TwoDevices];

const CREATORS: &[Client] =
    &[Client::Waits, Client::LosesTheAnswer, Client::Polls, Client::ComesBack, Client::Leaves, Client::TwoDevices];

const DUEL: Scenario = Scenario {
    name: "a duel",
    settings: with_slow_duels,
    fleets: queue,
    prepare: |_| Box::pin(async {}),
    clients: SEARCHERS,
    players: &["ana", "bo"],
    play: |player, client| Box::pin(player.search(client)),
    others: Client::TwoDevices,
    most_sessions: 1,
};

const CREATE: Scenario = Scenario {
    name: "game sessions through a queue",
    settings: |settings| {
        with_queue(settings);
        settings.game_servers = 3;
        settings.activation_delay = 3 * SECOND;
    },
    clients: CREATORS,
    players: &["ana", "bo", "cy"],
    play: |player, client| Box::pin(player.create(client)),
    others: Client::Waits,
    most_sessions: 3,
    ..DUEL
};

pub(crate) const SCENARIOS: &[Scenario] = &[
    DUEL,
    Scenario {
        name: "a duel that has to be accepted",
        settings: |settings| {
            with_slow_duels(settings);
            settings.seed.matchmaking_configurations[0].acceptance_timeout_seconds = Some(30);
        },
        // A client that does not come back before the end cannot accept.
        clients: SEARCHERS.split_at(2).1,
        ..DUEL
    },
    Scenario {
        name: "two duels at once",
        clients: FEW,
        players: &["ana", "bo", "cy", "dee"],
        most_sessions: 2,
        ..DUEL
    },
    Scenario {
        name: "a duel that finds no game server at first",
        settings: |settings| {
            with_slow_duels(settings);
            settings.game_servers = 1;
            settings.seed.queues.last_mut().unwrap().timeout_seconds = Some(10);
        },
        prepare: |game| Box::pin(occupy(game)),
        clients: FEW,
        most_sessions: 2,
        ..DUEL
    },
    Scenario {
        name: "a match of two parties",
        settings: |settings| {
            let rules = r#"{ "ruleLanguageVersion": "1.0",
                "teams": [{ "name": "all", "minPlayers": 4, "maxPlayers": 4 }] }"#;
            with_slow_duels(settings);
            settings.seed.matchmaking_rule_sets[0].body = Some(rules.to_owned());
        },
        clients: FEW,
        play: |player, client| Box::pin(async move { player.with_friend().await.search(client).await }),
        ..DUEL
    },
    CREATE,
    Scenario {
        name: "no game session for lack of game servers",
        settings: |settings| {
            with_queue(settings);
            settings.game_servers = 0;
            settings.seed.queues.last_mut().unwrap().timeout_seconds = Some(10);
        },
        most_sessions: 0,
        ..CREATE
    },
];

/// A match takes some seconds to be placed, and a search ends after a minute and a half.
fn with_slow_duels(settings: &mut Settings) {
    with_duels(settings);
    settings.activation_delay = 3 * SECOND;
    settings.seed.matchmaking_configurations[0].request_timeout_seconds = 90;
}

/// Somebody else has the game server, for some time.
async fn occupy(game: &Game) {
    let host = game.world.succeed("create_session", Some(create("host"))).await;
    let gamelift = game.world.gamelift().await;
    let session = host["GameSessionId"].as_str().unwrap().to_owned();
    drop(tokio::spawn(async move {
        sleep(25 * SECOND).await;
        let end = gamelift.terminate_game_session().game_session_id(session);
        end.termination_mode(TerminationMode::TriggerOnProcessTerminate).send().await.unwrap();
    }));
}

impl Scenario {
    /// Lets all play, the first player with this client, and returns what they were told.
    pub(crate) async fn play(&self, game: &Game, client: Client) -> Vec<Report> {
        (self.prepare)(game).await;
        let each = self.players.iter().zip(0_u32..).map(|(name, number)| async move {
            sleep(SECOND * number).await;
            (self.play)(Player::new(game, name), if number == 0 { client } else { self.others }).await
        });
        join_all(each).await
    }
}
