//! The task that delivers events to a sink.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use emulator_core::{
    clock::{Clock, after},
    events::{Event, Read, Reader},
};
use jiff::Timestamp;
use reqwest::{Client, redirect::Policy};

use crate::sinks::{
    message::Message,
    sink::{Counts, Sink},
    target::SinkForm,
};

/// The emulator's time between two attempts, as SNS has it for HTTP by default.
pub(crate) const INTERVAL: Duration = Duration::from_secs(20);

/// The most attempts: the first and three more, as SNS has it for HTTP by default.
const ATTEMPTS: u32 = 4;

/// The most events of a sink that wait for another attempt. Above, the oldest is given up.
const MOST_RETRYING: usize = 1024;

/// Real time that a sink has for an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// The header with which Lambda says that the function failed.
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// Delivers the reader's events to a sink.
pub(crate) struct Delivery {
    sink: Arc<Sink>,
    reader: Reader,
    clock: Clock,
    client: Client,
    /// What waits for another attempt. All wait equally long: the first is due first.
    waiting: VecDeque<Parcel>,
}

/// A message with its attempts.
struct Parcel {
    /// The event's number; `None` is the confirmation of the subscription.
    event: Option<u64>,
    message: Message,
    attempts: u32,
    due: Timestamp,
}

/// Why a sink did not take a message.
struct Refused {
    reason: String,
    /// Whether another attempt may help.
    again: bool,
}

impl Delivery {
    pub(crate) fn new(sink: Arc<Sink>, reader: Reader, clock: Clock) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        let client = client.expect("a client without TLS and proxies needs nothing of the system");
        Self { sink, reader, clock, client, waiting: VecDeque::new() }
    }

    /// Delivers as long as it is polled.
    pub(crate) async fn run(mut self) {
        if !self.sink.is_confirmed() {
            self.ask_for_confirmation().await;
        }
        loop {
            let (clock, due) = (self.clock.clone(), self.waiting.front().map(|first| first.due));
            let due = async {
                match due {
                    Some(due) => clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            // Neither may starve the other: which of two that are due comes first is chance.
            tokio::select! {
                () = due => self.try_first_again().await,
                read = self.reader.next() => {
                    match read {
                        Read::Event(event) => self.deliver(&event).await,
                        Read::Missed(count) => self.missed(count),
                    }
                    self.sink.tried(self.reader.position());
                }
            }
        }
    }

    async fn deliver(&mut self, event: &Event) {
        let form = self.sink.target.form;
        // A topic of SNS has what AWS publishes there.
        if self.sink.has_forgotten(event.number) || form != SinkForm::Envelope && !event.is_of_aws() {
            return;
        }
        if !self.sink.is_confirmed() {
            self.ask_for_confirmation().await;
        }
        if !self.sink.is_confirmed() {
            self.give_up(Some(event.number), 0, "the subscription is not confirmed: GET its SubscribeURL");
            return;
        }
        let message = Message::event(form, event, &self.sink.subscription, self.clock.now());
        self.attempt(Parcel { event: Some(event.number), message, attempts: 0, due: self.clock.now() }).await;
    }

    /// Asks at the start and again with each event, so that a backend may start after the emulator.
    async fn ask_for_confirmation(&mut self) {
        self.waiting.retain(|parcel| parcel.event.is_some());
        let message = Message::confirmation(&self.sink.subscription, self.clock.now());
        self.attempt(Parcel { event: None, message, attempts: 0, due: self.clock.now() }).await;
    }

    async fn try_first_again(&mut self) {
        let Some(parcel) = self.waiting.pop_front() else { return };
        let is_due = match parcel.event {
            Some(_) => self.count(parcel.event, |counts| counts.retrying -= 1),
            None => !self.sink.is_confirmed(),
        };
        if is_due {
            self.attempt(parcel).await;
        }
    }

    async fn attempt(&mut self, mut parcel: Parcel) {
        parcel.attempts += 1;
        let Err(refused) = self.post(&parcel.message).await else {
            self.count(parcel.event, |counts| counts.delivered += 1);
            return;
        };
        if parcel.event.is_some_and(|event| self.sink.has_forgotten(event)) {
            return;
        }
        if !refused.again || parcel.attempts == ATTEMPTS {
            self.give_up(parcel.event, parcel.attempts, &refused.reason);
            return;
        }
        let (sink, reason) = (self.sink.target.shown(), refused.reason);
        tracing::info!(sink, event = parcel.event, attempts = parcel.attempts, reason, "an event will be sent again");
        parcel.due = after(self.clock.now(), INTERVAL);
        self.wait(parcel);
    }

    fn wait(&mut self, parcel: Parcel) {
        if self.waiting.len() >= MOST_RETRYING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.count(oldest.event, |counts| counts.retrying -= 1);
            self.give_up(oldest.event, oldest.attempts, "too many events wait for another attempt");
        }
        self.count(parcel.event, |counts| counts.retrying += 1);
        self.waiting.push_back(parcel);
    }

    /// Counts what became of an event; confirmations are not counted. Returns whether a reset has not forgotten it.
    fn count(&self, event: Option<u64>, change: impl FnOnce(&mut Counts)) -> bool {
        event.is_none_or(|event| self.sink.count(event, change))
    }

    fn give_up(&self, event: Option<u64>, attempts: u32, reason: &str) {
        let sink = self.sink.target.shown();
        match event {
            Some(event) => {
                if self.count(Some(event), |counts| counts.given_up += 1) {
                    tracing::warn!(sink, event, attempts, reason, "an event could not be delivered and is given up");
                }
            }
            None => tracing::warn!(
                sink,
                attempts,
                reason,
                "the sink did not take the confirmation of its subscription; it is sent again with the next event"
            ),
        }
    }

    fn missed(&self, count: u64) {
        let count = self.sink.count_missed(self.reader.position(), count);
        if count > 0 {
            tracing::warn!(sink = self.sink.target.shown(), count, "events are given up: the sink does not keep up");
        }
    }

    async fn post(&self, message: &Message) -> Result<(), Refused> {
        let mut request = self.client.post(self.sink.target.url.clone()).timeout(ANSWER).body(message.body.clone());
        for (name, value) in &message.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.map_err(|error| Refused { reason: no_answer(&error), again: true })?;
        let status = answer.status();
        if answer.headers().contains_key(FUNCTION_ERROR) {
            return Err(Refused { reason: "the function failed".into(), again: true });
        }
        if status.is_success() {
            return Ok(());
        }
        let again = status.is_server_error() || status == reqwest::StatusCode::TOO_MANY_REQUESTS;
        Err(Refused { reason: format!("the sink answered {status}"), again })
    }
}

/// Says what went wrong without the URL, which may hold secrets.
fn no_answer(error: &reqwest::Error) -> String {
    if error.is_connect() {
        "the sink cannot be reached".to_owned()
    } else if error.is_timeout() {
        format!("the sink did not answer within {} s", ANSWER.as_secs())
    } else {
        "the sink ended the connection without an answer".to_owned()
    }
}
