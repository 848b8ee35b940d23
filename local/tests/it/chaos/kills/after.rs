//! The conditions that hold after each cell.

use std::{collections::BTreeMap, time::Duration};

use aws::connections::{PostToConnection as _, Posted};
use serde_json::{Value, json};
use store::records::news::Status;
use testing::failing_table::Failure;
use tokio::time::sleep;

use crate::{
    chaos::{
        after::status_of,
        kills::{blow::Blow, ends, field::Field, rows::Row},
    },
    faults::{
        rules,
        scenario::{ASYNC, PLAYER, create},
    },
};

/// How long a ticket may be open after all: its search, and ten minutes in which it is sent again.
const LONGEST: Duration = Duration::from_mins(16);

/// How often it is looked whether all tickets have ended.
const STEP: Duration = Duration::from_secs(20);

/// A reservation ends after 60 s, and Lambda repeats an event for the last time within 4 minutes.
const AFTERMATH: Duration = Duration::from_mins(4);

/// How long the pushes of the new game take.
const FORGETTING: Duration = Duration::from_secs(5);

/// Waits until all is over. Returns what is wrong then, and what the cell has come to.
pub(crate) async fn after(field: &Field, row: &Row, blow: Option<Blow>) -> (Vec<String>, String) {
    let mut wrong = Vec::new();
    let mut waited = Duration::ZERO;
    while let Some(open) = open(field).await {
        if waited >= LONGEST {
            wrong.push(format!("still open: {open}"));
            break;
        }
        sleep(STEP).await;
        waited += STEP;
    }
    sleep(AFTERMATH).await;
    let state = field.world.state().await;
    wrong.extend(places(&state, row));
    wrong.extend(matches(field, &state, blow).await);
    wrong.extend(lines(field).await);
    let outcome = ends::outcome(field, &state).await;
    let is_told = row.is_told && !blow.is_some_and(|blow| field.loses_push(blow));
    wrong.extend(sockets(field, is_told).await);
    wrong.extend(new_game(field, row).await);
    wrong.extend(gone(field).await);
    (wrong, outcome)
}

/// The tickets that have not ended, in the store or in GameLift.
async fn open(field: &Field) -> Option<String> {
    let now = [
        field.store.open_tickets(Duration::ZERO, 100).await.unwrap(),
        field.store.waiting_tickets(Duration::ZERO, 100).await.unwrap(),
    ]
    .concat();
    let state = field.world.state().await;
    let live: Vec<_> = tickets(&state).filter(|ticket| !is_over(ticket)).collect();
    (!now.is_empty() || !live.is_empty()).then(|| format!("{now:?}, in GameLift {live:?}"))
}

fn tickets(state: &Value) -> impl Iterator<Item = &Value> {
    state["gamelift"]["matchmaking_tickets"].as_array().unwrap().iter()
}

fn is_over(ticket: &Value) -> bool {
    matches!(ticket["Status"].as_str(), Some("COMPLETED" | "FAILED" | "CANCELLED" | "TIMED_OUT"))
}

/// Reservations that stay, and players with too many places.
fn places(state: &Value, row: &Row) -> Vec<String> {
    let mut wrong = Vec::from_iter(rules::lost_slots(state));
    let mut places = BTreeMap::<&str, Vec<&Value>>::new();
    for place in rules::player_sessions(state, |_| true) {
        places.entry(place["PlayerId"].as_str().unwrap()).or_default().push(place);
    }
    for (player, places) in places {
        let most = if player == PLAYER { row.places } else { row.places.max(1) };
        if places.len() > most {
            wrong.push(format!("{player} has had {} places: {places:?}", places.len()));
        }
    }
    wrong
}

/// Players in several matches, and tickets whose ends differ in the store and in GameLift.
async fn matches(field: &Field, state: &Value, blow: Option<Blow>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut matched = BTreeMap::<&str, usize>::new();
    for ticket in tickets(state) {
        let is_matched = ticket["Status"] == "COMPLETED";
        for player in ticket["Players"].as_array().unwrap() {
            *matched.entry(player["PlayerId"].as_str().unwrap()).or_default() += usize::from(is_matched);
        }
        let session = &ticket["GameSessionConnectionInfo"]["GameSessionArn"];
        wrong.extend(contradiction(field, ticket, ("TicketId", blow), session).await);
    }
    for placement in ends::placements(state) {
        wrong.extend(contradiction(field, placement, ("PlacementId", blow), &placement["GameSessionArn"]).await);
    }
    let in_several = matched.into_iter().filter(|(_, count)| *count > 1);
    wrong.extend(in_several.map(|(player, count)| format!("{player} is in {count} matches")));
    wrong
}

/// What the store says of a ticket if GameLift says something else.
///
/// A placement goes on without the store where that fails, so the store may not know it. If the store has taken it into
/// the line after that, nobody asks for it there, and it is taken out.
async fn contradiction(
    field: &Field,
    ticket: &Value,
    (id, blow): (&str, Option<Blow>),
    session: &Value,
) -> Option<String> {
    let Some(known) = field.store.ticket(ticket[id].as_str().unwrap()).await.unwrap() else {
        return (id == "TicketId").then(|| format!("the store does not know {ticket}"));
    };
    let end = status_of(ticket["Status"].as_str().unwrap());
    let its_session = known.news.told.placed.as_ref().map(|placed| placed.game_session_id.as_str());
    let is_same_session = end != Some(Status::Completed) || its_session == session.as_str();
    let is_same = Some(known.news.status) == end && is_same_session;
    let is_late = matches!(blow, Some(Blow::Table(_, Failure::Late(_))));
    let is_taken_out = id == "PlacementId" && is_late && known.news.status == Status::Cancelled;
    (!is_same && !is_taken_out).then(|| format!("the store says {:?} of {ticket}", known.news))
}

/// Places that are left in the lines before GameLift's rates.
async fn lines(field: &Field) -> Vec<String> {
    let mut left = Vec::new();
    for line in ["searches", "placements"] {
        let waiting = field.store.first_in_line(line, 10).await.unwrap();
        left.extend((!waiting.is_empty()).then(|| format!("the line of {line} still has {waiting:?}")));
    }
    left
}

/// Messages of other players' searches, and players who do not hear of an end that events tell. A connection has its
/// player's name.
async fn sockets(field: &Field, is_told: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (player, heard) in field.heard() {
        for message in &heard {
            let id = message["TicketId"].as_str().unwrap_or_default();
            let ticket = field.store.ticket(id).await.unwrap();
            if ticket.is_none_or(|ticket| !ticket.players.contains(&player)) {
                wrong.push(format!("{player} hears {message}"));
            }
        }
        let has_searched = field.store.last_ticket_of(&player).await.unwrap().is_some();
        if is_told && has_searched && !heard.iter().any(is_over) {
            wrong.push(format!("{player} hears of no end: {heard:?}"));
        }
    }
    if field.connections.sent() > 0 {
        wrong.push(format!("{} messages go to nobody", field.connections.sent()));
    }
    wrong
}

/// Nothing keeps the player from another game.
async fn new_game(field: &Field, row: &Row) -> Option<String> {
    let key = ("Idempotency-Key", "another-key");
    if row.begins != "start_matchmaking" {
        let answer = field.call(&[key], "create_session", &create(PLAYER)).await;
        return (answer.status != 200).then(|| format!("afterwards the player gets {answer:?}"));
    }
    let answer = field.call(&[key, ASYNC[0]], "start_matchmaking", &json!({ "uuid": PLAYER })).await;
    let (id, status) = (answer.json()["TicketId"].clone(), answer.json()["Status"].clone());
    if answer.status != 202 || status != "SEARCHING" {
        return Some(format!("afterwards the player gets {answer:?}"));
    }
    let stopped = field.call(&[], "stop_matchmaking", &json!({ "uuid": PLAYER, "TicketId": id })).await;
    (stopped.status != 200).then(|| format!("afterwards the player cannot stop: {stopped:?}"))
}

/// Connections that are gone, and that the store still has for the player after pushes to them.
async fn gone(field: &Field) -> Option<String> {
    sleep(FORGETTING).await;
    let mut gone = Vec::new();
    for connection in field.store.sockets_of(PLAYER).await.unwrap() {
        if field.connections.post(&connection, "{}").await.unwrap() == Posted::Gone {
            gone.push(connection);
        }
    }
    (!gone.is_empty()).then(|| format!("the store still has {gone:?}, which are gone"))
}
