//! GameLift's events to the function `record_event`, as `EventBridge` and Lambda bring them.

use std::{sync::Arc, time::Duration};

use aws::connections::PostToConnection;
use gamelift_emulator::{
    Clock,
    events::{Event, EventBus, Read},
};
use matchmaking::tickets::RecordCalls;
use record_event::RecordEvent;
use shared::Error;
use tokio::{sync::Semaphore, task::JoinSet};

/// The emulator's time before Lambda's second and its third attempt.
const WAITS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// How many events are recorded at once.
const AT_ONCE: usize = 100;

/// Brings the function every later event that AWS has too, as long as it is polled. Each event has a call of its own,
/// so they may come in another order. One that fails is tried again; one that fails to the end is lost, where AWS keeps
/// it in a queue of dead letters.
pub(crate) async fn deliver<G, C>(events: EventBus, clock: Clock, function: RecordEvent<G, C>)
where
    G: RecordCalls + Clone + 'static,
    C: PostToConnection + Clone + 'static,
{
    let mut reader = events.read(None);
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut calls = JoinSet::new();
    loop {
        match reader.next().await {
            Read::Event(event) if event.is_of_aws() => {
                let _ = calls.spawn(record(event, clock.clone(), function.clone(), Arc::clone(&room)));
            }
            Read::Event(_) => {}
            Read::Missed(count) => tracing::warn!(count, "GameLift's events are lost: too many came at once"),
        }
        while calls.try_join_next().is_some() {}
    }
}

/// Brings the function one event, as often as Lambda does until it is recorded. Each try waits for its place in the room.
pub async fn record<G, C>(event: Arc<Event>, clock: Clock, function: RecordEvent<G, C>, room: Arc<Semaphore>)
where
    G: RecordCalls,
    C: PostToConnection,
{
    for wait in WAITS.map(Some).into_iter().chain([None]) {
        let Ok(place) = room.acquire().await else { return };
        let recorded = invoke(&event, &function).await;
        drop(place);
        match (recorded, wait) {
            (Ok(()), _) => return,
            (Err(_), Some(wait)) => clock.sleep(wait).await,
            (Err(error), None) => {
                let (code, event) = (error.code().as_str(), event.id());
                tracing::error!(event, code, "an event of GameLift could not be recorded and is given up");
            }
        }
    }
}

/// The function gets what `EventBridge` would send: the envelope as a text.
async fn invoke<G, C>(event: &Event, function: &RecordEvent<G, C>) -> Result<(), Error>
where
    G: RecordCalls,
    C: PostToConnection,
{
    let text = serde_json::to_string(event).expect("an event is plain data");
    let payload = serde_json::from_str(&text).expect("an event is JSON");
    function.record(&payload).await
}

#[cfg(test)]
mod tests {
    use matchmaking::config::AdmissionConfig;
    use serde_json::json;
    use shared::{clock::Clock as TimeOfDay, deadline::Deadline};
    use store::{
        Store,
        memory::Memory,
        records::{news::Status, starts::NewTicket, ticket::Kind},
    };
    use testing::{
        failing_table::{FailingTable, Failure},
        flexmatch::FlexMatch,
    };
    use tokio::task::yield_now;

    use super::*;

    /// A store with a ticket of this id, and its table.
    async fn store() -> (Store, Arc<FailingTable>) {
        let time = TimeOfDay::system();
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(time.clone()))));
        let store = Store::new(table.clone(), time);
        let (kind, players) = (Kind::Match, ["ana".to_owned()]);
        let new = NewTicket { id: "t", kind, players: &players, request: "", line: None, key: None, holder: "" };
        store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
        (store, table)
    }

    /// Publishes an event of the ticket to a function whose first calls of the table fail. Returns how many calls there
    /// were at first, after a minute, after three, and after ten; and what the store knows in the end.
    async fn calls(failures: usize) -> ([usize; 4], Status) {
        let ((store, table), events, clock) = (store().await, EventBus::default(), Clock::stopped());
        table.fail(move |call| (call < failures).then_some(Failure::Before));
        let mut tasks = JoinSet::new();
        // Without rates nobody looks at lines.
        let function = RecordEvent::new(FlexMatch::default(), store.clone()).with_admission(AdmissionConfig::OFF);
        tasks.spawn(deliver(events.clone(), clock.clone(), function));
        all_wait().await;
        let detail = json!({ "type": "MatchmakingSearching", "tickets": [{ "ticketId": "t" }] });
        events.publish(clock.now(), "GameLift Matchmaking Event", Vec::new(), detail);
        let mut calls = [0; 4];
        for (calls, minutes) in calls.iter_mut().zip([0, 1, 2, 7]) {
            clock.step(Duration::from_mins(minutes));
            all_wait().await;
            *calls = table.calls();
        }
        table.fail(|_| None);
        (calls, store.ticket("t").await.unwrap().unwrap().news.status)
    }

    /// Lets all others run until they wait.
    async fn all_wait() {
        for _ in 0..100 {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn an_event_that_fails_is_tried_three_times_in_all() {
        assert_eq!(calls(0).await, ([1, 1, 1, 1], Status::Searching));
        assert_eq!(calls(1).await, ([1, 2, 2, 2], Status::Searching));
        assert_eq!(calls(2).await, ([1, 2, 3, 3], Status::Searching));
        assert_eq!(calls(3).await, ([1, 2, 3, 3], Status::Starting));
    }
}
