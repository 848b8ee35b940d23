//! Events, in the envelope of Amazon `EventBridge`.
//!
//! | `detail-type` | when |
//! |---|---|
//! | `GameLift Queue Placement Event` | a placement is fulfilled, is cancelled, times out or fails; as AWS |
//! | `GameLift Matchmaking Event` | a matchmaking ticket searches, is matched, accepted or ends; as AWS |
//! | `GameLift Game Session State Change` | a game session's status changes; AWS has no such event, the shape is ours |
//!
//! Events are kept in a bounded buffer. Every reader (`GET /_emulator/events`, the POSTs to `--events-url`) has a
//! separate position in it. A reader that falls behind misses events and is told how many.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// Number of events that are kept.
const KEPT: usize = 1024;

/// Longest time for the delivery of an event.
const POST_TIMEOUT: Duration = Duration::from_secs(5);

/// The bus of all events. Clones are the same bus.
#[derive(Clone, Debug)]
pub struct EventBus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    account: String,
    region: String,
    recent: Mutex<Recent>,
    /// The number of the newest event; readers wait for a change.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<Arc<Event>>,
    newest: u64,
}

/// One event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Counts from 1. It is not in the envelope.
    #[serde(skip)]
    pub number: u64,
    version: &'static str,
    id: String,
    detail_type: &'static str,
    source: &'static str,
    account: String,
    time: String,
    region: String,
    resources: Vec<String>,
    detail: Value,
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

/// A bus without account and Region, for unit tests.
impl Default for EventBus {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl EventBus {
    /// Returns the bus of this account in this Region.
    pub fn new(account: &str, region: &str) -> Self {
        Self(Arc::new(Inner {
            account: account.into(),
            region: region.into(),
            recent: Mutex::default(),
            newest: watch::Sender::new(0),
        }))
    }

    /// Adds an event that happened at `time`.
    pub fn publish(&self, time: Timestamp, detail_type: &'static str, resources: Vec<String>, detail: Value) {
        let mut recent = self.recent();
        recent.newest += 1;
        let event = Event {
            number: recent.newest,
            version: "0",
            id: uuid::Uuid::new_v4().to_string(),
            detail_type,
            source: "aws.gamelift",
            account: self.0.account.clone(),
            // EventBridge's times are in whole seconds.
            time: iso(time, Unit::Second),
            region: self.0.region.clone(),
            resources,
            detail,
        };
        if recent.events.len() == KEPT {
            recent.events.pop_front();
        }
        recent.events.push_back(Arc::new(event));
        self.0.newest.send_replace(recent.newest);
    }

    /// Returns a reader of the events after the number `after`; without it, of all later events.
    pub fn read(&self, after: Option<u64>) -> Reader {
        let newest = self.0.newest.subscribe();
        let last = self.recent().newest;
        // A number that this bus never had is from an earlier run of the emulator: start over.
        let next = after.map_or(last, |after| if after > last { 0 } else { after }) + 1;
        Reader { bus: self.clone(), next, newest }
    }

    /// POSTs every later event to `url` as JSON, one after the other. An event whose POST fails is lost.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn post_to(&self, url: String) -> Delivery {
        let mut reader = self.read(None);
        let (done, tried) = watch::channel(reader.next - 1);
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            loop {
                match reader.next().await {
                    Read::Event(event) => {
                        let request = client.post(&url).timeout(POST_TIMEOUT).json(&*event);
                        if let Err(error) = request.send().await.and_then(reqwest::Response::error_for_status) {
                            let error = error.without_url();
                            tracing::warn!(event = event.number, %error, "an event could not be delivered");
                        }
                        done.send_replace(event.number);
                    }
                    Read::Missed(count) => {
                        tracing::warn!(count, "events were dropped: --events-url does not keep up");
                    }
                }
            }
        });
        Delivery { bus: self.clone(), tried }
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The POSTs of [`EventBus::post_to`].
#[derive(Debug)]
pub struct Delivery {
    bus: EventBus,
    /// The number of the last event that was delivered or lost.
    tried: watch::Receiver<u64>,
}

impl Delivery {
    /// Waits until every event so far is delivered or lost.
    pub async fn caught_up(&mut self) {
        let newest = self.bus.recent().newest;
        // An error means that nothing more is delivered.
        drop(self.tried.wait_for(|tried| *tried >= newest).await);
    }
}

impl Reader {
    /// Waits for the next event.
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

    fn poll(&mut self) -> Option<Read> {
        let recent = self.bus.recent();
        let oldest = recent.events.front()?.number;
        if self.next < oldest {
            let missed = oldest - self.next;
            self.next = oldest;
            return Some(Read::Missed(missed));
        }
        let index = usize::try_from(self.next - oldest).ok()?;
        let event = Arc::clone(recent.events.get(index)?);
        self.next += 1;
        Some(Read::Event(event))
    }
}

/// Returns a time in the format of events: ISO 8601, in UTC.
pub fn iso(time: Timestamp, unit: Unit) -> String {
    time.round(unit).unwrap_or(time).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn publish(bus: &EventBus, number: usize) {
        bus.publish(
            "2026-01-02T03:04:05.25Z".parse().unwrap(),
            "GameLift Queue Placement Event",
            vec!["arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q".into()],
            json!({ "number": number }),
        );
    }

    async fn read(reader: &mut Reader) -> (u64, Value) {
        match reader.next().await {
            Read::Event(event) => (event.number, event.detail["number"].clone()),
            Read::Missed(count) => (count, Value::Null),
        }
    }

    #[tokio::test]
    async fn the_envelope_is_eventbridges() {
        let bus = EventBus::new("111122223333", "us-west-2");
        let mut reader = bus.read(None);
        publish(&bus, 1);
        let Read::Event(event) = reader.next().await else { panic!("nothing was missed") };
        let mut event = serde_json::to_value(&*event).unwrap();
        assert_eq!(event["id"].take().as_str().map(str::len), Some(36));
        assert_eq!(
            event,
            json!({
                "version": "0", "id": null, "detail-type": "GameLift Queue Placement Event",
                "source": "aws.gamelift", "account": "111122223333", "time": "2026-01-02T03:04:05Z",
                "region": "us-west-2",
                "resources": ["arn:aws:gamelift:us-west-2:111122223333:gamesessionqueue/q"],
                "detail": { "number": 1 }
            })
        );
    }

    #[tokio::test]
    async fn a_reader_starts_where_it_left_off_and_is_told_what_it_missed() {
        let bus = EventBus::new("111122223333", "us-west-2");
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
}
