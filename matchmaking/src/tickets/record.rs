//! Events of GameLift into the store.

use std::time::Duration;

use aws::gamelift::{
    DescribeMatchmaking, DescribePlacement, MOST_TICKETS_OF_A_LOOK, PlaceGameSession, StartMatchmaking, StopMatchmaking,
};
use futures_util::{StreamExt as _, future::try_join_all, stream};
use serde_json::Value;
use shared::{Error, deadline::Deadline};
use store::{
    Store,
    records::{news::Status, ticket::Ticket, tickets::Heard},
};
use uuid::Uuid;

use crate::{
    all_of::all_of,
    events::{
        envelope::{Envelope, events},
        news::TicketNews,
        placement,
        reading::news,
    },
    tickets::{look::look, send::stop_if_asked},
};

/// How many tickets of one event are written at once. A match has 200 at most.
const AT_ONCE: usize = 20;

/// How long a search may take to be stopped that is to be.
const TIME_TO_STOP: Duration = Duration::from_secs(3);

all_of! {
    /// The calls to GameLift of a [`record`], and of the lines that are moved on after it.
    pub RecordCalls:
        StartMatchmaking + DescribeMatchmaking + StopMatchmaking + PlaceGameSession + DescribePlacement
}

/// What the events of one invocation came to.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The tickets whose players have to be told, each as it is now: those with news, and those whose news, or whose end,
    /// were known. Whoever wrote these first may have failed before the players were told, or tell nobody: a route that
    /// stops a search answers its caller alone.
    pub changed: Vec<Ticket>,
    /// Why not all was recorded. What could be is.
    pub failure: Option<Error>,
}

/// Writes what the events tell into the store. The payload is an event of `EventBridge`, or records of SNS.
///
/// Everything may be repeated: the store takes news only if they are newer than what it knows. GameLift is asked about
/// tickets whose queue found no game session, and to stop those that came back from a match and are to stop.
pub async fn record<G: RecordCalls>(gamelift: &G, store: &Store, payload: &Value) -> Recorded {
    let mut recorded = Recorded::default();
    // One after the other: two may be of the same ticket.
    for event in events(payload) {
        let told = event.and_then(|event| told(&event));
        let told = told.inspect_err(|error| tracing::error!(code = error.code().as_str(), "an event cannot be read"));
        match told {
            Ok(told) => recorded.hear(gamelift, store, told).await,
            Err(error) => recorded.fail(error),
        }
    }
    recorded.stop_unwanted(gamelift, store).await;
    recorded
}

/// What an event tells, and whether a queue tells it. The log names an event in another form by its id.
fn told(event: &Envelope) -> Result<(Vec<TicketNews>, bool), Error> {
    let told = news(event).inspect_err(|_| {
        let id = Uuid::parse_str(&event.id).ok().map(tracing::field::display);
        tracing::error!(id, "an event of GameLift has another form than is documented");
    });
    Ok((told?, event.detail_type == placement::DETAIL_TYPE))
}

impl Recorded {
    async fn hear<G: RecordCalls>(
        &mut self,
        gamelift: &G,
        store: &Store,
        (told, is_of_queue): (Vec<TicketNews>, bool),
    ) {
        let (mut changed, mut old, mut unknown) = (0_usize, 0_usize, 0_usize);
        let hear = |told: TicketNews| async move { (store.hear(&told.ticket, &told.news).await, told) };
        let mut hearing = stream::iter(told).map(hear).buffer_unordered(AT_ONCE);
        while let Some((heard, told)) = hearing.next().await {
            match heard {
                Ok(Heard::New(ticket) | Heard::Same(ticket)) => {
                    changed += 1;
                    self.tell(ticket);
                }
                Ok(Heard::Old(ticket)) => {
                    old += 1;
                    if told.news.status.is_end() && ticket.news.status.is_end() {
                        self.tell(ticket);
                    }
                }
                Ok(Heard::Unknown) if is_of_queue && told.news.status == Status::TimedOut => {
                    let looked = look_at_match(gamelift, store, &told.ticket).await;
                    changed += looked.as_ref().map_or(0, Vec::len);
                    self.tell_all(looked);
                }
                // Of another backend in the same account, or of a match's queue.
                Ok(Heard::Unknown) => unknown += 1,
                Err(error) => self.tell_all(Err(error)),
            }
        }
        tracing::info!(changed, old, unknown, "an event is recorded");
    }

    fn tell_all(&mut self, tickets: Result<Vec<Ticket>, Error>) {
        match tickets {
            Ok(tickets) => tickets.into_iter().for_each(|ticket| self.tell(ticket)),
            Err(error) => {
                tracing::error!(code = error.code().as_str(), "an event cannot be recorded: {}", error.detail());
                self.fail(error);
            }
        }
    }

    /// Notes a ticket as changed, once: the later news are the newer ones.
    fn tell(&mut self, ticket: Ticket) {
        self.changed.retain(|other| other.id != ticket.id);
        self.changed.push(ticket);
    }

    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }

    /// Stops the searches that players wanted to stop while they were in a match. What fails is left to the reconciler.
    async fn stop_unwanted<G: StopMatchmaking>(&mut self, gamelift: &G, store: &Store) {
        let deadline = Deadline::after(TIME_TO_STOP);
        for ticket in self.changed.iter_mut().filter(|ticket| ticket.is_to_stop) {
            if matches!(ticket.news.status, Status::Searching | Status::RequiresAcceptance) {
                *ticket = stop_if_asked(gamelift, store, ticket.clone(), deadline).await;
            }
        }
    }
}

/// Looks at the tickets of a match whose queue found no game session in time. They go back to their pool, and no event
/// of FlexMatch says so. Other ends of a match's placement have an event of FlexMatch, which comes too. Returns the
/// tickets with news; a look that fails is left to the reconciler.
async fn look_at_match(
    gamelift: &impl DescribeMatchmaking,
    store: &Store,
    match_id: &str,
) -> Result<Vec<Ticket>, Error> {
    let ids = store.tickets_of(match_id).await?;
    let tickets = try_join_all(ids.into_iter().map(|id| async move { store.ticket(&id).await })).await?;
    let is_in_it = |ticket: &Ticket| {
        let news = &ticket.news;
        !news.status.is_end() && news.told.match_id.as_deref() == Some(match_id)
    };
    let tickets: Vec<_> = tickets.into_iter().flatten().filter(is_in_it).collect();
    let mut changed = Vec::new();
    for tickets in tickets.chunks(MOST_TICKETS_OF_A_LOOK) {
        match look(gamelift, store, tickets).await {
            Ok(now) => {
                changed.extend(tickets.iter().zip(now).filter(|(old, now)| old.news != now.news).map(|(_, now)| now));
            }
            Err(error) => tracing::warn!(code = error.code().as_str(), "no look at a match: {}", error.detail()),
        }
    }
    Ok(changed)
}
