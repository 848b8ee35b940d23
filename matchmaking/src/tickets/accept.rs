//! A player's answer to a match.

use std::{ops::Range, time::Duration};

use aws::gamelift::{AcceptMatch, DescribeMatchmaking};
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn},
    request::{Fields, Member, members::Switch},
};
use store::{
    Store,
    records::{
        news::{News, Status, Told},
        ticket::Ticket,
    },
};

use crate::tickets::{
    cause::REJECTED,
    follow::refreshed,
    look::{look, tell},
    own::again,
    present,
    stop::too_late,
    turns::Turns,
};

/// How often the end of a ticket is told of which events come at the same moment.
const TRIES_TO_END: usize = 4;

/// The milliseconds after which an answer that was not sent is to come again. Those who were refused together come apart.
const NEXT_TRY: Range<u64> = 1_000..4_000;

/// The player's answer to a match.
pub const ACCEPT: Member<Switch> =
    Member::switch("accept", "True to accept the match, false to reject it and to end the search.").required();

/// Reads `accept` of a body or a message, which is required.
pub fn accepts(fields: &mut Fields) -> bool {
    if fields.is_absent(ACCEPT.name) {
        fields.error(ACCEPT.name, "is required: true to accept the match, false to reject it");
        return false;
    }
    fields.switch(&ACCEPT).unwrap_or_default()
}

/// Accepts or rejects, for this player alone, the match that the player's ticket is in. Returns the ticket as it is known
/// then. An answer that has come about already is given again. The call to GameLift waits for its turn.
///
/// # Errors
/// `NO_MATCH_TO_ACCEPT`; `MATCH_ALREADY_PLACING` for a rejection that comes too late; how the ticket has ended, if that
/// was without a match and the player accepts; `MATCHMAKING_PENDING` if GameLift takes no answer more in the call's time;
/// those of GameLift and the store.
pub async fn accept<G: AcceptMatch + DescribeMatchmaking>(
    gamelift: &G,
    (store, turns): (&Store, Turns),
    ticket: Ticket,
    player: &str,
    accepts: bool,
    deadline: Deadline,
) -> Result<Ticket, Error> {
    // The event of the match may be lost.
    let is_searching = ticket.news.status == Status::Searching;
    let ticket = if is_searching { refreshed(gamelift, store, ticket, deadline).await } else { ticket };
    if !waits_for(&ticket, player, accepts) {
        return without_a_match(ticket, player, accepts);
    }
    let Some(waited) = turns.until("AcceptMatch", store, deadline).await else {
        return Err(not_sent(Error::new(Code::MatchmakingPending, ""), &ticket));
    };
    let shown = ticket.news.told.match_id.clone();
    // While the call waited, the match may have fallen apart, and another one been made.
    let ticket = if waited.is_zero() { ticket } else { again(store, ticket.clone()).await.unwrap_or(ticket) };
    if !waits_for(&ticket, player, accepts) {
        return without_a_match(ticket, player, accepts);
    }
    if ticket.news.told.match_id != shown {
        return Err(nothing_to_accept(&ticket));
    }
    let players = [player.to_owned()];
    match in_turn(deadline, || gamelift.accept_match(&ticket.id, &players, accepts)).await {
        Ok(()) if accepts => Ok(noted(store, ticket, player).await),
        Ok(()) => Ok(rejected(store, ticket).await),
        // It is not known from what the ticket came, so GameLift says where it is.
        Err(error) if error.code() == Code::InvalidRequest => {
            without_a_match(seen(gamelift, store, &ticket).await?, player, accepts)
        }
        Err(error) if error.code() == Code::RateLimited => Err(not_sent(error, &ticket)),
        Err(error) => Err(present::of_ticket(error, &ticket)),
    }
}

/// Whether the ticket is in a match that does not have this answer of the player yet.
fn waits_for(ticket: &Ticket, player: &str, accepts: bool) -> bool {
    let News { status, told, .. } = &ticket.news;
    *status == Status::RequiresAcceptance && told.accepted.get(player) != Some(&accepts)
}

/// The error of an answer that GameLift does not take in the call's time, as more come than it takes.
fn not_sent(error: Error, ticket: &Ticket) -> Error {
    let detail = "The answer to the match is not sent: more answers came than GameLift takes in the call's time. Send the same request again: the match waits for its AcceptanceTimeoutSeconds.";
    let error = error.with_code(Code::MatchmakingPending, detail);
    present::of_ticket(error.with_retry_after(Duration::from_millis(fastrand::u64(NEXT_TRY))), ticket)
}

/// Notes that a rejection, which GameLift has taken, has ended the ticket. The event that the match fell apart may come
/// meanwhile, and says of all of its tickets that they search again: the end of this one comes after that. If the store
/// does not take the end, the event of the end, or a look, tells it.
async fn rejected(store: &Store, ticket: Ticket) -> Ticket {
    let told = Told { reason: Some(REJECTED.to_owned()), ..Told::default() };
    let mut newest = ticket;
    for _ in 0..TRIES_TO_END {
        let Ok(now) = tell(store, &newest, Status::Cancelled, told.clone()).await else { break };
        if now.news.status.is_end() {
            return now;
        }
        newest = now;
    }
    newest.news = News { status: Status::Cancelled, told, ..newest.news };
    newest
}

/// What an answer means for a ticket that does not wait for it.
fn without_a_match(ticket: Ticket, player: &str, accepts: bool) -> Result<Ticket, Error> {
    match ticket.news.status {
        Status::Placing | Status::Completed if accepts => Ok(ticket),
        Status::Placing | Status::Completed => Err(too_late(&ticket)),
        Status::Failed | Status::Cancelled | Status::TimedOut if !accepts => Ok(ticket),
        Status::Failed | Status::Cancelled | Status::TimedOut => Err(present::ended(&ticket)),
        // GameLift takes no second answer.
        Status::RequiresAcceptance if ticket.news.told.accepted.get(player) == Some(&accepts) => Ok(ticket),
        _ => Err(nothing_to_accept(&ticket)),
    }
}

fn nothing_to_accept(ticket: &Ticket) -> Error {
    let detail = "No match waits for this player's answer. It may not have been found yet, or another player did not accept it in time; the search goes on then. GET /describe_matchmaking has the status REQUIRES_ACCEPTANCE when there is one.";
    present::of_ticket(Error::new(Code::NoMatchToAccept, detail), ticket)
}

async fn seen(gamelift: &impl DescribeMatchmaking, store: &Store, ticket: &Ticket) -> Result<Ticket, Error> {
    let seen = look(gamelift, store, std::slice::from_ref(ticket)).await?;
    Ok(seen.into_iter().next().unwrap_or_else(|| ticket.clone()))
}

/// Notes that the player has accepted, so that nobody asks again before the event comes. It says the same later.
async fn noted(store: &Store, ticket: Ticket, player: &str) -> Ticket {
    let Ok(newest) = again(store, ticket.clone()).await else { return ticket };
    let is_same = newest.news.status == ticket.news.status && newest.news.told.match_id == ticket.news.told.match_id;
    if !is_same {
        return newest;
    }
    let mut told = newest.news.told.clone();
    told.accepted.insert(player.to_owned(), true);
    tell(store, &newest, newest.news.status, told).await.unwrap_or(newest)
}
