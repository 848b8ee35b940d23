//! Sends a ticket from the store to GameLift.
//!
//! GameLift takes each `TicketId` once, so all who send a ticket send the same one. Of a call without an answer nobody
//! knows whether it has arrived, and a refusal may mean that the ticket is there already. Both times a look tells.

use std::{collections::HashMap, time::Duration};

use aws::gamelift::{DescribeMatchmaking, NewMatchmaking, StartMatchmaking, StopMatchmaking};
use aws_sdk_gamelift::types::{MatchmakingTicket, Player};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, in_turn, within},
};
use store::{
    Store,
    records::{
        news::{Status, Told},
        ticket::{Kind, Ticket},
    },
};
use tokio::time::sleep;

use crate::tickets::{
    cause::{BEFORE_IT_BEGAN, BY_REQUEST, GIVEN_UP},
    look::{saw, tell},
    refusal,
    request::{SearchPlayer, SearchRequest},
};

/// The least time for another try.
const TIME_TO_ASK: Duration = Duration::from_millis(500);

/// Who may have sent the ticket before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tries {
    /// Nobody: the caller has just made it.
    First,
    /// Another call, whose outcome is not known.
    Again,
}

/// What became of a ticket that GameLift has not refused.
#[derive(Clone, Debug)]
pub enum Sent {
    /// GameLift has it, or it has ended: the ticket as it is known now.
    Known(Ticket),
    /// GameLift may not have it, for this passing reason: the ticket is STARTING and has to be sent again.
    Later(Ticket, Error),
}

/// What GameLift says to a ticket.
enum Reply {
    Has(Box<MatchmakingTicket>),
    /// It has no such ticket, and takes none for this reason.
    Refused(Error),
    /// It may have it, and this reason may pass.
    Unclear(Error),
    /// Nobody has sent it, and a player wants it stopped.
    NotWanted,
}

/// Sends a matchmaking ticket that is STARTING, and tries again until `deadline` as long as GameLift has no room or no
/// answer. Any other ticket is returned as it is. A ticket that a player wants stopped is not sent, and stopped if it was
/// sent meanwhile.
///
/// # Errors
/// GameLift refuses the search: the ticket has ended as FAILED. `INVALID_REQUEST` if the client can mend it,
/// `BACKEND_MISCONFIGURED` and the like if not. `INTERNAL` for a request that this version cannot read. Those of the
/// store, for a ticket that has not been sent.
pub async fn send<G>(
    gamelift: &G,
    store: &Store,
    ticket: &Ticket,
    tries: Tries,
    deadline: Deadline,
) -> Result<Sent, Error>
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking,
{
    if ticket.kind != Kind::Match || ticket.news.status != Status::Starting {
        return Ok(Sent::Known(ticket.clone()));
    }
    let request = SearchRequest::of_text(&ticket.request)?;
    match ask(gamelift, store, ticket, &request, tries, deadline).await {
        Reply::Has(found) => {
            // The search goes on, whether the store hears of it now or by an event.
            let now = saw(store, ticket, Some(&found)).await.unwrap_or_else(|_| ticket.clone());
            // Somebody has given the ticket up while it was on its way. Nobody would hear of its match.
            if matches!(now.news.status, Status::Cancelled | Status::Failed) {
                let _ = in_turn(deadline, || gamelift.stop_matchmaking(&now.id)).await;
            }
            Ok(Sent::Known(stop_if_asked(gamelift, store, now, deadline).await))
        }
        Reply::NotWanted => {
            let told = Told { reason: Some(BEFORE_IT_BEGAN.to_owned()), ..Told::default() };
            tell(store, ticket, Status::Cancelled, told).await.map(Sent::Known)
        }
        Reply::Unclear(error) => Ok(Sent::Later(ticket.clone(), error)),
        Reply::Refused(error) => Err(refused(store, ticket, error).await),
    }
}

/// Asks GameLift until it says something, or `deadline` comes.
async fn ask<G>(
    gamelift: &G,
    store: &Store,
    ticket: &Ticket,
    request: &SearchRequest,
    tries: Tries,
    deadline: Deadline,
) -> Reply
where
    G: StartMatchmaking + DescribeMatchmaking,
{
    let players: Vec<_> = request.players().iter().map(player).collect();
    let new = NewMatchmaking { ticket_id: &ticket.id, configuration: &request.configuration, players: &players };
    let mut waits = Backoff::polling();
    let mut may_be_there = tries == Tries::Again;
    let mut is_to_stop = ticket.is_to_stop;
    let mut lost = None;
    loop {
        if is_to_stop {
            return unwanted(gamelift, &ticket.id, lost, may_be_there, deadline).await;
        }
        let error = match within(deadline, gamelift.start_matchmaking(&new)).await {
            Ok(found) => return Reply::Has(Box::new(found)),
            Err(error) => error,
        };
        let is_passing = error.code().is_passing();
        if is_lost(&error) {
            lost = Some(error.clone());
        }
        may_be_there |= lost.is_some() || error.code() == Code::InvalidRequest;
        if !is_passing || is_lost(&error) {
            match is_there(gamelift, &ticket.id, may_be_there, deadline).await {
                Ok(Some(found)) => return Reply::Has(Box::new(found)),
                Ok(None) if !is_passing => return Reply::Refused(refusal::of_search(error, request)),
                Ok(None) => {}
                Err(unclear) => return Reply::Unclear(unclear),
            }
        }
        let wait = waits.next().unwrap_or_default();
        if deadline.remaining() < wait + TIME_TO_ASK {
            return Reply::Unclear(error);
        }
        sleep(wait).await;
        if let Ok(Some(now)) = within(deadline, store.ticket(&ticket.id)).await {
            is_to_stop = now.is_to_stop;
        }
    }
}

/// What GameLift says to a ticket that is not sent any more, because a player wants it stopped. `lost` is why the call
/// that sent it last has no answer.
async fn unwanted(
    gamelift: &impl DescribeMatchmaking,
    id: &str,
    lost: Option<Error>,
    may_be_there: bool,
    deadline: Deadline,
) -> Reply {
    // It may still arrive. Somebody looks later.
    if let Some(lost) = lost {
        return Reply::Unclear(lost);
    }
    match is_there(gamelift, id, may_be_there, deadline).await {
        Ok(Some(found)) => Reply::Has(Box::new(found)),
        Ok(None) => Reply::NotWanted,
        Err(error) => Reply::Unclear(error),
    }
}

/// Whether GameLift may have done the call although it has not said so. What it throttles it has not done.
pub(crate) fn is_lost(error: &Error) -> bool {
    error.code().is_passing() && error.code() != Code::RateLimited
}

/// The ticket in GameLift, if it can be there at all.
async fn is_there(
    gamelift: &impl DescribeMatchmaking,
    id: &str,
    may_be_there: bool,
    deadline: Deadline,
) -> Result<Option<MatchmakingTicket>, Error> {
    if !may_be_there {
        return Ok(None);
    }
    let ids = [id.to_owned()];
    let found = in_turn(deadline, || gamelift.describe_matchmaking(&ids)).await?;
    Ok(found.into_iter().find(|ticket| ticket.ticket_id() == Some(id)))
}

/// Stops a search that is to be stopped, now that GameLift knows it. What fails here is left to the reconciler.
pub(crate) async fn stop_if_asked<G: StopMatchmaking>(
    gamelift: &G,
    store: &Store,
    ticket: Ticket,
    deadline: Deadline,
) -> Ticket {
    if !ticket.is_to_stop || ticket.news.status.is_end() {
        return ticket;
    }
    if in_turn(deadline, || gamelift.stop_matchmaking(&ticket.id)).await.is_err() {
        return ticket;
    }
    let reason = if ticket.is_given_up { GIVEN_UP } else { BY_REQUEST };
    let told = Told { reason: Some(reason.to_owned()), ..Told::default() };
    tell(store, &ticket, Status::Cancelled, told).await.unwrap_or(ticket)
}

/// Ends a search that GameLift does not take. Returns the error, which whoever looks at the ticket gets too.
async fn refused(store: &Store, ticket: &Ticket, error: Error) -> Error {
    end_as_refused(store, ticket, &error).await;
    error.with_member("TicketId", ticket.id.as_str())
}

/// Ends a ticket that GameLift does not take. A store that cannot write it leaves the ticket to the reconciler.
pub(crate) async fn end_as_refused(store: &Store, ticket: &Ticket, error: &Error) {
    let _ = tell(store, ticket, Status::Failed, refusal::told(error)).await;
}

fn player(player: &SearchPlayer) -> Player {
    let attributes = player.attributes.iter().map(|(name, value)| (name.clone(), value.to_value()));
    let attributes: HashMap<_, _> = attributes.collect();
    let latencies = player.latencies.iter().map(|(location, milliseconds)| (location.clone(), *milliseconds));
    let latencies: HashMap<_, _> = latencies.collect();
    Player::builder()
        .player_id(&player.id)
        .set_player_attributes(Some(attributes).filter(|attributes| !attributes.is_empty()))
        .set_latency_in_ms(Some(latencies).filter(|latencies| !latencies.is_empty()))
        .build()
}
