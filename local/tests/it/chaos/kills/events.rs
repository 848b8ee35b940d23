//! Runs of `record_event`, with each type of event, and of `reconcile`.

use std::time::Duration;

use serde_json::{Value, json};
use shared::deadline::Deadline;
use store::records::{
    starts::{NewTicket, Started},
    ticket::Kind,
};
use tokio::time::sleep;

use crate::{
    chaos::kills::{
        field::Field,
        rows::{Player, Row, Story, TRIES},
        searches::{HOST, ROW, begun, with_acceptance, without_events},
    },
    faults::scenario::{ASYNC, PLAYER, create},
};

pub(crate) const ROWS: &[Row] = &[
    Row { name: "MatchmakingSearching", story: |field, player| matched(field, player, "MatchmakingSearching"), ..ROW },
    Row {
        name: "PotentialMatchCreated",
        story: |field, player| matched(field, player, "PotentialMatchCreated"),
        ..ROW
    },
    Row { name: "MatchmakingSucceeded", story: |field, player| matched(field, player, "MatchmakingSucceeded"), ..ROW },
    Row {
        name: "PotentialMatchCreated, to be accepted",
        settings: with_acceptance,
        story: |field, player| accepted(field, player, "PotentialMatchCreated"),
        ..ROW
    },
    Row {
        name: "AcceptMatch",
        settings: with_acceptance,
        story: |field, player| accepted(field, player, "AcceptMatch"),
        ..ROW
    },
    Row {
        name: "AcceptMatchCompleted",
        settings: with_acceptance,
        story: |field, player| accepted(field, player, "AcceptMatchCompleted"),
        ..ROW
    },
    Row { name: "MatchmakingTimedOut", story: alone, places: 0, ..ROW },
    Row { name: "MatchmakingCancelled", story: cancelled, places: 0, ..ROW },
    Row {
        name: "PlacementTimedOut of a match that a player wants stopped",
        settings: |settings| {
            (ROW.settings)(settings);
            settings.game_servers = 0;
            settings.seed.queues.last_mut().unwrap().timeout_seconds = Some(20);
        },
        story: unplaced,
        places: 0,
        ..ROW
    },
    Row { name: "PlacementFulfilled", story: placed, begins: "create_session", ..ROW },
    Row { name: "reconcile", settings: without_events, story: reconciled, is_told: false, ..ROW },
];

/// Two players find each other.
fn matched<'a>(field: &'a Field, player: Player, kind: &'static str) -> Story<'a> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event(kind);
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        ends(field, player, [(HOST, host), (PLAYER, own)], "COMPLETED").await
    })
}

/// They accept their match.
fn accepted<'a>(field: &'a Field, player: Player, kind: &'static str) -> Story<'a> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event(kind);
        let tickets = [(HOST, begun(field, HOST).await), (PLAYER, begun(field, PLAYER).await)];
        for (player, ticket) in &tickets {
            let accept = json!({ "uuid": player, "TicketId": ticket, "accept": true });
            let mut answer = field.call(&[], "accept_match", &accept).await;
            for _ in 0..TRIES {
                if answer.status == 200 {
                    break;
                }
                sleep(Duration::from_secs(4)).await;
                answer = field.call(&[], "accept_match", &accept).await;
            }
            if answer.status != 200 {
                return Err(format!("{player} cannot accept: {answer:?}"));
            }
        }
        ends(field, player, tickets, "COMPLETED").await
    })
}

/// Nobody else searches.
fn alone(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event("MatchmakingTimedOut");
        let own = begun(field, PLAYER).await;
        ends(field, player, [(PLAYER, own)], "TIMED_OUT").await
    })
}

/// The player stops past Liftgate, so that only the event tells.
fn cancelled(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event("MatchmakingCancelled");
        let own = begun(field, PLAYER).await;
        let gamelift = field.world.gamelift().await;
        gamelift.stop_matchmaking().ticket_id(own.as_str().unwrap()).send().await.unwrap();
        ends(field, player, [(PLAYER, own)], "CANCELLED").await
    })
}

/// The match comes to no game session, and the player has asked to stop meanwhile.
fn unplaced(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event("PlacementTimedOut");
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        sleep(Duration::from_secs(5)).await;
        for (player, ticket) in [(HOST, &host), (PLAYER, &own)] {
            let stop = json!({ "uuid": player, "TicketId": ticket });
            let stopped = field.call(&[], "stop_matchmaking", &stop).await;
            assert_eq!(stopped.json()["error"]["code"], "MATCH_ALREADY_PLACING", "{stopped:?}");
        }
        ends(field, player, [(HOST, host), (PLAYER, own)], "CANCELLED").await
    })
}

/// A placement by a queue.
fn placed(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.strike_event("PlacementFulfilled");
        let begun = field.call(ASYNC, "create_session", &create(PLAYER)).await.json();
        if player == Player::IsGone {
            sleep(Duration::from_secs(30)).await;
            return Ok(());
        }
        let join = json!({ "uuid": PLAYER, "PlacementId": begun["PlacementId"] });
        let joined = field.call(&[], "join_session", &join).await;
        (joined.status == 200).then_some(()).ok_or_else(|| format!("{joined:?}"))
    })
}

/// Tickets of all kinds of which no event tells.
fn reconciled(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        field.strike_schedule();
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        let placement = field.call(ASYNC, "create_session", &create("placed")).await;
        assert_eq!(placement.status, 202, "{placement:?}");
        let unsent = dead(field, "unsent").await;
        let unwanted = dead(field, "unwanted").await;
        field.store.ask_stop("unwanted").await.unwrap();
        while !field.is_struck() {
            sleep(Duration::from_secs(5)).await;
        }
        ends(field, player, [(HOST, host), (PLAYER, own)], "COMPLETED").await?;
        ends(field, player, [("unwanted", unwanted)], "CANCELLED").await?;
        let stop = json!({ "uuid": "unsent", "TicketId": unsent });
        ends(field, player, [("unsent", unsent)], "SEARCHING").await?;
        let stopped = field.call(&[], "stop_matchmaking", &stop).await;
        (stopped.status == 200).then_some(()).ok_or_else(|| format!("{stopped:?}"))
    })
}

/// The ticket of a call that has died before it was sent.
async fn dead(field: &Field, id: &'static str) -> Value {
    let players = [id.to_owned()];
    let request = json!({ "configuration": "duel", "players": [{ "id": id }] }).to_string();
    let new =
        NewTicket { id, kind: Kind::Match, players: &players, request: &request, line: None, key: None, holder: "" };
    let started = field.store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    assert!(matches!(started, Started::New(_)));
    id.into()
}

async fn both_connect(field: &Field) {
    field.connect(PLAYER).await;
    field.connect(HOST).await;
}

/// Each player follows the own ticket to its end. Who has gone does not, and the conditions tell whether it ends.
async fn ends<const N: usize>(
    field: &Field,
    player: Player,
    tickets: [(&str, Value); N],
    end: &str,
) -> Result<(), String> {
    if player == Player::IsGone {
        // The run has its turn within that time.
        sleep(Duration::from_mins(4)).await;
        return Ok(());
    }
    for (player, ticket) in tickets {
        let query = json!({ "uuid": player, "TicketId": ticket, "wait": "20" });
        let mut answer = field.call(&[], "describe_matchmaking", &query).await;
        for _ in 0..3 * TRIES {
            if answer.status != 202 || answer.json()["Status"] == end {
                break;
            }
            answer = field.call(&[], "describe_matchmaking", &query).await;
        }
        let (body, status) = (answer.json(), format!("MATCHMAKING_{end}"));
        if body["Status"] != end && body["error"]["code"] != status {
            return Err(format!("{player} follows to {answer:?}, not to {end}"));
        }
    }
    Ok(())
}
