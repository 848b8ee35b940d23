//! Stops a search.
//!
//! GameLift stops a search until its match is PLACING. Before GameLift knows the ticket, only whoever sends it can tell
//! that it was not sent. So the wish is noted first ([`Store::ask_stop`]), and lasts if this call dies or comes too late.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, StopMatchmaking};
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, within},
};
use store::{
    Store,
    records::{
        news::{Status, Told},
        ticket::Ticket,
    },
};

use crate::tickets::{
    cause::{BEFORE_IT_BEGAN, BY_REQUEST},
    look::{look, tell},
    own::again,
    present,
    turns::Turns,
    wait::{FIRST_WAIT, LONGEST_WAIT, jittered},
};

/// How long whoever sends a ticket has to notice that it is not wanted any more.
const TIME_TO_NOTICE: Duration = Duration::from_secs(5);

/// Stops the search of a ticket. Returns the ticket, which has ended; or is about to be sent or stopped, if GameLift does
/// not know it yet, or takes no stop more in the call's time: the reconciler stops it then. The call to GameLift waits
/// for its turn.
///
/// # Errors
/// `MATCH_ALREADY_PLACING` for a match that GameLift makes a game session for, or that has one; those of GameLift and of
/// the store, after which the wish is noted all the same.
pub async fn stop<G: StopMatchmaking + DescribeMatchmaking>(
    gamelift: &G,
    (store, turns): (&Store, Turns),
    ticket: Ticket,
    deadline: Deadline,
) -> Result<Ticket, Error> {
    if ticket.news.status == Status::Waiting && store.withdraw(&ticket.id, BEFORE_IT_BEGAN).await? {
        return again(store, ticket).await;
    }
    let Some(asked) = store.ask_stop(&ticket.id).await? else { return stopped(again(store, ticket).await?) };
    if turns.until("StopMatchmaking", store, deadline).await.is_none() {
        return stopped(asked);
    }
    let now = match in_turn(deadline, || gamelift.stop_matchmaking(&asked.id)).await {
        Ok(()) => {
            let told = Told { reason: Some(BY_REQUEST.to_owned()), ..Told::default() };
            tell(store, &asked, Status::Cancelled, told).await?
        }
        // It is in no status to be stopped in, or not known.
        Err(error) if error.code() == Code::InvalidRequest => {
            let seen = look(gamelift, store, std::slice::from_ref(&asked)).await?;
            seen.into_iter().next().unwrap_or(asked)
        }
        Err(error) if error.code() == Code::RateLimited => return stopped(asked),
        Err(error) => return Err(present::of_ticket(error, &asked)),
    };
    let until = deadline.or_before(Some(Deadline::after(TIME_TO_NOTICE)));
    let now = match now.news.status {
        Status::Starting => noticed(store, now, until).await,
        _ => now,
    };
    stopped(now)
}

/// The ticket once whoever sends it has noticed that it is not wanted any more, or as it is when `until` comes.
async fn noticed(store: &Store, ticket: Ticket, until: Deadline) -> Ticket {
    let (mut newest, mut wait) = (ticket, FIRST_WAIT);
    while !newest.news.status.is_end() && until.sleep(jittered(wait)).await {
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        if let Ok(Some(read)) = within(until, store.ticket(&newest.id)).await {
            newest = read;
        }
    }
    newest
}

/// What is said of a ticket after all was done to stop it.
fn stopped(ticket: Ticket) -> Result<Ticket, Error> {
    match ticket.news.status {
        Status::Placing | Status::Completed => Err(too_late(&ticket)),
        _ => Ok(ticket),
    }
}

/// The error of whoever leaves a match that is made.
pub(crate) fn too_late(ticket: &Ticket) -> Error {
    let of = |detail: &'static str| present::of_ticket(Error::new(Code::MatchAlreadyPlacing, detail), ticket);
    match &ticket.news.told.placed {
        Some(placed) => of(
            "The match has its game session, and the player a place in it. GET /describe_matchmaking has the way in. Whoever does not enter within 60 s loses the place.",
        )
        .with_member("GameSessionId", placed.game_session_id.as_str()),
        None if ticket.is_to_stop => of(
            "The match is made, and GameLift places it in a game session. GET /describe_matchmaking has the player's place in it soon; whoever does not enter within 60 s loses the place. If GameLift finds no game session, the search ends, because it is to be stopped.",
        ),
        None => of(
            "The match is made, and GameLift places it in a game session. GET /describe_matchmaking has the player's place in it soon; whoever does not enter within 60 s loses the place. If GameLift finds no game session, the search goes on, until POST /stop_matchmaking.",
        ),
    }
}
