//! The rounds of a run: page after page of quiet tickets, until all had their turn.

use std::{collections::HashSet, sync::atomic::Ordering, time::Duration};

use aws::gamelift::MOST_TICKETS_OF_A_LOOK;
use futures_util::{StreamExt as _, stream};
use shared::{Error, deadline::Deadline};
use store::{
    Store,
    records::{leases::Lease, looks::OpenTicket, news::Status, ticket::Kind},
};
use tokio::join;
use uuid::Uuid;

use crate::{
    config::reconcile::ReconcileConfig,
    tickets::reconcile::run::{QUIET, ReconcileCalls, Reconciled, Run},
};

/// The time of one run, of which there is one a minute.
pub const RUN: Duration = Duration::from_secs(45);

/// How long a run is the only one: until nothing of it is under way any more.
const ALONE: Duration = Duration::from_secs(52);

/// How many tickets are read from the store at once.
const PAGE: usize = 600;

/// How many pages are read at most: more tickets than a run can take up.
const MOST_PAGES: usize = 100;

/// How many calls to GameLift of one kind are under way at once.
const AT_ONCE: usize = 10;

/// Looks at all tickets of which nothing was heard for 30 s, sends those that GameLift does not have yet, stops those
/// that players do not want any more, and ends those that cannot go on. `None`: another run has not ended. Tickets in a
/// line are left to [`look_after_lines`](crate::tickets::look_after_lines()).
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
    run.take_up_all().await?;
    let reconciled = run.end();
    let Reconciled { tickets, failures, is_cut_short, .. } = reconciled;
    let changed = reconciled.changed.len();
    tracing::info!(tickets, changed, failures, is_cut_short, "open tickets were looked after");
    Ok(Some(reconciled))
}

/// Quiet tickets by what is done for them, the quietest first.
#[derive(Debug, Default)]
struct Work {
    known: Vec<String>,
    starting: Vec<String>,
    placements: Vec<String>,
    all: HashSet<String>,
}

impl Work {
    /// Adds a ticket that is not there yet.
    fn add(&mut self, ticket: OpenTicket) {
        if !self.all.insert(ticket.id.clone()) {
            return;
        }
        let same = match (ticket.kind, ticket.status) {
            (Kind::Match, Status::Starting) => &mut self.starting,
            (Kind::Match, _) => &mut self.known,
            (Kind::Placement, _) => &mut self.placements,
        };
        same.push(ticket.id);
    }
}

impl<G: ReconcileCalls> Run<'_, G> {
    /// Takes up all quiet tickets.
    async fn take_up_all(&self) -> Result<(), Error> {
        loop {
            let before = self.tickets.load(Ordering::Relaxed);
            match self.quiet().await {
                Ok(work) => self.take_up(work).await,
                Err(error) if before == 0 => return Err(error),
                // The players of the tickets with news have to be told, and no later run does.
                Err(error) => self.cut_short(&error),
            }
            // The index may be some moments behind, and calls of players look at tickets too.
            let is_all = self.tickets.load(Ordering::Relaxed) == before;
            if is_all || self.is_cut_short.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }

    /// Reads which tickets are quiet. All of them are read before any is taken up: those of a kind whose calls are held
    /// up keep no others from being found.
    async fn quiet(&self) -> Result<Work, Error> {
        let (mut work, mut from) = (Work::default(), Duration::ZERO);
        for _ in 0..MOST_PAGES {
            let page = match self.store.open_tickets_from(from, QUIET, PAGE).await {
                Err(error) if work.all.is_empty() => return Err(error),
                Err(error) => {
                    self.cut_short(&error);
                    return Ok(work);
                }
                Ok(page) => page,
            };
            let (known, is_last) = (work.all.len(), page.len() < PAGE);
            let end = page.last().map_or(from, |ticket| ticket.seen);
            page.into_iter().for_each(|ticket| work.add(ticket));
            if is_last {
                return Ok(work);
            }
            // Others may have been seen at the same moment as the last one. If they are too many, the next round has them.
            from = if work.all.len() == known { end + Duration::from_micros(1) } else { end };
        }
        self.is_cut_short.store(true, Ordering::Relaxed);
        Ok(work)
    }

    fn cut_short(&self, error: &Error) {
        tracing::error!(code = error.code().as_str(), "the run ends early: {}", error.detail());
        self.is_cut_short.store(true, Ordering::Relaxed);
    }

    /// Takes up these tickets, those of each kind at the pace of its calls.
    async fn take_up(&self, work: Work) {
        let known: Vec<_> = work.known.chunks(MOST_TICKETS_OF_A_LOOK).map(<[String]>::to_vec).collect();
        let known = stream::iter(known).map(|ids| self.look(ids));
        let starting = stream::iter(work.starting).map(|id| self.send(id));
        let placements = stream::iter(work.placements).map(|id| self.look_at_placement(id));
        join!(
            known.buffer_unordered(AT_ONCE).collect::<()>(),
            starting.buffer_unordered(AT_ONCE).collect::<()>(),
            placements.buffer_unordered(AT_ONCE).collect::<()>(),
        );
    }
}
