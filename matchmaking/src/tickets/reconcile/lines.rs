//! The lines before GameLift's rates: all who wait are let in, and those who have gone are taken out.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt as _, future::ready, stream};
use shared::{
    Error,
    deadline::{Deadline, within},
};
use store::Store;
use tokio::{
    join,
    time::{Instant, sleep_until},
};

use crate::{
    config::admission::AdmissionConfig,
    tickets::{
        admission::Gate,
        line::{Placements, Searches, Sends, let_in},
        reconcile::run::ReconcileCalls,
        sockets::has_socket,
    },
};

/// How often a line is moved on.
const STEP: Duration = Duration::from_millis(110);

/// How long after a failure a line is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long nobody asks for a ticket in a line before it is taken out. Whoever waits asks each ten seconds, and a client
/// that was answered 202 comes back sooner.
const GONE: Duration = Duration::from_secs(60);

/// How old the last sign of a player with a socket has to be for another one to be noted.
const LISTENED: Duration = Duration::from_secs(10);

/// How long those who have gone are taken out before anybody is let in: nobody is to be matched with them.
const HEAD_START: Duration = Duration::from_secs(5);

/// How many tickets are read at once.
const PAGE: usize = 100;

/// How many tickets are looked after at once.
const AT_ONCE: usize = 10;

/// Why a ticket ends whose players have gone.
const LEFT: &str = "Nobody asked for it for a minute while it waited for its turn.";

/// Looks after both lines until nobody waits in them or the time is up: takes out who has gone, and lets in who waits.
/// Failures are logged, and each line goes on without the other.
pub async fn look_after_lines<G: ReconcileCalls>(
    gamelift: &G,
    store: &Store,
    config: &AdmissionConfig,
    until: Deadline,
) {
    let (searches, placements) = (Gate::of_searches(config), Gate::of_placements(config));
    let sends = (Searches(gamelift), Placements(gamelift));
    let first = withdraw_left(store, until.or_before(Some(Deadline::after(HEAD_START)))).await;
    let (gone, searches, placements) = join!(
        withdraw_left(store, until),
        let_all_in(&sends.0, store, &searches, until),
        let_all_in(&sends.1, store, &placements, until),
    );
    let gone = first + gone;
    if gone + searches + placements > 0 {
        tracing::info!(gone, searches, placements, "the lines were looked after");
    }
}

/// Lets in all who wait, at the rate of the gate, for as long as there is time. Returns how many. It may be the only one who
/// moves the line on, where clients do not wait for their answers.
pub async fn let_all_in(sends: &impl Sends, store: &Store, gate: &Gate, until: Deadline) -> usize {
    let mut all = 0;
    while !until.remaining().is_zero() {
        let begun = Instant::now();
        let step = async {
            let has_line = within(until, gate.has_line(store)).await?;
            Ok(if has_line { Some(let_in(sends, store, gate).await?) } else { None })
        };
        match step.await {
            Ok(None) => break,
            Ok(Some(admitted)) => {
                all += admitted;
                sleep_until(begun + STEP).await;
            }
            Err(error) => {
                failed(&error);
                sleep_until(begun + AFTER_FAILURE).await;
            }
        }
    }
    all
}

/// Takes out of the lines who has gone, for as long as there is time: tickets that nobody has asked for in a minute, and
/// none of whose players has a socket. Returns how many; their players may search again.
pub async fn withdraw_left(store: &Store, until: Deadline) -> usize {
    let (mut gone, mut from, mut known) = (0, Duration::ZERO, HashSet::new());
    while !until.remaining().is_zero() {
        let page = match within(until, store.waiting_tickets_from(from, GONE, PAGE)).await {
            Ok(page) => page,
            Err(error) => {
                failed(&error);
                break;
            }
        };
        let (is_last, end) = (page.len() < PAGE, page.last().map_or(from, |ticket| ticket.seen));
        let new: Vec<_> = page.into_iter().map(|ticket| ticket.id).filter(|id| known.insert(id.clone())).collect();
        // Others may have been seen at the same moment as the last one.
        from = if new.is_empty() { end + Duration::from_micros(1) } else { end };
        let withdrawn = stream::iter(new).map(|id| is_withdrawn(store, id, until)).buffer_unordered(AT_ONCE);
        gone += withdrawn.filter(|is_withdrawn| ready(*is_withdrawn)).count().await;
        if is_last {
            break;
        }
    }
    gone
}

/// Takes a ticket out of its line if its players have gone. Returns whether it did.
async fn is_withdrawn(store: &Store, id: String, until: Deadline) -> bool {
    if until.remaining().is_zero() {
        return false;
    }
    let withdrawn = async {
        let Some(ticket) = store.ticket(&id).await? else { return Ok(false) };
        // Its players need not ask.
        if has_socket(store, &ticket).await? {
            store.may_look(&id, LISTENED).await?;
            return Ok(false);
        }
        // The index does not show yet who has asked just now.
        store.withdraw_quiet(&id, LEFT, GONE).await
    };
    within(until, withdrawn).await.inspect_err(failed).unwrap_or(false)
}

fn failed(error: &Error) {
    tracing::error!(code = error.code().as_str(), "a line cannot be looked after: {}", error.detail());
}
