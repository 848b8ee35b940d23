//! Searches for a match.

use std::time::Duration;

use futures_util::future::join;
use gamelift_emulator::Settings;
use serde_json::{Value, json};
use shared::deadline::Deadline;
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::Kind,
};
use tokio::{task::yield_now, time::sleep};

use crate::{
    chaos::kills::{
        field::Field,
        rows::{Player, Row, Story, TRIES, strike},
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
        is_steady: false,
        ..ROW
    },
    Row { name: "who accepts a match", settings: with_acceptance, story: accepts, ..ROW },
    Row { name: "who stops a search", story: stops, places: 0, ..ROW },
    Row { name: "who stops a search that was never sent", story: stops_unsent, places: 0, is_told: false, ..ROW },
    Row { name: "who stops a search that is being sent", story: stops_early, places: 0, is_told: false, ..ROW },
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
    is_steady: true,
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

/// The call that has begun the search has died before it was sent.
fn stops_unsent(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        let stop = json!({ "uuid": PLAYER, "TicketId": dead(field, PLAYER).await });
        stopped(field, player, &stop).await
    })
}

/// The call that begins the search is still under way, as it is when another device of the player stops it.
fn stops_early(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        let begins = async { field.call(ASYNC, "start_matchmaking", &json!({ "uuid": PLAYER })).await };
        let stops = async {
            let id = loop {
                if let Some(id) = field.store.last_ticket_of(PLAYER).await.unwrap() {
                    break id;
                }
                yield_now().await;
            };
            let known = field.store.ticket(&id).await.unwrap().unwrap();
            assert_eq!(known.news.status, Status::Starting, "it is being sent");
            stopped(field, player, &json!({ "uuid": PLAYER, "TicketId": id })).await
        };
        join(begins, stops).await.1
    })
}

/// Stops a search of which GameLift may not have heard, and again until it has ended.
async fn stopped(field: &Field, player: Player, stop: &Value) -> Result<(), String> {
    let mut answer = field.strike(&[], "stop_matchmaking", stop).await;
    if player == Player::IsGone {
        return Ok(());
    }
    for _ in 0..4 * TRIES {
        match &answer {
            Some(answer) if answer.status == 200 => return Ok(()),
            Some(answer) if answer.status != 202 && answer.json()["error"]["retryable"] != true => {
                return Err(format!("the stop is answered {answer:?}"));
            }
            _ => {}
        }
        sleep(Duration::from_secs(5)).await;
        answer = Some(field.call(&[], "stop_matchmaking", stop).await);
    }
    Err(format!("the search does not end: {answer:?}"))
}

/// Begins a search of the player, and returns its ticket.
pub(crate) async fn begun(field: &Field, player: &str) -> Value {
    let searching = field.call(ASYNC, "start_matchmaking", &json!({ "uuid": player })).await;
    assert_eq!(searching.status, 202, "{searching:?}");
    searching.json()["TicketId"].clone()
}

/// The ticket of a call that has died before it was sent.
pub(crate) async fn dead(field: &Field, id: &'static str) -> Value {
    let players = [id.to_owned()];
    let request = json!({ "configuration": "duel", "players": [{ "id": id }] }).to_string();
    let new =
        NewTicket { id, kind: Kind::Match, players: &players, request: &request, line: None, key: None, holder: "" };
    let started = field.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    assert!(matches!(started, Started::New(_)));
    id.into()
}
