//! Looks after open tickets of which nothing was heard for a while: events get lost, and calls end before their time.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws::gamelift::{
    DescribeMatchmaking, DescribePlacement, MOST_TICKETS_OF_A_LOOK, StartMatchmaking, StopMatchmaking,
};
use futures_util::{StreamExt as _, future::join_all, stream};
use shared::{Code, Error, deadline::Deadline};
use store::{
    Store,
    records::{
        leases::Lease,
        news::{Status, Told},
        ticket::{Kind, Ticket},
        tickets::OpenTicket,
    },
};
use tokio::join;
use uuid::Uuid;

use crate::{
    all_of::all_of,
    config::reconcile::ReconcileConfig,
    tickets::{
        admission::Gate,
        line::look_after,
        look::{look, tell},
        pace::Pace,
        placement::look_at_placement,
        send::{Sent, Tries, send, stop_if_asked},
    },
};

/// The time of one run, of which there is one a minute.
pub const RUN: Duration = Duration::from_secs(45);

/// How long a run is the only one: until nothing of it is under way any more.
const ALONE: Duration = Duration::from_secs(52);

/// How long nothing was heard of a ticket, nor asked about it.
const QUIET: Duration = Duration::from_secs(30);

/// How many tickets are read from the store at once.
const PAGE: usize = 600;

/// How many calls to GameLift of one kind are under way at once.
const AT_ONCE: usize = 10;

/// The time for one ticket to be sent.
const TIME_TO_SEND: Duration = Duration::from_secs(3);

/// How long nothing is asked after GameLift was asked too often.
const THROTTLED: Duration = Duration::from_secs(1);

/// How long a ticket is sent again. A player who has waited that long without a sign has gone.
const LONGEST_START: Duration = Duration::from_mins(10);

/// How long GameLift may not know a placement that has begun: longer than a call lives that may be sending it.
const LONGEST_BEGIN: Duration = Duration::from_mins(1);

/// How long a ticket may be open. No matchmaking configuration lets a search take longer than 12 hours, and no queue.
const LONGEST_LIFE: Duration = Duration::from_hours(13);

/// How long a call may take that makes a game session on a fleet: GameLift lets a game server activate for 5 minutes.
const LONGEST_SESSION: Duration = Duration::from_mins(10);

/// Why a ticket ends that could not be started.
const NOT_STARTED: &str = "It could not be started in time.";

/// Why a placement ends that GameLift does not have.
const FORGOTTEN: &str = "GameLift does not know the placement.";

/// Why a ticket ends about which GameLift could not be asked.
const OUTLIVED: &str = "It is older than any search can be.";

/// GameLift's documented rates a second: of `DescribeMatchmaking`, `StartMatchmaking`, `StopMatchmaking` and
/// `DescribeGameSessionPlacement`.
const LOOKS: u32 = 200;
const STARTS: u32 = 100;
const STOPS: u32 = 100;
const PLACEMENTS: u32 = 75;

all_of! {
    /// The calls to GameLift of a [`reconcile`].
    pub ReconcileCalls: StartMatchmaking + DescribeMatchmaking + StopMatchmaking + DescribePlacement
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

/// A run.
struct Run<'a, G> {
    gamelift: &'a G,
    store: &'a Store,
    deadline: Deadline,
    looks: Pace,
    starts: Pace,
    stops: Pace,
    placements: Pace,
    changed: Mutex<Vec<Ticket>>,
    tickets: AtomicUsize,
    failures: AtomicUsize,
    is_cut_short: AtomicBool,
}

impl<'a, G: ReconcileCalls> Run<'a, G> {
    fn new(gamelift: &'a G, store: &'a Store, config: ReconcileConfig, deadline: Deadline) -> Self {
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

    fn end(self) -> Reconciled {
        Reconciled {
            changed: self.changed.into_inner().unwrap_or_else(PoisonError::into_inner),
            tickets: self.tickets.into_inner(),
            failures: self.failures.into_inner(),
            is_cut_short: self.is_cut_short.into_inner(),
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

    /// Looks at up to ten matchmaking tickets.
    async fn look(&self, ids: Vec<String>) {
        if !self.turn(&self.looks).await {
            return;
        }
        let taken_up = join_all(ids.into_iter().map(|id| self.taken_up(id))).await;
        let tickets: Vec<_> = taken_up.into_iter().flatten().collect();
        let Some(now) = self.hear(&self.looks, look(self.gamelift, self.store, &tickets).await, tickets.len()) else {
            for ticket in &tickets {
                self.end_if_outlived(ticket).await;
            }
            return;
        };
        for (before, now) in tickets.iter().zip(now) {
            let now = self.stop_if_asked(now).await;
            self.note(before, now);
        }
    }

    /// Stops a search that a player wants stopped, if that did not come to GameLift. Once the match is PLACING, nobody
    /// can.
    async fn stop_if_asked(&self, ticket: Ticket) -> Ticket {
        let can_stop = matches!(ticket.news.status, Status::Searching | Status::RequiresAcceptance);
        if !ticket.is_to_stop || !can_stop || !self.turn(&self.stops).await {
            return ticket;
        }
        stop_if_asked(self.gamelift, self.store, ticket, self.deadline).await
    }

    /// Sends a matchmaking ticket again of whose start nobody has told.
    async fn send(&self, id: String) {
        if !self.turn(&self.starts).await {
            return;
        }
        let Some(ticket) = self.taken_up(id).await else { return };
        if self.store.age_of(&ticket) > LONGEST_START {
            return self.give_up(&ticket).await;
        }
        let deadline = Deadline::after(TIME_TO_SEND).or_before(Some(self.deadline));
        match send(self.gamelift, self.store, &ticket, Tries::Again, deadline).await {
            Ok(Sent::Known(now)) => self.note(&ticket, now),
            Ok(Sent::Later(_, error)) => self.failed(&self.starts, &error, 1),
            Err(error) => {
                self.failed(&self.starts, &error, 1);
                // GameLift may have refused it, and the ticket have ended by that.
                if let Ok(Some(now)) = self.store.ticket(&ticket.id).await {
                    self.note(&ticket, now);
                }
            }
        }
    }

    /// Ends a ticket that could not be sent for too long. Whoever may be sending it reads that it is to be stopped.
    async fn give_up(&self, ticket: &Ticket) {
        let looked = async {
            let Some(ticket) = self.store.ask_stop(&ticket.id).await? else { return Ok(None) };
            let now = look(self.gamelift, self.store, &[ticket]).await?.pop();
            match now {
                Some(now) if now.news.status == Status::Starting => self.ended(&now, NOT_STARTED).await.map(Some),
                Some(now) => Ok(Some(self.stop_if_asked(now).await)),
                None => Ok(None),
            }
        };
        if let Some(Some(now)) = self.hear(&self.looks, looked.await, 1) {
            self.note(ticket, now);
        }
    }

    async fn look_at_placement(&self, id: String) {
        if !self.turn(&self.placements).await {
            return;
        }
        let Some(ticket) = self.taken_up(id).await else { return };
        let seen = look_at_placement(self.gamelift, self.store, &ticket).await;
        match self.hear(&self.placements, seen, 1) {
            Some(Some(now)) => self.note(&ticket, now),
            Some(None) if self.store.age_of(&ticket) > LONGEST_BEGIN => self.end_as(&ticket, FORGOTTEN).await,
            // A call may be sending it.
            Some(None) => {}
            None => self.end_if_outlived(&ticket).await,
        }
    }

    /// Ends the ticket of a game session that was made on a fleet, if the call that made it has not come to its end.
    /// GameLift has no such ticket. The game session itself, if there is one, is for those who come back for it.
    async fn end_session(&self, id: String) {
        let Some(ticket) = self.taken_up(id).await else { return };
        if self.store.age_of(&ticket) > LONGEST_SESSION {
            self.end_as(&ticket, NOT_STARTED).await;
        }
    }

    /// The ticket, if the caller is the one to ask about it now.
    async fn taken_up(&self, id: String) -> Option<Ticket> {
        let taken_up = async {
            if !self.store.may_look(&id, QUIET).await? {
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
    async fn end_if_outlived(&self, ticket: &Ticket) {
        if self.store.age_of(ticket) > LONGEST_LIFE {
            self.end_as(ticket, OUTLIVED).await;
        }
    }

    async fn end_as(&self, ticket: &Ticket, reason: &str) {
        match self.ended(ticket, reason).await {
            Ok(now) => self.note(ticket, now),
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!(code = error.code().as_str(), "a ticket could not be ended: {}", error.detail());
            }
        }
    }

    async fn ended(&self, ticket: &Ticket, reason: &str) -> Result<Ticket, Error> {
        let told = Told { reason: Some(reason.to_owned()), ..Told::default() };
        tell(self.store, ticket, Status::Failed, told).await
    }

    /// Waits for a turn. False once the time is up.
    async fn turn(&self, pace: &Pace) -> bool {
        let has_turn = pace.turn(self.deadline).await;
        self.is_cut_short.fetch_or(!has_turn, Ordering::Relaxed);
        has_turn
    }

    /// Notes news for the players.
    fn note(&self, before: &Ticket, now: Ticket) {
        if now.news != before.news {
            self.changed.lock().unwrap_or_else(PoisonError::into_inner).push(now);
        }
    }

    /// What a call came to, for so many tickets; its failure is logged.
    fn hear<T>(&self, pace: &Pace, came_to: Result<T, Error>, tickets: usize) -> Option<T> {
        came_to.inspect_err(|error| self.failed(pace, error, tickets)).ok()
    }

    fn failed(&self, pace: &Pace, error: &Error, tickets: usize) {
        self.failures.fetch_add(tickets, Ordering::Relaxed);
        if error.code() == Code::RateLimited {
            pace.hold(THROTTLED);
        }
        tracing::warn!(code = error.code().as_str(), tickets, "GameLift could not be asked: {}", error.detail());
    }
}
