//! Looks of calls that wait, each at several searches.
//!
//! GameLift describes ten tickets by one call, and takes 200 calls a second of an account. So whoever's turn it is to look
//! takes other quiet tickets along, and their calls need not look. All these looks together have a rate. Whoever comes
//! beyond it goes on waiting: for an event, for a look that takes its ticket along, or for its next turn.
//!
//! *A ticket is looked at once in [`QUIET`]*, whoever looks: each is claimed in the store before.
//!
//! *News of another one are told only if somebody hears them.* Who waits by calls reads the store. But a player with a
//! socket is told by whoever hears the news first, and a call that waits pushes nothing. So a ticket of such a player, of
//! which there are news, is left as quiet as it was: its own call, if it has one, looks at once, and otherwise `reconcile`
//! does. So is one that GameLift does not show, and so are all others of a look that fails.

use std::time::Duration;

use aws::gamelift::{DescribeMatchmaking, MOST_TICKETS_OF_A_LOOK};
use aws_sdk_gamelift::types::MatchmakingTicket;
use futures_util::future::join_all;
use shared::{
    Error,
    deadline::{Deadline, within},
    hash::hex_sha256,
    rate::Rate,
};
use store::{
    Store,
    records::{limits::Pass, ticket::Ticket},
};
use tokio::{join, time::timeout};

use crate::{
    config::looks::LookConfig,
    tickets::{
        look::{QUIET, failed, is_quiet, may_be_known, saw, status_of},
        sockets::has_socket,
    },
};

/// How long others are looked for. The call's own ticket has waited long enough.
const TIME_TO_FIND: Duration = Duration::from_millis(500);

/// A call with less time takes nobody along.
const TIME_TO_TELL: Duration = Duration::from_secs(2);

/// The buckets of the rate, each an item in the store. Many who wait in vain read them, and DynamoDB serves one item some
/// thousand times a second.
const BUCKETS: u8 = 4;

/// How many seconds' worth of looks may come at once: one divided by this.
const BURSTS_A_SECOND: u32 = 5;

/// Looks at a ticket that was read before, if it is quiet and it is its turn, and takes others along. Returns the ticket
/// as it is known then; `None` if there was no look, or it failed.
pub(crate) async fn look_in_turn(
    gamelift: &impl DescribeMatchmaking,
    store: &Store,
    config: LookConfig,
    ticket: &Ticket,
    deadline: Deadline,
) -> Option<Ticket> {
    if !is_quiet(store, ticket) {
        return None;
    }
    let may_look = async {
        if !may_be_known(ticket) {
            // Nobody looks, but it is noted that somebody waits for it.
            store.may_look(&ticket.id, QUIET).await?;
            return Ok(false);
        }
        Ok(passes(store, config, ticket).await? && store.may_look(&ticket.id, QUIET).await?)
    };
    if !within(deadline, may_look).await.unwrap_or(false) {
        return None;
    }
    let others = others(store, deadline).await;
    let ids: Vec<_> = [ticket].into_iter().chain(&others).map(|ticket| ticket.id.clone()).collect();
    let seen = match within(deadline, gamelift.describe_matchmaking(&ids)).await {
        Ok(seen) => seen,
        Err(error) => {
            failed(&error);
            put_back(store, &others).await;
            return None;
        }
    };
    let found = |ticket: &Ticket| seen.iter().find(|seen| seen.ticket_id() == Some(&ticket.id));
    let told = join_all(others.iter().map(|other| tell_other(store, other, found(other))));
    within(deadline, async { join!(saw(store, ticket, found(ticket)), told).0 }).await.ok()
}

/// Lets others look at the tickets of a look that has failed. Where the store fails too, they wait for ten seconds more.
async fn put_back(store: &Store, others: &[Ticket]) {
    let back = join_all(others.iter().map(|other| store.put_back(other)));
    let _ = timeout(TIME_TO_FIND, back).await;
}

/// Whether there is a look for the ticket by the rate.
async fn passes(store: &Store, config: LookConfig, ticket: &Ticket) -> Result<bool, Error> {
    let bucket = hex_sha256(&[ticket.id.as_bytes()]).bytes().next().unwrap_or_default() % BUCKETS;
    Ok(store.pass("looks", &format!("account {bucket}"), rate(config.per_second)).await? == Pass::Now)
}

/// The rate of one bucket.
fn rate(per_second: u32) -> Rate {
    match per_second {
        0 => Rate::OFF,
        _ => {
            let buckets = u32::from(BUCKETS);
            Rate::per_minute(60 * per_second / buckets, (per_second / BURSTS_A_SECOND / buckets).max(1))
        }
    }
}

/// Other quiet tickets, claimed for one look. None while the store fails.
async fn others(store: &Store, deadline: Deadline) -> Vec<Ticket> {
    if deadline.remaining() < TIME_TO_TELL {
        return Vec::new();
    }
    let until = Deadline::after(TIME_TO_FIND);
    let quiet = within(until, store.some_quiet_searches(QUIET, MOST_TICKETS_OF_A_LOOK - 1)).await.unwrap_or_default();
    // A claim that comes too late costs no other one.
    let claims = quiet.iter().map(|ticket| within(until, store.may_look_too(&ticket.id, QUIET)));
    join_all(claims).await.into_iter().filter_map(|claimed| claimed.ok().flatten()).collect()
}

/// Tells the store what was seen of a ticket that was taken along.
async fn tell_other(store: &Store, ticket: &Ticket, found: Option<&MatchmakingTicket>) {
    let status = found.and_then(MatchmakingTicket::status).and_then(status_of);
    let is_same = status == Some(ticket.news.status);
    let told = if is_same || (status.is_some() && !has_socket(store, ticket).await.unwrap_or(true)) {
        saw(store, ticket, found).await.map(drop)
    } else {
        store.leave(ticket).await
    };
    if let Err(error) = told {
        tracing::warn!(code = error.code().as_str(), "the store does not take news of a ticket");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_buckets_together_have_the_rate() {
        let (all, Rate { per_minute, burst }) = (u32::from(BUCKETS), rate(100));
        assert_eq!((all * per_minute, all * burst), (60 * 100, 20));
        assert_eq!(rate(0), Rate::OFF);
        assert_eq!(rate(1), Rate::per_minute(15, 1));
    }
}
