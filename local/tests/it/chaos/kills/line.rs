//! The lines before GameLift's rates: one search and one placement begin in a second, and who comes next waits.

use std::time::Duration;

use matchmaking::config::{AdmissionConfig, FleetConfig};
use serde_json::{Value, json};
use store::records::{leases::Lease, news::Status};
use tokio::time::sleep;

use crate::{
    chaos::kills::{
        events::{both_connect, ends},
        field::Field,
        rows::{Player, Row, Story, strike},
        searches::{self, HOST, begun},
        sessions,
    },
    faults::scenario::{ASYNC, Headers, KEYED, PLAYER, create, queue},
};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "a search that waits in the line", story: searches, ..SEARCH },
    Row { name: "who stops a search that waits in the line", story: leaves, is_told: false, ..SEARCH },
    Row { name: "MatchmakingCancelled, which lets a search in", story: let_in_by_an_event, places: 0, ..SEARCH },
    Row {
        name: "a placement that waits in the line",
        story: |field, player| places(field, player, &[]),
        places: 2,
        ..PLACEMENT
    },
    Row {
        name: "a placement that waits in the line, with a key",
        story: |field, player| places(field, player, KEYED),
        ..PLACEMENT
    },
    Row { name: "PlacementFulfilled, which lets a placement in", story: placed_by_an_event, ..PLACEMENT },
    Row { name: "a placement in the line whose only call ends", story: gives_up, ..PLACEMENT },
];

const SEARCH: Row = Row { fleets: one_a_second, ..searches::ROW };

const PLACEMENT: Row = Row { fleets: one_a_second, ..sessions::ROW };

fn one_a_second() -> FleetConfig {
    FleetConfig { admission: AdmissionConfig { searches: 1, placements: 1 }, ..queue() }
}

/// The player's own call lets the search in, and waits for the match.
fn searches(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        begun(field, HOST).await;
        strike(field, player, KEYED, "start_matchmaking", &json!({ "uuid": PLAYER })).await.map(drop)
    })
}

fn leaves(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        begun(field, HOST).await;
        let stop = json!({ "uuid": PLAYER, "TicketId": waiting(field, PLAYER).await });
        strike(field, player, &[], "stop_matchmaking", &stop).await.map(drop)
    })
}

/// The player does not wait for an answer, so that an event is the first that moves the line on.
fn let_in_by_an_event(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        let (host, own) = (begun(field, HOST).await, waiting(field, PLAYER).await);
        sleep(Duration::from_secs(2)).await;
        field.strike_event("MatchmakingCancelled");
        let stopped = field.call(&[], "stop_matchmaking", &json!({ "uuid": HOST, "TicketId": host })).await;
        assert_eq!(stopped.status, 200, "{stopped:?}");
        let stop = json!({ "uuid": PLAYER, "TicketId": own });
        ends(field, player, [(PLAYER, own)], "SEARCHING").await?;
        if player == Player::ComesBack {
            let stopped = field.call(&[], "stop_matchmaking", &stop).await;
            return (stopped.status == 200).then_some(()).ok_or_else(|| format!("{stopped:?}"));
        }
        Ok(())
    })
}

fn places<'a>(field: &'a Field, player: Player, headers: Headers) -> Story<'a> {
    Box::pin(async move {
        let hosts = placing(field, HOST).await;
        strike(field, player, headers, "create_session", &create(PLAYER)).await?;
        enters(field, HOST, &hosts).await
    })
}

fn placed_by_an_event(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.strike_event("PlacementFulfilled");
        let hosts = placing(field, HOST).await;
        let own = queued(field, PLAYER).await;
        while !field.is_struck() {
            sleep(Duration::from_secs(1)).await;
        }
        enters(field, HOST, &hosts).await?;
        if player == Player::ComesBack { enters(field, PLAYER, &own).await } else { Ok(()) }
    })
}

/// Somebody has the right to let others in and does not use it for so long that the call ends before its turn. Nobody can
/// come back for its placement.
fn gives_up(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        let hosts = placing(field, HOST).await;
        stuck(field, Duration::from_secs(35)).await;
        strike(field, player, &[], "create_session", &create(PLAYER)).await?;
        enters(field, HOST, &hosts).await
    })
}

/// Comes for a placement that others let in.
async fn enters(field: &Field, player: &str, placement: &Value) -> Result<(), String> {
    let join = json!({ "uuid": player, "PlacementId": placement });
    let mut answer = field.call(&[], "join_session", &join).await;
    for _ in 0..10 {
        if answer.status != 504 {
            break;
        }
        answer = field.call(&[], "join_session", &join).await;
    }
    (answer.status == 200).then_some(()).ok_or_else(|| format!("{player} comes for the placement and gets {answer:?}"))
}

/// Takes the right to let placements in, for some time.
async fn stuck(field: &Field, time: Duration) {
    let lease = field.store.lease("admission placements", "another", time).await;
    assert_eq!(lease.unwrap(), Lease::Mine);
}

/// Begins a search that has to wait in the line, and returns its ticket.
async fn waiting(field: &Field, player: &str) -> Value {
    let waiting = field.call(ASYNC, "start_matchmaking", &json!({ "uuid": player })).await.json();
    assert_eq!(waiting["Status"], "QUEUED", "{waiting}");
    waiting["TicketId"].clone()
}

/// Begins a placement, and returns its id. GameLift has it at once.
async fn placing(field: &Field, player: &str) -> Value {
    let placing = field.call(ASYNC, "create_session", &create(player)).await.json();
    let id = placing["PlacementId"].clone();
    let known = field.store.ticket(id.as_str().unwrap()).await.unwrap().unwrap();
    assert_ne!(known.news.status, Status::Waiting, "{placing}");
    id
}

/// The same for one that has to wait in the line.
async fn queued(field: &Field, player: &str) -> Value {
    let queued = field.call(ASYNC, "create_session", &create(player)).await.json();
    let id = queued["PlacementId"].clone();
    let known = field.store.ticket(id.as_str().unwrap()).await.unwrap().unwrap();
    assert_eq!(known.news.status, Status::Waiting, "{queued}");
    id
}
