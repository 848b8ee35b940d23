//! The bus: from a publisher, past the faults, into the buffer, and to the readers.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::{
    clock::Clock,
    events::{event::Event, passage::Passage},
    faults::set::Faults,
};

/// Number of events that are kept.
const KEPT: usize = 1024;

/// The bus of all events. Clones are the same bus.
#[derive(Clone, Debug)]
pub struct EventBus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    account: String,
    region: String,
    faults: Faults,
    lines: Mutex<Lines>,
    /// The number of the newest event; readers wait for a change.
    newest: watch::Sender<u64>,
    /// Wakes [`EventBus::due`]: an event may be due earlier than it knew.
    held: Notify,
}

#[derive(Debug, Default)]
struct Lines {
    /// The events on their way.
    passage: Passage,
    /// The newest events that have arrived.
    recent: VecDeque<Arc<Event>>,
    newest: u64,
}

/// A bus without account, Region and faults, for unit tests.
impl Default for EventBus {
    fn default() -> Self {
        Self::new("", "", Faults::default())
    }
}

impl EventBus {
    /// Returns the bus of this account in this Region, with these faults.
    pub fn new(account: &str, region: &str, faults: Faults) -> Self {
        Self(Arc::new(Inner {
            account: account.into(),
            region: region.into(),
            faults,
            lines: Mutex::default(),
            newest: watch::Sender::new(0),
            held: Notify::new(),
        }))
    }

    /// Publishes an event that happened at `time`. What was due before arrives before it.
    pub fn publish(&self, time: Timestamp, detail_type: &'static str, resources: Vec<String>, detail: Value) {
        let event = Event::new((&self.0.account, &self.0.region), time, detail_type, resources, detail);
        // Under the lock: the order of the draws is that of the events.
        let mut lines = self.lines();
        let drawn = self.0.faults.draw_for_event(event.detail_type(), event.kind());
        let arrived = lines.passage.send(time, event, drawn);
        self.arrived(&mut lines, arrived);
        drop(lines);
        self.0.held.notify_one();
    }

    /// Lets all events arrive that are due by `now`. The services have to be settled up to then: what happened before
    /// an event was due is published before it arrives.
    pub fn settle(&self, now: Timestamp) {
        let mut lines = self.lines();
        let arrived = lines.passage.settle(now);
        self.arrived(&mut lines, arrived);
    }

    /// Waits until an event on its way is due.
    pub async fn due(&self, clock: &Clock) {
        loop {
            let next = self.lines().passage.next_due();
            let due = async {
                match next {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => return,
                () = self.0.held.notified() => {}
            }
        }
    }

    /// Forgets the events that are on their way.
    pub fn reset(&self) {
        self.lines().passage = Passage::default();
    }

    /// Returns a reader of the events after the number `after`; without it, of all later events.
    pub fn read(&self, after: Option<u64>) -> Reader {
        let newest = self.0.newest.subscribe();
        let last = self.newest();
        // A number that this bus never had is from an earlier run of the emulator: start over.
        let next = after.map_or(last, |after| if after > last { 0 } else { after }) + 1;
        Reader { bus: self.clone(), next, newest }
    }

    /// Returns the number of the newest event that has arrived.
    pub fn newest(&self) -> u64 {
        self.lines().newest
    }

    /// Returns the event of this number, or how many are no longer kept from there on; `None` if it has not arrived.
    fn kept(&self, number: u64) -> Option<Read> {
        let lines = self.lines();
        let oldest = lines.recent.front()?.number;
        if number < oldest {
            return Some(Read::Missed(oldest - number));
        }
        let index = usize::try_from(number - oldest).ok()?;
        lines.recent.get(index).map(|event| Read::Event(Arc::clone(event)))
    }

    /// Numbers the events and keeps them.
    fn arrived(&self, lines: &mut Lines, events: Vec<Event>) {
        for mut event in events {
            lines.newest += 1;
            event.number = lines.newest;
            if lines.recent.len() == KEPT {
                lines.recent.pop_front();
            }
            lines.recent.push_back(Arc::new(event));
        }
        self.0.newest.send_if_modified(|newest| std::mem::replace(newest, lines.newest) != lines.newest);
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads events one after the other.
#[derive(Debug)]
pub struct Reader {
    bus: EventBus,
    next: u64,
    newest: watch::Receiver<u64>,
}

/// The result of a read.
#[derive(Debug)]
pub enum Read {
    /// The next event.
    Event(Arc<Event>),
    /// Number of events that were missed: they are no longer kept.
    Missed(u64),
}

impl Reader {
    /// Waits for the next event. An unfinished wait may be dropped: it has read nothing.
    pub async fn next(&mut self) -> Read {
        loop {
            self.newest.mark_unchanged();
            if let Some(read) = self.poll() {
                return read;
            }
            // The sender lives as long as `self.bus`, so this always means an event.
            let _ = self.newest.changed().await;
        }
    }

    /// Returns the number of the last event that was read or missed.
    pub fn position(&self) -> u64 {
        self.next - 1
    }

    fn poll(&mut self) -> Option<Read> {
        let read = self.bus.kept(self.next)?;
        match &read {
            Read::Event(event) => self.next = event.number + 1,
            Read::Missed(count) => self.next += count,
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::model::event_types::QUEUE_PLACEMENT;

    fn publish(bus: &EventBus, number: usize) {
        bus.publish("2026-01-02T03:04:05.25Z".parse().unwrap(), QUEUE_PLACEMENT, Vec::new(), json!({"number": number}));
    }

    async fn read(reader: &mut Reader) -> (u64, Value) {
        match reader.next().await {
            Read::Event(event) => (event.number, event.detail["number"].clone()),
            Read::Missed(count) => (count, Value::Null),
        }
    }

    #[tokio::test]
    async fn a_reader_starts_where_it_left_off_and_is_told_what_it_missed() {
        let bus = EventBus::default();
        for number in 1..=KEPT + 10 {
            publish(&bus, number);
        }
        let mut late = bus.read(Some(4));
        assert_eq!(read(&mut late).await, (6, Value::Null));
        assert_eq!(read(&mut late).await, (11, json!(11)));
        assert_eq!(read(&mut late).await, (12, json!(12)));

        let mut fresh = bus.read(None);
        publish(&bus, 0);
        assert_eq!(read(&mut fresh).await, (KEPT as u64 + 11, json!(0)));

        let mut of_another_run = bus.read(Some(1_000_000));
        assert!(matches!(of_another_run.next().await, Read::Missed(11)));
    }

    #[tokio::test]
    async fn a_duplicate_has_its_originals_id_and_a_number() {
        let bus = EventBus::new("", "", Faults::new(vec!["events=duplicate".parse().unwrap()], Some(1)));
        let mut reader = bus.read(None);
        publish(&bus, 1);
        let (Read::Event(one), Read::Event(other)) = (reader.next().await, reader.next().await) else {
            panic!("nothing was missed")
        };
        assert_eq!((one.id(), one.number, other.number), (other.id(), 1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_delayed_event_wakes_when_it_is_due() {
        let bus = EventBus::new("", "", Faults::new(vec!["events=delay:60s".parse().unwrap()], Some(1)));
        let clock = Clock::stopped();
        let waiting = tokio::spawn({
            let (bus, clock) = (bus.clone(), clock.clone());
            async move { bus.due(&clock).await }
        });
        tokio::task::yield_now().await;
        bus.publish(clock.now(), QUEUE_PLACEMENT, Vec::new(), json!({ "number": 1 }));
        let mut reader = bus.read(None);
        clock.step(Duration::from_secs(60));
        waiting.await.unwrap();
        bus.settle(clock.now());
        assert_eq!(read(&mut reader).await, (1, json!(1)));
    }

    #[tokio::test]
    async fn a_reset_forgets_what_is_on_its_way() {
        let bus = EventBus::new("", "", Faults::new(vec!["events=delay:60s:1".parse().unwrap()], Some(1)));
        publish(&bus, 1);
        bus.reset();
        publish(&bus, 2);
        bus.settle(Timestamp::MAX);
        assert_eq!(read(&mut bus.read(Some(0))).await, (1, json!(2)));
    }
}
