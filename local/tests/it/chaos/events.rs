//! The way of GameLift's events to `record_event`, and what can happen to them on it.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_gamelift::Client;
use futures_util::future::join;
use gamelift_emulator::{
    Clock,
    events::{Event, EventBus, Read},
};
use record_event::RecordEvent;
use serde_json::Value;
use store::{Store, records::ticket::Ticket};
use testing::connections::Connections;
use tokio::{
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

/// How long an event is under way.
const WAY: Duration = Duration::from_millis(100);

/// How late an event can be: at least one run of `reconcile` comes before it.
pub(crate) const LATE: Duration = Duration::from_secs(75);

/// What can happen to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mishap {
    /// It never comes.
    Dropped,
    /// It comes twice at the same moment, and once more after all others.
    Doubled,
    /// It comes [`LATE`].
    Late,
    /// It comes after the next one, which has to come at all.
    Swapped,
}

impl Mishap {
    pub(crate) const ALL: [Self; 4] = [Self::Dropped, Self::Doubled, Self::Late, Self::Swapped];
}

/// Which event, counted from 0, has which mishap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan(pub(crate) Vec<(usize, Mishap)>);

impl Plan {
    fn has(&self, number: usize, mishap: Mishap) -> bool {
        self.0.contains(&(number, mishap))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "every event in order");
        }
        let each: Vec<_> = self.0.iter().map(|(number, mishap)| format!("event {number} {mishap:?}")).collect();
        write!(f, "{}", each.join(", "))
    }
}

/// An event that GameLift has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Its type.
    pub(crate) kind: String,
    /// The searches or the placement that it is about.
    pub(crate) tickets: BTreeSet<String>,
}

impl Sent {
    fn of(payload: &Value) -> Self {
        let detail = &payload["detail"];
        let kind = [&detail["type"], &payload["detail-type"]].into_iter().find_map(Value::as_str);
        let searches = detail["tickets"].as_array().into_iter().flatten().map(|ticket| &ticket["ticketId"]);
        let tickets = searches.chain([&detail["placementId"]]).filter_map(Value::as_str).map(str::to_owned);
        Self { kind: kind.unwrap().to_owned(), tickets: tickets.collect() }
    }
}

/// The function that hears of events.
pub(crate) type Function = RecordEvent<Client, Connections>;

/// The way of all events.
#[derive(Clone)]
pub(crate) struct Way {
    plan: Arc<Plan>,
    clock: Clock,
    function: Function,
    store: Store,
    room: Arc<Semaphore>,
    /// The events so far.
    sent: Arc<Mutex<Vec<Sent>>>,
    /// The mishaps that have happened.
    happened: Arc<Mutex<BTreeSet<(usize, Mishap)>>>,
    /// Tickets of which an event has taken newer news away.
    set_back: Arc<Mutex<Vec<String>>>,
    /// The numbers of those that have come, or never will.
    come: Arc<watch::Sender<BTreeSet<usize>>>,
    /// How many are under way.
    under_way: Arc<watch::Sender<usize>>,
}

impl Way {
    pub(crate) fn new(plan: Plan, clock: Clock, function: Function, store: Store) -> Self {
        Self {
            plan: Arc::new(plan),
            clock,
            function,
            store,
            room: Arc::new(Semaphore::new(100)),
            sent: Arc::default(),
            happened: Arc::default(),
            set_back: Arc::default(),
            come: Arc::new(watch::Sender::new(BTreeSet::new())),
            under_way: Arc::new(watch::Sender::new(0)),
        }
    }

    /// The events so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// The planned mishaps that have not happened.
    pub(crate) fn missed(&self) -> Vec<(usize, Mishap)> {
        let happened = self.happened.lock().unwrap();
        self.plan.0.iter().filter(|planned| !happened.contains(planned)).copied().collect()
    }

    /// Tickets of which an event has taken newer news away.
    pub(crate) fn set_back(&self) -> Vec<String> {
        self.set_back.lock().unwrap().clone()
    }

    /// Brings the function all events, as the plan has it.
    pub(crate) async fn bring_all(self, bus: EventBus) {
        let mut reader = bus.read(None);
        for number in 0.. {
            let event = loop {
                match reader.next().await {
                    Read::Event(event) if event.is_of_aws() => break event,
                    Read::Event(_) => {}
                    Read::Missed(count) => panic!("{count} events were missed"),
                }
            };
            let payload = serde_json::to_value(&*event).unwrap();
            self.sent.lock().unwrap().push(Sent::of(&payload));
            let way = self.clone();
            self.under_way.send_modify(|count| *count += 1);
            drop(tokio::spawn(async move {
                way.bring(number, event).await;
                way.under_way.send_modify(|count| *count -= 1);
            }));
        }
    }

    /// Waits until no event is under way.
    pub(crate) async fn is_empty(&self) {
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    async fn bring(&self, number: usize, event: Arc<Event>) {
        sleep(WAY).await;
        if self.plan.has(number, Mishap::Dropped) {
            self.happens(number, Mishap::Dropped);
        } else {
            if self.plan.has(number, Mishap::Swapped) {
                let mut come = self.come.subscribe();
                let next = come.wait_for(|come| come.contains(&(number + 1)));
                // The next one may be late, and swapped with a late one.
                if timeout(3 * LATE, next).await.is_ok() {
                    self.happens(number, Mishap::Swapped);
                }
            }
            if self.plan.has(number, Mishap::Late) {
                sleep(LATE).await;
                self.happens(number, Mishap::Late);
            }
            if self.plan.has(number, Mishap::Doubled) {
                join(self.record(&event), self.record(&event)).await;
            } else {
                self.record(&event).await;
            }
        }
        self.come.send_if_modified(|come| come.insert(number));
        if self.plan.has(number, Mishap::Doubled) {
            sleep(LATE).await;
            self.record(&event).await;
            self.happens(number, Mishap::Doubled);
        }
    }

    fn happens(&self, number: usize, mishap: Mishap) {
        self.happened.lock().unwrap().insert((number, mishap));
    }

    async fn record(&self, event: &Arc<Event>) {
        let before = self.tickets(event).await;
        let (clock, function, room) = (self.clock.clone(), self.function.clone(), Arc::clone(&self.room));
        liftgate::events::record(Arc::clone(event), clock, function, room).await;
        for (before, now) in before.iter().zip(self.tickets(event).await) {
            // The end is the last news, whatever its time. Its event may say more of it than a look, or an answer, has.
            let is_set_back = now.news.at < before.news.at && !now.news.status.is_end();
            let end = |ticket: &Ticket| (ticket.news.status, ticket.news.told.placed.clone());
            if is_set_back || before.news.status.is_end() && end(&now) != end(before) {
                self.set_back.lock().unwrap().push(format!("{} from {:?} to {:?}", now.id, before.news, now.news));
            }
        }
    }

    /// The searches that the event is about, as they are known now.
    async fn tickets(&self, event: &Event) -> Vec<Ticket> {
        let payload = serde_json::to_value(event).unwrap();
        let ids = payload["detail"]["tickets"].as_array().into_iter().flatten();
        let mut tickets = Vec::new();
        for id in ids.filter_map(|ticket| ticket["ticketId"].as_str()) {
            tickets.push(self.store.ticket(id).await.unwrap().expect("all searches are the store's"));
        }
        tickets
    }
}
