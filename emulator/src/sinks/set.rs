//! All sinks.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emulator_core::{clock::Clock, events::EventBus, settings::Settings};
use tokio::task::JoinSet;

use crate::sinks::{
    delivery::Delivery,
    sink::{Shown, Sink},
    target::SinkTarget,
};

/// The sinks. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sinks(Arc<Mutex<Vec<Arc<Sink>>>>);

impl Sinks {
    /// Adds a sink, which gets the events from now on as long as `tasks` lives.
    pub(crate) fn add(
        &self,
        target: SinkTarget,
        settings: &Settings,
        clock: &Clock,
        events: &EventBus,
        tasks: &mut JoinSet<()>,
    ) {
        let reader = events.read(None);
        let sink = Arc::new(Sink::new(target, settings, reader.position()));
        tasks.spawn(Delivery::new(Arc::clone(&sink), reader, clock.clone()).run());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sink);
    }

    /// Confirms the subscription of this token, and returns its ARN; `None` if there is none.
    pub(crate) fn confirm(&self, token: &str) -> Option<String> {
        self.all().into_iter().find(|sink| sink.confirm(token)).map(|sink| sink.subscription.arn.clone())
    }

    /// Lets all sinks forget the events so far, and count from here on.
    pub(crate) fn reset(&self, events: &EventBus) {
        let newest = events.newest();
        for sink in self.all() {
            sink.reset(newest);
        }
    }

    /// Returns what the control endpoint shows.
    pub(crate) fn show(&self, events: &EventBus) -> Vec<Shown> {
        let newest = events.newest();
        self.all().iter().map(|sink| sink.show(newest)).collect()
    }

    /// Waits until every event so far was tried, but not longer than `limit`; then says what is lost.
    pub(crate) async fn finish(&self, events: &EventBus, limit: Duration) {
        let newest = events.newest();
        let all = self.all();
        let tried = async {
            for sink in &all {
                sink.until_tried(newest).await;
            }
        };
        // What was not tried in time is counted below.
        drop(tokio::time::timeout(limit, tried).await);
        for sink in &all {
            let count = sink.undelivered(newest);
            if count > 0 {
                tracing::warn!(sink = sink.target.shown(), count, "events are given up at the end of the emulator");
            }
        }
    }

    fn all(&self) -> Vec<Arc<Sink>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
