//! Runs of `record_event`, with each type of event, and of `reconcile`.

use std::time::Duration;

use aws_sdk_gamelift::types::TerminationMode;
use gamelift_emulator::Settings;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    chaos::kills::{
        field::Field,
        rows::{Player, Row, Story, TRIES},
        searches::{HOST, ROW, begun, dead, with_acceptance, without_events},
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
    Row { name: "MatchmakingFailed", settings: with_slow_game_servers, story: failed, places: 0, ..ROW },
    Row { name: "MatchmakingSearching to a socket that is gone", story: unreachable, ..ROW },
    Row { name: "PlacementFulfilled", story: placed, begins: "create_session", ..ROW },
    Row {
        name: "PlacementCancelled",
        settings: |settings| {
            with_slow_game_servers(settings);
            settings.game_servers = 1;
        },
        story: |field, player| unfulfilled(field, player, "PlacementCancelled"),
        begins: "create_session",
        places: 0,
        ..ROW
    },
    Row {
        name: "PlacementFailed",
        settings: with_slow_game_servers,
        story: |field, player| unfulfilled(field, player, "PlacementFailed"),
        begins: "create_session",
        places: 0,
        ..ROW
    },
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
        ends(field, player, [(PLAYER, own)], "TIMED_OUT").await?;
        // A look may have told of it before the event came.
        sleep(Duration::from_secs(5)).await;
        Ok(())
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

/// Game servers take their time, in which a game session can end that activates.
fn with_slow_game_servers(settings: &mut Settings) {
    (ROW.settings)(settings);
    settings.activation_delay = Duration::from_secs(10);
}

/// The game session of the match ends before it is active.
fn failed(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        field.strike_event("MatchmakingFailed");
        let (host, own) = (begun(field, HOST).await, begun(field, PLAYER).await);
        end(field, "ACTIVATING").await;
        ends(field, player, [(HOST, host), (PLAYER, own)], "FAILED").await
    })
}

/// The player's network has gone before the search, and nobody was told.
fn unreachable(field: &Field, player: Player) -> Story<'_> {
    Box::pin(async move {
        both_connect(field).await;
        // A connection that opens is not called gone.
        sleep(Duration::from_mins(1)).await;
        field.lose(PLAYER);
        let host = begun(field, HOST).await;
        sleep(Duration::from_secs(1)).await;
        field.strike_event("MatchmakingSearching");
        let own = begun(field, PLAYER).await;
        ends(field, player, [(HOST, host), (PLAYER, own)], "COMPLETED").await
    })
}

/// A placement that comes to no game session, for a reason past Liftgate.
fn unfulfilled<'a>(field: &'a Field, player: Player, kind: &'static str) -> Story<'a> {
    Box::pin(async move {
        field.strike_event(kind);
        let is_taken = kind == "PlacementCancelled";
        if is_taken {
            let host = field.call(&[], "create_session", &create(HOST)).await;
            assert_eq!(host.status, 200, "{host:?}");
        }
        let begun = field.call(ASYNC, "create_session", &create(PLAYER)).await.json();
        if is_taken {
            let gamelift = field.world.gamelift().await;
            let id = begun["PlacementId"].as_str().unwrap();
            gamelift.stop_game_session_placement().placement_id(id).send().await.unwrap();
            end(field, "ACTIVE").await;
        } else {
            end(field, "ACTIVATING").await;
        }
        sleep(Duration::from_secs(30)).await;
        if player == Player::IsGone {
            return Ok(());
        }
        let join = json!({ "uuid": PLAYER, "PlacementId": begun["PlacementId"] });
        let joined = field.call(&[], "join_session", &join).await;
        let is_end = joined.json()["error"]["code"] == "SESSION_FAILED";
        is_end.then_some(()).ok_or_else(|| format!("who comes for a placement that came to nothing gets {joined:?}"))
    })
}

/// Ends the first game session that has this status, as soon as there is one.
async fn end(field: &Field, status: &str) {
    loop {
        sleep(Duration::from_secs(1)).await;
        let state = field.world.state().await;
        let sessions = state["gamelift"]["game_sessions"].as_array().unwrap();
        let Some(session) = sessions.iter().find(|session| session["Status"] == status) else { continue };
        let end = field.world.gamelift().await.terminate_game_session();
        let end = end.game_session_id(session["GameSessionId"].as_str().unwrap());
        end.termination_mode(TerminationMode::TriggerOnProcessTerminate).send().await.unwrap();
        return;
    }
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

pub(crate) async fn both_connect(field: &Field) {
    field.connect(PLAYER).await;
    field.connect(HOST).await;
}

/// Each player follows the own ticket to its end. Who has gone does not, and the conditions tell whether it ends.
pub(crate) async fn ends<const N: usize>(
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
