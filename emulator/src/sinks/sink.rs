//! What is known of a sink.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use emulator_core::settings::Settings;
use serde::Serialize;
use tokio::sync::watch;

use crate::sinks::{
    target::{SinkForm, SinkTarget},
    topic::Subscription,
};

/// A sink.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) target: SinkTarget,
    pub(crate) subscription: Subscription,
    confirmed: AtomicBool,
    news: Mutex<News>,
    /// The number of the last event that was tried.
    tried: watch::Sender<u64>,
}

/// What became of the events since the last reset.
#[derive(Debug, Default)]
struct News {
    counts: Counts,
    /// The number of the last event before the reset: it and those before are neither delivered nor counted any more.
    forgotten: u64,
}

/// What became of the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    /// Wait for another attempt.
    pub(crate) retrying: u64,
    pub(crate) given_up: u64,
}

/// A sink, as the control endpoint shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    form: &'static str,
    url: String,
    /// Of a form without confirmation nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<bool>,
    /// Not yet tried.
    queued: u64,
    #[serde(flatten)]
    counts: Counts,
}

impl Sink {
    /// Returns a sink that gets the events after the number `after`.
    pub(crate) fn new(target: SinkTarget, settings: &Settings, after: u64) -> Self {
        Self {
            confirmed: AtomicBool::new(target.form != SinkForm::SnsHttp),
            target,
            subscription: Subscription::new(settings),
            news: Mutex::default(),
            tried: watch::Sender::new(after),
        }
    }

    /// Whether events may be delivered.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmed.load(Ordering::Acquire)
    }

    /// Confirms the subscription of this token. Returns whether it is the sink's.
    pub(crate) fn confirm(&self, token: &str) -> bool {
        let is_own = self.target.form == SinkForm::SnsHttp && self.subscription.token == token;
        if is_own && !self.confirmed.swap(true, Ordering::AcqRel) {
            tracing::info!(url = self.target.shown(), "the subscription to the events is confirmed");
        }
        is_own
    }

    /// Notes that the event of this number, and all before, were tried.
    pub(crate) fn tried(&self, number: u64) {
        // A reset may have gone farther.
        self.tried.send_modify(|tried| *tried = number.max(*tried));
    }

    /// Forgets the events up to the number `newest`, and starts to count again. A confirmed subscription stays.
    pub(crate) fn reset(&self, newest: u64) {
        *self.news() = News { counts: Counts::default(), forgotten: newest };
        self.tried(newest);
    }

    /// Whether a reset has forgotten the event of this number.
    pub(crate) fn has_forgotten(&self, number: u64) -> bool {
        number <= self.news().forgotten
    }

    /// Waits until the event of this number was tried.
    pub(crate) async fn until_tried(&self, number: u64) {
        // The sender lives as long as `self`.
        drop(self.tried.subscribe().wait_for(|tried| *tried >= number).await);
    }

    /// Returns how many events up to the number `newest` are neither delivered nor given up.
    pub(crate) fn undelivered(&self, newest: u64) -> u64 {
        newest.saturating_sub(*self.tried.borrow()) + self.news().counts.retrying
    }

    /// Counts what became of the event of this number. Returns whether it was: a reset may have forgotten the event.
    pub(crate) fn count(&self, number: u64, change: impl FnOnce(&mut Counts)) -> bool {
        let mut news = self.news();
        let counts = number > news.forgotten;
        if counts {
            change(&mut news.counts);
        }
        counts
    }

    /// Counts the `count` events up to the number `last` that were missed. Returns how many of them a reset has not
    /// forgotten.
    pub(crate) fn count_missed(&self, last: u64, count: u64) -> u64 {
        let mut news = self.news();
        let missed = last.saturating_sub(news.forgotten).min(count);
        news.counts.given_up += missed;
        missed
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what the control endpoint shows, with `newest`, the number of the newest event.
    pub(crate) fn show(&self, newest: u64) -> Shown {
        Shown {
            form: self.target.form.name(),
            url: self.target.shown(),
            confirmed: (self.target.form == SinkForm::SnsHttp).then(|| self.is_confirmed()),
            queued: newest.saturating_sub(*self.tried.borrow()),
            counts: self.news().counts,
        }
    }
}
