//! A run: what its rounds share. Each kind of ticket has its calls to GameLift, and these their pace.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws::gamelift::{DescribeMatchmaking, DescribePlacement, PlaceGameSession, StartMatchmaking, StopMatchmaking};
use shared::{Code, Error, deadline::Deadline};
use store::{
    Store,
    records::{
        news::{Status, Told},
        ticket::Ticket,
    },
};

use crate::{
    all_of::all_of,
    config::reconcile::ReconcileConfig,
    tickets::{look::tell, reconcile::pace::Pace},
};

/// How long nothing was heard of a ticket, nor asked about it.
pub(crate) const QUIET: Duration = Duration::from_secs(30);

/// The time for one ticket to be sent, or a placement to be stopped.
pub(crate) const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// How long a ticket is sent again. A player who has waited that long without a sign has gone.
pub(crate) const LONGEST_START: Duration = Duration::from_mins(10);

/// How long nothing is asked after GameLift was asked too often.
const THROTTLED: Duration = Duration::from_secs(1);

/// How long a ticket may be open. No matchmaking configuration lets a search take longer than 12 hours, and no queue.
const LONGEST_LIFE: Duration = Duration::from_hours(13);

/// Why a ticket ends about which GameLift could not be asked.
const OUTLIVED: &str = "It is older than any search can be.";

/// Why a ticket ends that could not be started.
pub(crate) const NOT_STARTED: &str = "It could not be started in time.";

/// GameLift's documented rates a second: of `DescribeMatchmaking`, `StartMatchmaking`, `StopMatchmaking` and
/// `DescribeGameSessionPlacement`, which `StartGameSessionPlacement` has too.
const LOOKS: u32 = 200;
const STARTS: u32 = 100;
const STOPS: u32 = 100;
const PLACEMENTS: u32 = 75;

all_of! {
    /// The calls to GameLift of a [`reconcile`](crate::tickets::reconcile()).
    pub ReconcileCalls:
        StartMatchmaking + DescribeMatchmaking + StopMatchmaking + DescribePlacement + PlaceGameSession
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Reconciled {
    /// The tickets of which it found news, as they are now. Their players have to be told.
    pub changed: Vec<Ticket>,
    /// How many tickets it took up.
    pub tickets: usize,
    /// How many of them it could not look at, or send.
    pub failures: usize,
    /// Whether the time was up, or the table failed, before all quiet tickets had their turn. The next run goes on.
    pub is_cut_short: bool,
}

/// A run.
pub(crate) struct Run<'a, G> {
    pub(crate) gamelift: &'a G,
    pub(crate) store: &'a Store,
    pub(crate) deadline: Deadline,
    pub(crate) looks: Pace,
    pub(crate) starts: Pace,
    pub(crate) stops: Pace,
    pub(crate) placements: Pace,
    changed: Mutex<Vec<Ticket>>,
    pub(crate) tickets: AtomicUsize,
    failures: AtomicUsize,
    pub(crate) is_cut_short: AtomicBool,
}

impl<'a, G: ReconcileCalls> Run<'a, G> {
    pub(crate) fn new(gamelift: &'a G, store: &'a Store, config: ReconcileConfig, deadline: Deadline) -> Self {
        // A percent of a call a second is 60 of them in 100 minutes.
        let pace = |rate: u32| Pace::per_minute(rate * config.percent * 60 / 100);
        Self {
            gamelift,
            store,
            deadline,
            looks: pace(LOOKS),
            starts: pace(STARTS),
            stops: pace(STOPS),
            placements: pace(PLACEMENTS),
            changed: Mutex::default(),
            tickets: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
            is_cut_short: AtomicBool::new(false),
        }
    }

    pub(crate) fn end(self) -> Reconciled {
        Reconciled {
            changed: self.changed.into_inner().unwrap_or_else(PoisonError::into_inner),
            tickets: self.tickets.into_inner(),
            failures: self.failures.into_inner(),
            is_cut_short: self.is_cut_short.into_inner(),
        }
    }

    /// The ticket, if the caller is the one to ask about it now.
    pub(crate) async fn taken_up(&self, id: String) -> Option<Ticket> {
        let taken_up = async {
            if !self.store.may_take_up(&id, QUIET).await? {
                return Ok(None);
            }
            self.tickets.fetch_add(1, Ordering::Relaxed);
            self.store.ticket(&id).await
        };
        let ticket = taken_up.await.inspect_err(|error| {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::error!(code = error.code().as_str(), "a ticket could not be taken up: {}", error.detail());
        });
        ticket.ok().flatten().filter(|ticket| !ticket.news.status.is_end())
    }

    /// Ends a ticket that GameLift cannot have any more, when it cannot be asked.
    pub(crate) async fn end_if_outlived(&self, ticket: &Ticket) {
        if self.store.age_of(ticket) > LONGEST_LIFE {
            self.end_as(ticket, OUTLIVED).await;
        }
    }

    pub(crate) async fn end_as(&self, ticket: &Ticket, reason: &str) {
        match self.ended(ticket, reason).await {
            Ok(now) => self.note(ticket, now),
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!(code = error.code().as_str(), "a ticket could not be ended: {}", error.detail());
            }
        }
    }

    pub(crate) async fn ended(&self, ticket: &Ticket, reason: &str) -> Result<Ticket, Error> {
        let told = Told { reason: Some(reason.to_owned()), ..Told::default() };
        tell(self.store, ticket, Status::Failed, told).await
    }

    /// Waits for a turn. False once the time is up.
    pub(crate) async fn turn(&self, pace: &Pace) -> bool {
        let has_turn = pace.turn(self.deadline).await;
        self.is_cut_short.fetch_or(!has_turn, Ordering::Relaxed);
        has_turn
    }

    /// Notes news for the players.
    pub(crate) fn note(&self, before: &Ticket, now: Ticket) {
        if now.news != before.news {
            self.changed.lock().unwrap_or_else(PoisonError::into_inner).push(now);
        }
    }

    /// What a call came to, for so many tickets; its failure is logged.
    pub(crate) fn hear<T>(&self, pace: &Pace, came_to: Result<T, Error>, tickets: usize) -> Option<T> {
        came_to.inspect_err(|error| self.failed(pace, error, tickets)).ok()
    }

    pub(crate) fn failed(&self, pace: &Pace, error: &Error, tickets: usize) {
        self.failures.fetch_add(tickets, Ordering::Relaxed);
        if error.code() == Code::RateLimited {
            pace.hold(THROTTLED);
        }
        tracing::warn!(code = error.code().as_str(), tickets, "GameLift could not be asked: {}", error.detail());
    }
}
