//! The matrix's calls that continue an earlier one: repeats with a key, joins of a game session that is still starting,
//! and rejoins.

use std::time::Duration;

use gamelift_emulator::{
    Settings,
    seed::{Compute, Seed},
};
use matchmaking::config::FleetConfig;
use serde_json::{Value, json};

use crate::faults::{
    scenario::{ASYNC, BASE, EMPTY_FLEET, KEYED, PLAYER, Scenario, candidates, create, queue, with_queue},
    world::World,
};

pub(crate) const REJOIN: &str = "rejoin";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "create with a key",
        headers: KEYED,
        operations: &["CreateGameSession", "DescribePlayerSessions", "CreatePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "create with a key with two fleets",
        settings: two_fleets,
        fleets: both_fleets,
        headers: KEYED,
        operations: &["DescribeGameSessions", "CreateGameSession"],
        ..BASE
    },
    Scenario {
        name: "create again with a key",
        settings: two_fleets,
        fleets: both_fleets,
        request: |world| Box::pin(async { again(world, "create_session").await }),
        headers: KEYED,
        creates: (0, 0),
        operations: &["DescribeGameSessions", "CreateGameSession", "DescribePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "create again with a key through a queue",
        settings: with_queue,
        fleets: queue,
        request: |world| Box::pin(async { again(world, "create_session").await }),
        headers: KEYED,
        creates: (0, 0),
        ..BASE
    },
    Scenario { name: "create and come back", headers: ASYNC, operations: &["CreateGameSession"], ..BASE },
    Scenario {
        name: "create through a queue and come back",
        settings: |settings| {
            with_queue(settings);
            settings.activation_delay = Duration::from_secs(3);
        },
        fleets: queue,
        headers: ASYNC,
        creates: (0, 1),
        ..BASE
    },
    Scenario {
        name: "find again with a key",
        function: "find_or_create_session",
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create("host"))).await;
                again(world, "find_or_create_session").await
            })
        },
        headers: KEYED,
        creates: (0, 0),
        ..BASE
    },
    Scenario {
        name: "find or create through a queue where none is open",
        function: "find_or_create_session",
        settings: with_queue,
        fleets: queue,
        operations: &["StartGameSessionPlacement", "DescribeGameSessionPlacement", "CreatePlayerSessions"],
        ..BASE
    },
    Scenario {
        name: "join what is still starting",
        function: "join_session",
        settings: |settings| settings.activation_delay = Duration::from_secs(3),
        request: |world| {
            Box::pin(async {
                let body = world.call_with(ASYNC, "create_session", Some(create("host"))).await.json();
                Some(json!({ "GameSessionId": body["GameSessionId"], "uuid": PLAYER }))
            })
        },
        creates: (0, 0),
        ..BASE
    },
    Scenario {
        name: "join by a placement",
        function: "join_session",
        settings: |settings| {
            with_queue(settings);
            settings.activation_delay = Duration::from_secs(3);
        },
        fleets: queue,
        request: |world| {
            Box::pin(async {
                let body = world.call_with(ASYNC, "create_session", Some(create("host"))).await.json();
                Some(json!({ "PlacementId": body["PlacementId"], "uuid": PLAYER }))
            })
        },
        creates: (0, 1),
        ..BASE
    },
    Scenario {
        name: REJOIN,
        function: "join_session",
        request: |world| {
            Box::pin(async {
                world.succeed("create_session", Some(create(PLAYER))).await;
                Some(json!({ "uuid": PLAYER }))
            })
        },
        creates: (0, 0),
        ..BASE
    },
];

/// Returns the body of a call that has already succeeded with the same key.
async fn again(world: &World, function: &str) -> Option<Value> {
    let body = create(PLAYER);
    let first = world.call_with(KEYED, function, Some(body.clone())).await;
    assert_eq!(first.status, 200, "{first:?}");
    Some(body)
}

/// A second fleet, without game servers.
fn two_fleets(settings: &mut Settings) {
    let Seed { fleets, computes, .. } = &mut settings.seed;
    fleets.push(gamelift_emulator::seed::Fleet { id: EMPTY_FLEET.to_owned(), ..fleets[0].clone() });
    computes.push(Compute { fleet: EMPTY_FLEET.to_owned(), ..computes[0].clone() });
}

fn both_fleets() -> FleetConfig {
    candidates(&[Settings::FLEET_ID, EMPTY_FLEET])
}
