//! The rows of the matrix about game servers of a `FleetIQ` group, and many players at once who compete for the few
//! game servers.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use gamelift_emulator::Settings;
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};
use shared::Code;
use tokio::time::Instant;

use crate::faults::{
    fault::{Effect, Fault},
    rules,
    scenario::{BUDGET, PLAYER, Scenario, create},
    world::{self, AFTERMATH, Outcome, World},
};

/// Number of free game servers: more than one, so that a claim too many shows.
const FREE: usize = 3;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "register a game server",
        function: "register_game_server",
        request: |_| Box::pin(async { Some(registration("arena-1")) }),
        ..IN_A_GROUP
    },
    Scenario {
        name: "register a game server again",
        function: "register_game_server",
        request: |world| {
            Box::pin(async {
                world.succeed("register_game_server", Some(registration("arena-1"))).await;
                Some(registration("arena-1"))
            })
        },
        operations: &["DescribeGameServer"],
        ..IN_A_GROUP
    },
    Scenario {
        name: "update a game server",
        function: "update_game_server",
        request: |world| {
            Box::pin(async {
                world.succeed("register_game_server", Some(registration("arena-1"))).await;
                Some(json!({ "game_server_id": "arena-1", "utilization_status": "UTILIZED" }))
            })
        },
        ..IN_A_GROUP
    },
    Scenario {
        name: "deregister a game server",
        function: "deregister_game_server",
        request: |world| {
            Box::pin(async {
                world.succeed("register_game_server", Some(registration("arena-1"))).await;
                Some(json!({ "game_server_id": "arena-1" }))
            })
        },
        ..IN_A_GROUP
    },
    Scenario {
        name: "list game servers",
        function: "game_servers",
        request: |world| {
            Box::pin(async {
                world.succeed("register_game_server", Some(registration("arena-1"))).await;
                None
            })
        },
        ..IN_A_GROUP
    },
    Scenario {
        name: "create on a game server",
        function: "create_session",
        request: |world| {
            Box::pin(async {
                free(world, FREE).await;
                Some(create(PLAYER))
            })
        },
        creates: (1, 1),
        ..IN_A_GROUP
    },
    Scenario {
        name: "create where a game server cannot be connected to",
        function: "create_session",
        request: |world| {
            Box::pin(async {
                world.register_unreachable("unreachable-1").await;
                world.register_unreachable("unreachable-2").await;
                free(world, FREE).await;
                Some(create(PLAYER))
            })
        },
        creates: (1, 1),
        ..IN_A_GROUP
    },
    Scenario {
        name: "create where every game server is taken",
        function: "create_session",
        request: |world| {
            Box::pin(async {
                hosting(world).await;
                Some(create(PLAYER))
            })
        },
        answer: Some(Code::NoCapacity),
        operations: &["ClaimGameServer"],
        ..IN_A_GROUP
    },
    Scenario {
        name: "find or create where a game server is open",
        function: "find_or_create_session",
        request: |world| {
            Box::pin(async {
                hosting(world).await;
                free(world, FREE).await;
                Some(create(PLAYER))
            })
        },
        // A game server that cannot be seen counts as none.
        creates: (0, 1),
        ..IN_A_GROUP
    },
    Scenario {
        name: "find or create where no game server is open",
        function: "find_or_create_session",
        request: |world| {
            Box::pin(async {
                free(world, FREE).await;
                Some(create(PLAYER))
            })
        },
        creates: (1, 1),
        ..IN_A_GROUP
    },
    Scenario {
        name: "find on game servers",
        function: "find_session",
        budget: Duration::from_secs(12),
        request: |world| {
            Box::pin(async {
                hosting(world).await;
                None
            })
        },
        ..IN_A_GROUP
    },
    Scenario {
        name: "join on a game server",
        function: "join_session",
        request: |world| {
            Box::pin(async {
                let id = hosting(world).await;
                Some(json!({ "GameSessionId": id, "uuid": PLAYER }))
            })
        },
        ..IN_A_GROUP
    },
];

/// The members that the scenarios share.
pub(crate) const IN_A_GROUP: Scenario = Scenario {
    name: "",
    function: "",
    budget: BUDGET,
    settings: |_| {},
    fleets: group,
    limits: None,
    max_streams: 0,
    request: |_| Box::pin(async { None }),
    headers: &[],
    answer: None,
    creates: (0, 0),
    operations: &[],
};

fn group() -> FleetConfig {
    FleetConfig { game_server_group: Some(Settings::GAME_SERVER_GROUP.to_owned()), ..FleetConfig::default() }
}

pub(crate) fn registration(id: &str) -> Value {
    json!({ "game_server_id": id, "instance_id": Settings::INSTANCE_ID, "connection_info": "203.0.113.9:7777" })
}

async fn free(world: &World, count: usize) {
    for number in 0..count {
        world.succeed("register_game_server", Some(registration(&format!("free-{number}")))).await;
    }
}

/// Registers a game server, opens a game session on it and returns its id.
async fn hosting(world: &World) -> Value {
    world.succeed("register_game_server", Some(registration("host"))).await;
    let created = world.succeed("create_session", Some(create("host"))).await;
    let utilized = json!({ "game_server_id": created["GameServerId"], "utilization_status": "UTILIZED" });
    world.succeed("update_game_server", Some(utilized)).await;
    created["GameServerId"].clone()
}

/// Whether the scenario is one of this file.
pub(crate) fn is_one(scenario: &Scenario) -> bool {
    (scenario.fleets)().game_server_group.is_some()
}

/// Whether the answer is a success of a game server's own call.
pub(crate) fn is_success(scenario: &Scenario, body: &Value) -> bool {
    match scenario.function {
        "game_servers" => body["GameServers"].is_array(),
        "register_game_server" | "update_game_server" | "deregister_game_server" => {
            body["GameServer"]["GameServerId"] == "arena-1"
        }
        _ => false,
    }
}

/// Returns the code of an exception where the route knows better than the table.
pub(crate) fn exception(scenario: &Scenario, operation: &str, exception: &str) -> Option<Code> {
    Some(match (operation, exception) {
        // Another player was faster at every claim.
        ("ClaimGameServer", "ConflictException") => Code::NoCapacity,
        // The game server exists, but not in this group.
        ("DescribeGameServer", "NotFoundException") if scenario.function == "register_game_server" => {
            Code::GameServerConflict
        }
        _ => return None,
    })
}

/// Returns the broken rules: a success must be true, and an error may leave nothing behind. A call claims at most one
/// game server and loses none.
pub(crate) fn broken(scenario: &Scenario, fault: Option<&Fault>, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    let (body, succeeded) = (outcome.answer.json(), outcome.answer.status == 200);
    let server = |id: &str| servers(&outcome.answered).into_iter().find(|server| server["GameServerId"] == id);
    let claimed = claimed(&outcome.answered);
    let (fewest, most) = scenario.creates;
    let most = if fault.is_none() { fewest } else { most };
    check(claimed.len() <= most.max(1), format!("{claimed:?} are claimed"));
    check(self::claimed(&outcome.later).is_empty(), "a claim does not end".to_owned());
    if scenario.function == "deregister_game_server" {
        check(!succeeded || server("arena-1").is_none(), "it is registered still".to_owned());
    } else if scenario.function != "register_game_server" {
        let count = |state| servers(state).len();
        check(count(&outcome.later) == count(&outcome.before), "a game server is lost".to_owned());
    }
    if !succeeded {
        return wrong;
    }
    match scenario.function {
        "create_session" | "find_or_create_session" => {
            let range = fewest..=most;
            check(range.contains(&claimed.len()), format!("{claimed:?} are claimed"));
            let open = json!("host");
            let is_it = claimed.first().map_or(&open, |id| id) == &body["GameServerId"];
            check(is_it, format!("the answer is {}, and {claimed:?} are claimed", body["GameServerId"]));
        }
        "join_session" => check(body["GameServerId"] == "host", "the answer is another game server".to_owned()),
        "find_session" | "game_servers" => {
            let told_of_none = fault.is_some_and(|fault| matches!(fault.effect, Effect::Empty | Effect::UnknownEnum));
            let found = body["GameServers"].as_array().or(body.as_array()).map_or(0, Vec::len);
            check(found == 1 || told_of_none, format!("{found} were found"));
        }
        "update_game_server" => {
            let status = server("arena-1").map(|server| server["UtilizationStatus"].clone());
            check(status == Some(json!("UTILIZED")), format!("it is {status:?}"));
        }
        "register_game_server" => check(server("arena-1").is_some(), "it is not registered".to_owned()),
        _ => {}
    }
    wrong
}

fn servers(state: &Value) -> Vec<&Value> {
    state["gamelift"]["game_servers"].as_array().unwrap().iter().collect()
}

/// Returns the ids of the game servers that are claimed and can be connected to. Game servers without connection info
/// take no player's place.
fn claimed(state: &Value) -> Vec<Value> {
    let claimed = servers(state).into_iter().filter(|server| server["ClaimStatus"] == "CLAIMED");
    let reachable = claimed.filter(|server| server["ConnectionInfo"].is_string());
    reachable.map(|server| server["GameServerId"].clone()).collect()
}

/// No game server without connection info is claimed twice. Players who come while all of them are claimed are answered
/// with the last one's id, although GameLift reports no capacity.
#[test]
fn a_group_in_which_no_game_server_can_be_connected_to_says_so_to_everybody() {
    let (answers, _) = world::logged(1, async |traffic| {
        let world = World::start(&|_| {}, group, 1, traffic).await;
        world.register_unreachable("unreachable-1").await;
        let mut answers = Vec::new();
        for function in ["create_session", "create_session", "find_or_create_session"] {
            let started = Instant::now();
            answers.push((world.call(function, Some(create(PLAYER))).await, started.elapsed()));
        }
        answers
    });
    for (answer, took) in answers {
        assert_eq!(rules::code(&answer), "BACKEND_MISCONFIGURED", "{answer:?}");
        assert_eq!(answer.json()["GameServerId"], "unreachable-1");
        assert!(took <= BUDGET, "it took {took:?}");
    }
}

/// Players who come at the same time all get a game server, however many game servers cannot be connected to.
#[test]
fn game_servers_that_cannot_be_connected_to_keep_nobody_from_the_others() {
    const SERVERS: usize = 40;
    let (answers, _) = world::logged(1, async |traffic| {
        let world = World::start(&|_| {}, group, 1, traffic).await;
        for number in 0..SERVERS {
            world.register_unreachable(&format!("unreachable-{number}")).await;
        }
        free(&world, SERVERS).await;
        let players: Vec<_> = (0..SERVERS).map(|number| format!("player-{number}")).collect();
        join_all(players.iter().map(|player| world.call("create_session", Some(create(player))))).await
    });
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.json()["GameServerId"].to_string()).collect();
    assert_eq!(ids.len(), SERVERS, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
}

/// 500 players want one of 100 game servers. Every other player who got one connects. The game servers of the rest are
/// free again after a minute, and other players get them.
#[test]
fn of_500_players_100_get_a_game_server_of_their_own_and_no_game_server_is_lost() {
    const SERVERS: usize = 100;
    const PLAYERS: [usize; 2] = [500, 60];
    let (rounds, _) = world::logged(1, async |traffic| {
        let world = World::start(&|_| {}, group, 1, traffic).await;
        free(&world, SERVERS).await;
        let mut utilized = BTreeSet::new();
        let mut rounds = Vec::new();
        for (round, players) in PLAYERS.into_iter().enumerate() {
            let player = |number: usize| {
                let world = &world;
                async move {
                    let started = Instant::now();
                    let answer = world.call("create_session", Some(create(&format!("player-{round}-{number}")))).await;
                    (answer, started.elapsed())
                }
            };
            let answers = join_all((0..players).map(player)).await;
            let won: Vec<String> = answers
                .iter()
                .filter(|(answer, _)| answer.status == 200)
                .map(|(answer, _)| answer.json()["GameServerId"].as_str().unwrap().to_owned())
                .collect();
            for id in won.iter().step_by(2) {
                let body = json!({ "game_server_id": id, "utilization_status": "UTILIZED" });
                world.succeed("update_game_server", Some(body)).await;
                utilized.insert(id.clone());
            }
            for number in 0..SERVERS {
                let body = json!({ "game_server_id": format!("free-{number}"), "health_check": "HEALTHY" });
                world.succeed("update_game_server", Some(body)).await;
            }
            tokio::time::sleep(AFTERMATH).await;
            rounds.push((answers, won, utilized.clone(), world.state().await));
        }
        rounds
    });
    let mut free = SERVERS;
    let mut before = BTreeSet::new();
    for (answers, won, utilized, later) in rounds {
        for (answer, took) in &answers {
            assert!(*took <= BUDGET, "it took {took:?}");
            assert!(answer.status == 200 || rules::code(answer) == "NO_CAPACITY", "{answer:?}");
        }
        let distinct: BTreeSet<_> = won.iter().cloned().collect();
        assert_eq!((won.len(), distinct.len()), (free, free), "each goes to one player");
        assert!(distinct.is_disjoint(&before), "nobody gets one that others play on");
        assert_eq!((servers(&later).len(), claimed(&later).len()), (SERVERS, 0), "none is lost");
        free = SERVERS - utilized.len();
        before = utilized;
    }
}
