//! Searches for a match.

use gamelift_emulator::Settings;
use serde_json::{Value, json};

use crate::{
    chaos::kills::{
        field::Field,
        rows::{Player, Row, Story, strike},
    },
    faults::{
        scenario::{ASYNC, Headers, KEYED, PLAYER, queue},
        searches::with_duels,
    },
};

/// The opponent.
pub(crate) const HOST: &str = "host";

pub(crate) const ROWS: &[Row] = &[
    Row { name: "a search", story: |field, player| searches(field, player, &[], json!({ "uuid": PLAYER })), ..ROW },
    Row {
        name: "a search with a key",
        story: |field, player| searches(field, player, KEYED, json!({ "uuid": PLAYER })),
        ..ROW
    },
    Row {
        name: "a search of a client that comes back for the match",
        story: |field, player| searches(field, player, ASYNC, json!({ "uuid": PLAYER })),
        ..ROW
    },
    Row {
        name: "a party's search",
        story: |field, player| searches(field, player, KEYED, json!({ "uuid": PLAYER, "uuids": ["friend"] })),
        ..ROW
    },
    Row {
        name: "who follows a search of which no event tells",
        settings: without_events,
        story: follows,
        is_told: false,
        ..ROW
    },
    Row { name: "who accepts a match", settings: with_acceptance, story: accepts, ..ROW },
    Row { name: "who stops a search", story: stops, places: 0, ..ROW },
];

pub(crate) const ROW: Row = Row {
    name: "",
    settings: |settings| {
        with_duels(settings);
        settings.seed.matchmaking_configurations[0].request_timeout_seconds = 180;
    },
    fleets: queue,
    story: |_, _| Box::pin(async { Ok(()) }),
    begins: "start_matchmaking",
    places: 1,
    is_told: true,
};

pub(crate) fn without_events(settings: &mut Settings) {
    (ROW.settings)(settings);
    settings.faults = vec!["events=drop".parse().unwrap()];
}

pub(crate) fn with_acceptance(settings: &mut Settings) {
    (ROW.settings)(settings);
    settings.seed.matchmaking_configurations[0].acceptance_timeout_seconds = Some(60);
}

fn searches(field: &Field, player: Player, headers: Headers, body: Value) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        field.connect(HOST).await;
        if body["uuids"].is_null() {
            begun(field, HOST).await;
        }
        strike(field, player, headers, "start_matchmaking", &body).await.map(drop)
    })
}

fn follows(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        begun(field, HOST).await;
        let query = json!({ "uuid": PLAYER, "TicketId": begun(field, PLAYER).await, "wait": "20" });
        strike(field, player, &[], "describe_matchmaking", &query).await.map(drop)
    })
}

fn accepts(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        field.connect(HOST).await;
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        for (player, ticket) in [(HOST, &host), (PLAYER, &own)] {
            let query = json!({ "uuid": player, "TicketId": ticket, "wait": "20" });
            let found = field.call(&[], "describe_matchmaking", &query).await.json();
            assert_eq!(found["Status"], "REQUIRES_ACCEPTANCE", "{found}");
        }
        let accept = json!({ "uuid": HOST, "TicketId": host, "accept": true });
        assert_eq!(field.call(&[], "accept_match", &accept).await.status, 200);
        let accept = json!({ "uuid": PLAYER, "TicketId": own, "accept": true });
        strike(field, player, &[], "accept_match", &accept).await.map(drop)
    })
}

fn stops(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.connect(PLAYER).await;
        let stop = json!({ "uuid": PLAYER, "TicketId": begun(field, PLAYER).await });
        strike(field, player, &[], "stop_matchmaking", &stop).await.map(drop)
    })
}

/// Begins a search of the player, and returns its ticket.
pub(crate) async fn begun(field: &Field, player: &str) -> Value {
    let searching = field.call(ASYNC, "start_matchmaking", &json!({ "uuid": player })).await;
    assert_eq!(searching.status, 202, "{searching:?}");
    searching.json()["TicketId"].clone()
}
