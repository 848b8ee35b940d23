//! A ticket as an answer to one of its players.

use std::time::Duration;

use aws::arns::fleet_of;
use serde_json::{Map, Value, json};
use shared::{Answer, Code, Error, error::Upstream};
use store::{
    Store,
    fail_open::fail_open,
    records::{
        news::{Placed, Status},
        ticket::Ticket,
    },
};

use crate::tickets::{cause::cause_of, refusal, reservation::reservation_end};

/// When a client comes back that waits for a match or for the end of a stopped search, and one whose match is made.
const WHILE_SEARCHING: Duration = Duration::from_secs(5);
const WHILE_MATCHED: Duration = Duration::from_secs(1);

/// The advice about a search that has ended: its key only leads to it again.
const SEARCH_AGAIN: &str = "Search again, with a new Idempotency-Key if there is one.";

/// Who looks at a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// One of the ticket's players.
    pub player: &'a str,
    /// Whether the player may see the player sessions of the others, which let their holder play.
    pub shows_all: bool,
}

/// The answer about a ticket: 200 with the viewer's player session, or 202 while it is open.
///
/// # Errors
/// The end of a ticket without a match: `MATCHMAKING_TIMED_OUT`, `MATCHMAKING_CANCELLED`, `MATCHMAKING_FAILED`, or the
/// error with which GameLift has refused the search. `BACKEND_MISCONFIGURED` for a match without a game session;
/// `MATCHMAKING_FAILED` for one without the viewer's player session. All are final, so none of them is retryable.
pub fn answer(ticket: &Ticket, viewer: Viewer<'_>) -> Result<Answer, Error> {
    match ticket.news.status {
        Status::Completed => matched(ticket, viewer).map(Answer::ok),
        Status::Failed | Status::Cancelled | Status::TimedOut => Err(ended(ticket)),
        status => {
            let is_matched = matches!(status, Status::RequiresAcceptance | Status::Placing);
            let wait = if is_matched { WHILE_MATCHED } else { WHILE_SEARCHING };
            Ok(Answer::accepted(open(ticket)).with_retry_after(wait))
        }
    }
}

/// [`answer`] about a ticket that may wait in a line: it has its `Place` then, and 1 is the next one.
///
/// # Errors
/// As [`answer`].
pub async fn answer_in_line(store: &Store, ticket: &Ticket, viewer: Viewer<'_>) -> Result<Answer, Error> {
    let mut answer = answer(ticket, viewer)?;
    if ticket.news.status == Status::Waiting
        && let Some(Some(before)) = fail_open("place", store.place_in_line(ticket)).await
    {
        answer.body["Place"] = (before + 1).into();
    }
    Ok(answer)
}

/// The answer to a player's answer to a match: the ticket, whatever came of it.
pub fn answered(ticket: &Ticket) -> Answer {
    Answer::ok(if ticket.news.status.is_end() { state(ticket) } else { open(ticket) })
}

/// The answer to whoever stops a search: 200 once it has ended, 202 if it is about to.
pub fn stopping(ticket: &Ticket) -> Answer {
    let body = state(ticket);
    if ticket.news.status.is_end() {
        Answer::ok(body)
    } else {
        Answer::accepted(body).with_retry_after(WHILE_SEARCHING)
    }
}

/// The ticket's state alone. Answers and pushes may overtake each other, and `Version` tells which is the later one.
fn state(ticket: &Ticket) -> Value {
    json!({ "TicketId": ticket.id, "Status": status(ticket.news.status), "Version": ticket.version })
}

/// The error of a call whose time is over before the ticket has ended.
pub fn pending(ticket: &Ticket) -> Error {
    let detail = "The search goes on. Send the same request again to go on waiting, or GET /describe_matchmaking with this TicketId.";
    let error = Error::new(Code::MatchmakingPending, detail);
    of_ticket(error, ticket)
}

pub(crate) fn of_ticket(error: Error, ticket: &Ticket) -> Error {
    let error = error.with_member("TicketId", ticket.id.as_str());
    error.with_member("Status", status(ticket.news.status)).with_member("Version", ticket.version)
}

/// The status in GameLift's words. One that GameLift does not know yet is queued here.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting | Status::Starting => "QUEUED",
        Status::Searching => "SEARCHING",
        Status::RequiresAcceptance => "REQUIRES_ACCEPTANCE",
        Status::Placing => "PLACING",
        Status::Completed => "COMPLETED",
        Status::Failed => "FAILED",
        Status::Cancelled => "CANCELLED",
        Status::TimedOut => "TIMED_OUT",
    }
}

/// An open ticket. Of the answers to a match, only those of the ticket's own players.
fn open(ticket: &Ticket) -> Value {
    let told = &ticket.news.told;
    let mut open = state(ticket);
    if let Some(seconds) = told.estimated_wait {
        open["EstimatedWaitSeconds"] = seconds.into();
    }
    if let Some(match_id) = &told.match_id {
        open["MatchId"] = match_id.as_str().into();
    }
    if ticket.news.status == Status::RequiresAcceptance {
        let own =
            ticket.players.iter().filter_map(|player| Some((player.clone(), (*told.accepted.get(player)?).into())));
        open["Accepted"] = Value::Object(own.collect());
        // Of strangers only how many.
        open["AcceptedPlayers"] = told.accepted.values().filter(|accepts| **accepts).count().into();
        if let Some(players) = told.matched_players {
            open["MatchedPlayers"] = players.into();
        }
    }
    open
}

/// The viewer's player session. A party's has the others' in `PlayerSessions` too, reduced to what the viewer may see.
fn matched(ticket: &Ticket, viewer: Viewer<'_>) -> Result<Value, Error> {
    let Some(placed) = &ticket.news.told.placed else {
        let detail = "The match has no game session. Let the matchmaking configuration have a queue: FlexMatchMode WITH_QUEUE, not STANDALONE.";
        return Err(of_ticket(Error::new(Code::BackendMisconfigured, detail), ticket));
    };
    let is_whole = placed.ip_address.as_ref().is_some_and(|address| !address.is_empty()) && placed.port.is_some();
    if !is_whole || !placed.player_sessions.contains_key(viewer.player) {
        let detail = "GameLift has told of the match without the player's session or its address.";
        let detail = format!("{detail} {SEARCH_AGAIN}");
        return Err(of_ticket(Error::new(Code::MatchmakingFailed, detail), ticket));
    }
    let mut own = seat(ticket, placed, viewer.player, true);
    own["Version"] = ticket.version.into();
    if ticket.players.len() > 1 {
        let others = ticket.players.iter().filter(|player| *player != viewer.player);
        let all = [viewer.player].into_iter().chain(others.map(String::as_str));
        own["PlayerSessions"] = all.map(|player| seat(ticket, placed, player, viewer.shows_all)).collect();
    }
    Ok(own)
}

/// A player's place in the match. Without the player session it does not let its holder play.
fn seat(ticket: &Ticket, placed: &Placed, player: &str, shows_session: bool) -> Value {
    let told = &ticket.news.told;
    let session = placed.player_sessions.get(player).filter(|_| shows_session);
    let shown = |value: Option<Value>| value.filter(|_| session.is_some());
    let members = [
        ("PlayerSessionId", session.map(|session| session.as_str().into())),
        ("PlayerId", Some(player.into())),
        ("GameSessionId", shown(Some(placed.game_session_id.as_str().into()))),
        ("FleetId", shown(fleet_of(&placed.game_session_id).map(Value::from))),
        ("ReservationExpiresAt", shown(placed.since.and_then(reservation_end).map(Value::from))),
        ("IpAddress", shown(placed.ip_address.as_deref().map(Value::from))),
        ("DnsName", shown(placed.dns_name.as_deref().map(Value::from))),
        ("Port", shown(placed.port.map(Value::from))),
        ("MatchId", told.match_id.as_deref().map(Value::from)),
        ("Team", told.teams.get(player).map(|team| team.as_str().into())),
        ("TicketId", Some(ticket.id.as_str().into())),
        ("Status", Some(status(ticket.news.status).into())),
    ];
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

/// The error of a ticket that has ended without a match.
pub(crate) fn ended(ticket: &Ticket) -> Error {
    let told = &ticket.news.told;
    if let Some(refused) = refusal::again(told) {
        let (code, detail) = (refused.code(), format!("{} {SEARCH_AGAIN}", refused.detail()));
        return of_ticket(refused.with_code(code, detail), ticket);
    }
    if ticket.news.status == Status::Cancelled
        && let Some(cause) = cause_of(ticket)
    {
        let error = Error::new(Code::MatchmakingCancelled, format!("{} {SEARCH_AGAIN}", cause.sentence));
        return with_reason(of_ticket(error, ticket).with_member("Reason", cause.name), ticket);
    }
    let (code, sentence) = match ticket.news.status {
        Status::TimedOut => {
            (Code::MatchmakingTimedOut, "No match was found in the time of the matchmaking configuration.")
        }
        Status::Cancelled => (
            Code::MatchmakingCancelled,
            "The search was stopped by one of its players, who may not have accepted a match, or by GameLift for a newer search.",
        ),
        _ => (Code::MatchmakingFailed, "GameLift could not place the match, or has not taken the search in time."),
    };
    with_reason(of_ticket(Error::new(code, format!("{sentence} {SEARCH_AGAIN}")), ticket), ticket)
}

/// Adds why the ticket has ended, in GameLift's words.
fn with_reason(error: Error, ticket: &Ticket) -> Error {
    match &ticket.news.told.reason {
        Some(reason) => error.with_upstream(Upstream {
            operation: "StartMatchmaking",
            exception: None,
            message: reason.clone(),
            request_id: None,
        }),
        None => error,
    }
}
