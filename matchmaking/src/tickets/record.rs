//! Events of GameLift into the store.

use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use shared::Error;
use store::{
    Store,
    records::{ticket::Ticket, tickets::Heard},
};
use uuid::Uuid;

use crate::events::{
    envelope::{Envelope, events},
    news::TicketNews,
    reading::news,
};

/// How many tickets of one event are written at once. A match has 200 at most.
const AT_ONCE: usize = 20;

/// What the events of one invocation came to.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The tickets whose players have to be told, each as it is now: those with news, and those whose news were known.
    /// Whoever wrote these first may have failed before the players were told.
    pub changed: Vec<Ticket>,
    /// Why not all was recorded. What could be is.
    pub failure: Option<Error>,
}

/// Writes what the events tell into the store. The payload is an event of `EventBridge`, or records of SNS.
///
/// Everything may be repeated: the store takes news only if they are newer than what it knows.
pub async fn record(store: &Store, payload: &Value) -> Recorded {
    let mut recorded = Recorded::default();
    // One after the other: two may be of the same ticket.
    for event in events(payload) {
        let told = event.and_then(|event| told(&event));
        let told = told.inspect_err(|error| tracing::error!(code = error.code().as_str(), "an event cannot be read"));
        match told {
            Ok(told) => recorded.hear(store, told).await,
            Err(error) => recorded.fail(error),
        }
    }
    recorded
}

/// What an event tells. The log names an event in another form by its id.
fn told(event: &Envelope) -> Result<Vec<TicketNews>, Error> {
    news(event).inspect_err(|_| {
        let id = Uuid::parse_str(&event.id).ok().map(tracing::field::display);
        tracing::error!(id, "an event of GameLift has another form than is documented");
    })
}

impl Recorded {
    async fn hear(&mut self, store: &Store, told: Vec<TicketNews>) {
        let (mut changed, mut old, mut unknown) = (0_usize, 0_usize, 0_usize);
        let hear = |told: TicketNews| async move { store.hear(&told.ticket, &told.news).await };
        let mut hearing = stream::iter(told).map(hear).buffer_unordered(AT_ONCE);
        while let Some(heard) = hearing.next().await {
            match heard {
                Ok(Heard::New(ticket) | Heard::Same(ticket)) => {
                    changed += 1;
                    self.tell(ticket);
                }
                Ok(Heard::Old(_)) => old += 1,
                // Of another backend in the same account, or of a match's queue.
                Ok(Heard::Unknown) => unknown += 1,
                Err(error) => {
                    tracing::error!(code = error.code().as_str(), "{}", error.detail());
                    self.fail(error);
                }
            }
        }
        tracing::info!(changed, old, unknown, "an event is recorded");
    }

    /// Notes a ticket as changed, once: the later news are the newer ones.
    fn tell(&mut self, ticket: Ticket) {
        self.changed.retain(|other| other.id != ticket.id);
        self.changed.push(ticket);
    }

    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }
}
