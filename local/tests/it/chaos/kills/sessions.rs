//! Game sessions, with a queue and on a fleet, and a stream.

use std::time::Duration;

use gamelift_emulator::Settings;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use serde_json::{Value, json};

use crate::{
    chaos::kills::{
        field::Field,
        rows::{Player, Row, Story, strike},
        searches::HOST,
    },
    faults::{
        scenario::{ASYNC, Headers, KEYED, PLAYER, create, queue, with_queue},
        streams::{offer, request},
    },
};

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "create through a queue",
        story: |field, player| creates(field, player, &[], "create_session"),
        places: 2,
        ..ROW
    },
    Row {
        name: "create through a queue with a key",
        story: |field, player| creates(field, player, KEYED, "create_session"),
        ..ROW
    },
    Row {
        name: "create through a queue and come back",
        story: |field, player| placed(field, player, &[]),
        places: 2,
        ..ROW
    },
    Row {
        name: "create through a queue and come back with a key",
        story: |field, player| placed(field, player, KEYED),
        ..ROW
    },
    Row {
        name: "find or create through a queue",
        story: |field, player| creates(field, player, &[], "find_or_create_session"),
        places: 2,
        ..ROW
    },
    Row {
        name: "find or create through a queue with a key",
        story: |field, player| creates(field, player, KEYED, "find_or_create_session"),
        ..ROW
    },
    Row { name: "join", story: |field, player| joins(field, player, &[]), ..ROW },
    Row { name: "join with a key", story: |field, player| joins(field, player, KEYED), ..ROW },
    Row { name: "rejoin", story: rejoins, ..ROW },
    Row {
        name: "create on a fleet",
        fleets: one_fleet,
        story: |field, player| creates(field, player, &[], "create_session"),
        places: 2,
        ..ROW
    },
    Row {
        name: "create on a fleet with a key",
        fleets: one_fleet,
        story: |field, player| creates(field, player, KEYED, "create_session"),
        ..ROW
    },
    Row {
        name: "a stream",
        settings: |settings| {
            (ROW.settings)(settings);
            settings.stream_start_delay = Duration::from_secs(2);
        },
        story: streams,
        places: 0,
        ..ROW
    },
];

pub(crate) const ROW: Row = Row {
    name: "",
    settings: |settings| {
        with_queue(settings);
        settings.game_servers = 6;
        settings.activation_delay = Duration::from_secs(1);
    },
    fleets: queue,
    story: |_, _| Box::pin(async { Ok(()) }),
    begins: "create_session",
    places: 1,
    is_told: false,
    is_steady: true,
};

/// The fleet and its location, so that nothing has to be looked up.
fn one_fleet() -> FleetConfig {
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    let candidates = vec![Candidate { fleet, locations: vec![Settings::LOCATION.to_owned()] }];
    FleetConfig { candidates, ..FleetConfig::default() }
}

fn creates<'a>(field: &'a Field, player: Player, headers: Headers, function: &'static str) -> Story<'a> {
    Box::pin(async move { strike(field, player, headers, function, &create(PLAYER)).await.map(drop) })
}

/// The client comes back for a placement.
fn placed<'a>(field: &'a Field, player: Player, headers: Headers) -> Story<'a> {
    Box::pin(async move {
        let begun = field.call(ASYNC, "create_session", &create(PLAYER)).await;
        assert_eq!(begun.status, 202, "{begun:?}");
        let join = json!({ "uuid": PLAYER, "PlacementId": begun.json()["PlacementId"] });
        strike(field, player, headers, "join_session", &join).await.map(drop)
    })
}

/// The player comes to another one's game session.
fn joins<'a>(field: &'a Field, player: Player, headers: Headers) -> Story<'a> {
    Box::pin(async move {
        let there = hosted(field, HOST).await;
        let join = json!({ "uuid": PLAYER, "GameSessionId": there });
        strike(field, player, headers, "join_session", &join).await.map(drop)
    })
}

/// The player comes back to where the player was last.
fn rejoins(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        let own = hosted(field, PLAYER).await;
        hosted(field, HOST).await;
        let back = strike(field, player, &[], "join_session", &json!({ "uuid": PLAYER })).await?;
        let is_own = player == Player::IsGone || back["GameSessionId"] == own;
        is_own.then_some(()).ok_or_else(|| format!("not back in {own}: {back}"))
    })
}

fn streams(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        let body = request(PLAYER, &offer(PLAYER));
        strike(field, player, KEYED, "reconnect_stream", &body).await.map(drop)
    })
}

/// Creates a game session of this player, and returns its id.
async fn hosted(field: &Field, player: &str) -> Value {
    let created = field.call(&[], "create_session", &create(player)).await;
    assert_eq!(created.status, 200, "{created:?}");
    created.json()["GameSessionId"].clone()
}
