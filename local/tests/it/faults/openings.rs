//! Slots that become free while a call waits for a free game server, and players who want to play together and come
//! at nearly the same moment.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::{join, join_all};
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::faults::{
    fault::{Effect, Fault, Times},
    game_servers::{IN_A_GROUP, registration},
    rules,
    scenario::{ASYNC, BASE, PLAYER, Scenario, create, in_two_fleets, queue, with_an_empty_fleet, with_queue},
    world::{AFTERMATH, Answer, World, invoke, logged},
};

/// Time from the host's reservation until 3 s before it expires: a reservation lasts 60 s.
const BEFORE_THE_SLOT: Duration = Duration::from_secs(57);

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "find or create where a slot becomes free",
        function: "find_or_create_session",
        settings: |settings| settings.game_servers = 1,
        request: |world| Box::pin(async { full(world).await }),
        creates: (0, 0),
        operations: &["CreateGameSession", "SearchGameSessions", "CreatePlayerSessions", "DescribeGameSessions"],
        ..BASE
    },
    Scenario {
        name: "find or create where a session is starting",
        function: "find_or_create_session",
        settings: |settings| settings.activation_delay = Duration::from_secs(3),
        // Without `creator_time` the game session is open to others at once.
        fleets: || FleetConfig { creator_time: Duration::ZERO, ..FleetConfig::default() },
        request: |world| {
            Box::pin(async {
                let started = world.call_with(ASYNC, "create_session", Some(create("host"))).await;
                assert_eq!(started.status, 202, "{started:?}");
                Some(create(PLAYER))
            })
        },
        creates: (0, 1),
        operations: &["SearchGameSessions", "DescribeGameSessions", "CreatePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "find or create where a slot becomes free through a queue",
        function: "find_or_create_session",
        settings: |settings| {
            settings.game_servers = 1;
            with_queue(settings);
        },
        fleets: queue,
        request: |world| Box::pin(async { full(world).await }),
        creates: (0, 0),
        operations: &["StartGameSessionPlacement", "DescribeGameSessionPlacement", "StopGameSessionPlacement"],
        ..BASE
    },
    Scenario {
        name: "find or create where a game server opens",
        function: "find_or_create_session",
        request: |world| {
            Box::pin(async {
                world.succeed("register_game_server", Some(registration("host"))).await;
                let claimed = world.succeed("create_session", Some(create("host"))).await;
                let utilized = json!({ "game_server_id": claimed["GameServerId"], "utilization_status": "UTILIZED" });
                let functions = world.instance().await;
                tokio::spawn(async move {
                    sleep(Duration::from_secs(3)).await;
                    invoke(&functions, &[], "update_game_server", Some(utilized)).await;
                });
                Some(create(PLAYER))
            })
        },
        operations: &["ClaimGameServer", "ListGameServers"],
        ..IN_A_GROUP
    },
];

/// Whether the scenario is one of this file: the call waits while every game server is taken.
pub(crate) fn is_one(scenario: &Scenario) -> bool {
    SCENARIOS.iter().any(|own| own.name == scenario.name)
}

/// Fills every game session; a slot becomes free 3 s later. Returns the call's body.
async fn full(world: &World) -> Option<Value> {
    let mut host = create("host");
    host["num_connections"] = json!(1);
    world.succeed("create_session", Some(host)).await;
    sleep(BEFORE_THE_SLOT).await;
    Some(create(PLAYER))
}

/// A host that had a slot and has left ends the time for which a new game session is kept for its creator.
#[test]
fn a_new_game_session_that_its_host_has_left_is_open_at_once() {
    let ((answer, took), _) = logged(0, async |traffic| {
        let fleets = || FleetConfig { creator_time: Duration::from_secs(600), ..FleetConfig::default() };
        let world = World::start(&|settings: &mut Settings| settings.game_servers = 1, fleets, 0, traffic).await;
        let body = full(&world).await;
        let started = Instant::now();
        (world.call("find_or_create_session", body).await, started.elapsed())
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
}

/// The answers with their times, and the emulator's state afterwards.
struct Together {
    answers: Vec<(Answer, Duration)>,
    later: Value,
}

/// Calls `find_or_create_session` for one player after each delay in `after`, each in a separate instance of the
/// functions.
fn together(after: &[Duration], seed: u64, change: impl Fn(&mut Settings)) -> Together {
    let (together, _) = logged(seed, async |traffic| {
        let world = World::start(&change, FleetConfig::default, seed, traffic).await;
        let instances = join_all(after.iter().map(|_| world.instance())).await;
        let started = Instant::now();
        let calls = instances.iter().zip(after).enumerate().map(|(number, (functions, after))| async move {
            sleep(*after).await;
            let player = format!("player-{}", number + 1);
            let answer = invoke(functions, &[], "find_or_create_session", Some(create(&player))).await;
            (answer, started.elapsed())
        });
        let answers = join_all(calls).await;
        Together { answers, later: world.state().await }
    });
    together
}

impl Together {
    /// Returns the number of players in each game session. Every player is in one.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = BTreeMap::<String, usize>::new();
        for (answer, _) in &self.answers {
            assert_eq!(answer.status, 200, "{answer:?}");
            *sizes.entry(answer.json()["GameSessionId"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        assert_eq!(rules::live(&self.later).len(), sizes.len(), "nothing is left over");
        sizes.into_values().collect()
    }
}

fn activating_for(seconds: u64, game_servers: u16) -> impl Fn(&mut Settings) {
    move |settings| {
        settings.activation_delay = Duration::from_secs(seconds);
        settings.game_servers = game_servers;
    }
}

#[test]
fn the_second_player_is_in_the_first_ones_game_session_about_when_it_is_active() {
    for (seconds, game_servers) in [(2, 1), (2, 8), (8, 1), (8, 8), (16, 1), (16, 8)] {
        let after = [Duration::ZERO, Duration::from_millis(500)];
        let together = together(&after, seconds, activating_for(seconds, game_servers));
        let [first, second] = [0, 1].map(|player| together.answers[player].1);
        println!("active after {seconds} s, {game_servers} game servers: in after {first:?} and {second:?}");
        assert_eq!(together.sizes(), [2]);
        assert!(second < first + Duration::from_secs(3));
    }
}

#[test]
fn four_players_within_a_second_fill_the_only_game_server() {
    for seed in 0..8 {
        let after = [0, 300, 600, 900].map(Duration::from_millis);
        assert_eq!(together(&after, seed, activating_for(2, 1)).sizes(), [4], "seed {seed}");
        let at_once = [Duration::ZERO; 4];
        assert_eq!(together(&at_once, seed, activating_for(2, 1)).sizes(), [4], "seed {seed}");
    }
}

/// docs/placing.md has these numbers.
#[test]
fn eight_at_once_share_a_few_of_eight_free_game_servers() {
    for (seconds, most) in [(0, 4), (2, 4), (8, 5)] {
        let mut counts = Vec::new();
        for seed in 0..16 {
            let sizes = together(&[Duration::ZERO; 8], seed, activating_for(seconds, 8)).sizes();
            assert!(sizes.len() <= most, "{sizes:?}, seed {seed}, active after {seconds} s");
            counts.push(sizes.len());
        }
        let average = counts.iter().sum::<usize>() as f64 / 16.0;
        println!("active after {seconds} s: {average} game sessions on average, {counts:?}");
    }
}

/// The queue finds a game server at nearly the moment at which a slot becomes free: the player has one place, and the
/// unneeded game session is ended.
#[test]
fn a_placement_that_is_fulfilled_as_a_slot_becomes_free_leaves_nothing_behind() {
    for eighths in 0..13 {
        let ((answer, later), log) = logged(eighths, async |traffic| {
            let settings = |settings: &mut Settings| {
                settings.game_servers = 2;
                settings.activation_delay = Duration::from_millis(500);
                with_queue(settings);
            };
            let world = World::start(&settings, queue, eighths, traffic).await;
            let mut host = create("host");
            host["num_connections"] = json!(1);
            world.succeed("create_session", Some(host.clone())).await;
            let reserved = Instant::now();
            host["uuid"] = json!("other");
            let other = world.succeed("create_session", Some(host)).await["GameSessionId"].clone();
            tokio::time::sleep_until(reserved + BEFORE_THE_SLOT).await;
            let client = world.gamelift().await;
            tokio::spawn(async move {
                // The other game session ends between 2 and 3.5 s into the call, while it is full.
                sleep(Duration::from_millis(2000 + 125 * eighths)).await;
                let mode = aws_sdk_gamelift::types::TerminationMode::TriggerOnProcessTerminate;
                let end = client.terminate_game_session().game_session_id(other.as_str().unwrap());
                end.termination_mode(mode).send().await.unwrap();
            });
            let answer = world.call("find_or_create_session", Some(create(PLAYER))).await;
            sleep(Duration::from_secs(20)).await;
            (answer, world.state().await)
        });
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = &answer.json()["GameSessionId"];
        let is_own = |place: &Value| place["PlayerId"] == PLAYER && place["Status"] == "RESERVED";
        let places = rules::player_sessions(&later, is_own);
        assert_eq!(places.iter().map(|place| &place["GameSessionId"]).collect::<Vec<_>>(), [id]);
        let live = rules::live(&later);
        let is_new =
            live.iter().any(|session| session["GameSessionId"] == *id && session["MaximumPlayerSessionCount"] == 4);
        println!("ends after {} ms: in a {} game session", 2000 + 125 * eighths, if is_new { "new" } else { "found" });
        // The host's game session goes on in any case.
        assert_eq!(live.len(), 1 + usize::from(is_new), "{live:?}, log: {log}");
    }
}

/// The fleet with the open game session is throttled for 3 s, and the other one has none.
#[test]
fn a_fleet_that_is_throttled_does_not_count_as_empty() {
    let ((answer, host, later), _) = logged(0, async |traffic| {
        let world = World::start(&with_an_empty_fleet, in_two_fleets, 0, traffic).await;
        let host = world.succeed("create_session", Some(create("host"))).await;
        let effect = Effect::Exception("ThrottlingException".to_owned());
        let throttled = Fault { operation: "SearchGameSessions".to_owned(), effect, times: Times::Always };
        world.proxy.set_for(Settings::FLEET_ID, throttled);
        let mended = async {
            sleep(Duration::from_secs(3)).await;
            world.proxy.mend();
        };
        let (answer, ()) = join(world.call("find_or_create_session", Some(create(PLAYER))), mended).await;
        (answer, host, world.state().await)
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["GameSessionId"], host["GameSessionId"]);
    assert_eq!(rules::live(&later).len(), 1, "{later}");
}

const CROWD: usize = 200;

/// 200 players and 50 game servers of 4 slots, at AWS's documented rates, within two seconds.
#[test]
fn a_crowd_fills_the_game_servers_there_are() {
    let seed = crate::faults::matrix::seed("crowd");
    let ((answers, calls, later), _) = logged(seed, async |traffic| {
        let settings = |settings: &mut Settings| {
            settings.game_servers = 50;
            settings.activation_delay = Duration::from_secs(1);
            settings.rate_limits = true;
        };
        let world = World::start(&settings, FleetConfig::default, seed, traffic).await;
        let instances = join_all((0..CROWD).map(|_| world.instance())).await;
        let answers = join_all(instances.iter().enumerate().map(|(number, functions)| async move {
            sleep(Duration::from_millis(10 * number as u64)).await;
            let started = Instant::now();
            let body = Some(create(&format!("player-{number}")));
            (invoke(functions, &[], "find_or_create_session", body).await, started.elapsed())
        }))
        .await;
        let later = world.state().await;
        sleep(AFTERMATH).await;
        (answers, world.proxy.take_calls(), later)
    });
    let mut codes = BTreeMap::<String, usize>::new();
    for (answer, took) in &answers {
        assert_eq!(rules::late(&BASE, *took), None);
        *codes.entry(rules::code(answer)).or_default() += 1;
    }
    let mut operations = BTreeMap::<&str, usize>::new();
    calls.iter().for_each(|call| *operations.entry(&call.operation).or_default() += 1);
    let game_sessions = rules::live(&later).len();
    println!("{codes:?} in {game_sessions} game sessions; {operations:?}");
    // Some players may be throttled until their time is up.
    assert!(codes["200"] >= CROWD * 9 / 10 && game_sessions <= 50, "{codes:?}");
    assert!(codes.keys().all(|code| matches!(code.as_str(), "200" | "RATE_LIMITED" | "NO_CAPACITY")), "{codes:?}");
}
