//! The rounds of a run: page after page of quiet tickets, until all had their turn.

use std::{sync::atomic::Ordering, time::Duration};

use aws::gamelift::MOST_TICKETS_OF_A_LOOK;
use futures_util::{StreamExt as _, stream};
use shared::{Error, deadline::Deadline};
use store::{
    Store,
    records::{leases::Lease, news::Status, ticket::Kind, tickets::OpenTicket},
};
use tokio::join;
use uuid::Uuid;

use crate::{
    config::reconcile::ReconcileConfig,
    tickets::{
        admission::Gate,
        line::look_after,
        reconcile::run::{QUIET, ReconcileCalls, Reconciled, Run},
    },
};

/// The time of one run, of which there is one a minute.
pub const RUN: Duration = Duration::from_secs(45);

/// How long a run is the only one: until nothing of it is under way any more.
const ALONE: Duration = Duration::from_secs(52);

/// How many tickets are read from the store at once.
const PAGE: usize = 600;

/// How many calls to GameLift of one kind are under way at once.
const AT_ONCE: usize = 10;

/// Looks at all tickets of which nothing was heard for 30 s, sends those that GameLift does not have yet, stops those
/// that players do not want any more, and ends those that cannot go on. Lets in who waits in the line before GameLift's
/// rate, and takes out who has gone. `None`: another run has not ended.
///
/// A run may end at any point. Whatever it has not come to is as it was, and quiet still.
///
/// # Errors
/// Those of the table, when it cannot tell from the first which tickets are open. A single ticket's failure is logged.
pub async fn reconcile<G: ReconcileCalls>(
    gamelift: &G,
    store: &Store,
    config: ReconcileConfig,
    deadline: Deadline,
) -> Result<Option<Reconciled>, Error> {
    let holder = Uuid::new_v4().to_string();
    if store.lease("reconcile", &holder, ALONE).await? != Lease::Mine {
        return Ok(None);
    }
    let run = Run::new(gamelift, store, config, deadline);
    let gate = Gate::of_searches(&config.admission);
    let (all, ()) = join!(run.take_up_all(), look_after(gamelift, store, &gate, deadline));
    all?;
    let reconciled = run.end();
    let Reconciled { tickets, failures, is_cut_short, .. } = reconciled;
    let changed = reconciled.changed.len();
    tracing::info!(tickets, changed, failures, is_cut_short, "open tickets were looked after");
    Ok(Some(reconciled))
}

impl<G: ReconcileCalls> Run<'_, G> {
    /// Takes up all quiet tickets.
    async fn take_up_all(&self) -> Result<(), Error> {
        loop {
            let before = self.tickets.load(Ordering::Relaxed);
            let open = match self.store.open_tickets(QUIET, PAGE).await {
                Ok(open) => open,
                Err(error) if before == 0 => return Err(error),
                // The players of the tickets with news have to be told, and no later run does.
                Err(error) => {
                    tracing::error!(code = error.code().as_str(), "the run ends early: {}", error.detail());
                    self.is_cut_short.store(true, Ordering::Relaxed);
                    return Ok(());
                }
            };
            self.take_up(&open).await;
            // The index may be some moments behind, and calls of players look at tickets too.
            let is_all = self.tickets.load(Ordering::Relaxed) == before;
            if is_all || self.is_cut_short.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }

    /// Takes up these tickets, those of each kind at the pace of its calls.
    async fn take_up(&self, open: &[OpenTicket]) {
        let of = |wanted: fn(&OpenTicket) -> bool| {
            open.iter().filter(|ticket| wanted(ticket)).map(|ticket| ticket.id.clone()).collect::<Vec<_>>()
        };
        let known = of(|ticket| ticket.kind == Kind::Match && ticket.status != Status::Starting);
        let starting = of(|ticket| ticket.kind == Kind::Match && ticket.status == Status::Starting);
        let placements = of(|ticket| ticket.kind == Kind::Placement);
        let sessions = of(|ticket| ticket.kind == Kind::Session);
        let known: Vec<_> = known.chunks(MOST_TICKETS_OF_A_LOOK).map(<[String]>::to_vec).collect();
        let known = stream::iter(known).map(|ids| self.look(ids));
        let starting = stream::iter(starting).map(|id| self.send(id));
        let placements = stream::iter(placements).map(|id| self.look_at_placement(id));
        let sessions = stream::iter(sessions).map(|id| self.end_session(id));
        join!(
            known.buffer_unordered(AT_ONCE).collect::<()>(),
            starting.buffer_unordered(AT_ONCE).collect::<()>(),
            placements.buffer_unordered(AT_ONCE).collect::<()>(),
            sessions.buffer_unordered(AT_ONCE).collect::<()>(),
        );
    }
}
