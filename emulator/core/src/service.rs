//! A service's state behind one lock, and the driver that changes it when time passes.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::Clock;

/// A state that changes with time.
pub trait Timed {
    /// Makes everything happen that is due by the clock's time.
    fn catch_up(&mut self, clock: &Clock);

    /// Returns the time of the next event.
    fn next_due(&self) -> Option<Timestamp>;
}

/// A state behind one lock, with the clock that times its changes.
#[derive(Debug)]
pub struct Shared<S> {
    state: Mutex<S>,
    clock: Clock,
    /// Wakes [`Shared::driver`]: an event is due earlier than the driver knew, or the service is gone.
    timers_changed: Arc<Notify>,
}

impl<S> Drop for Shared<S> {
    fn drop(&mut self) {
        self.timers_changed.notify_one();
    }
}

impl<S: Timed> Shared<S> {
    /// Returns a shared state that uses this clock.
    pub fn new(state: S, clock: Clock) -> Self {
        Self { state: Mutex::new(state), clock, timers_changed: Arc::default() }
    }

    /// Returns the clock that times the changes.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `change` on the current state, after everything that is due has happened.
    pub fn with<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        // A panic in an operation is a bug, but the next request should still be answered.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up(&self.clock);
        let due_before = state.next_due();
        let result = change(&mut state);
        // The driver knows the time that was due before. `None` is later than every time.
        if state.next_due().is_some_and(|due| due_before.is_none_or(|before| due < before)) {
            self.timers_changed.notify_one();
        }
        result
    }

    /// Like [`Self::with`], for a change that replaces the state: the driver waits for the old state's timers.
    pub fn replace<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let result = self.with(change);
        self.timers_changed.notify_one();
        result
    }

    /// Makes every event happen when it is due, until the service is gone. Requests see the right state without the
    /// driver; it is for connected game servers and clients, which get messages.
    pub fn driver(self: &Arc<Self>) -> impl Future<Output = ()> + use<S> {
        let (shared, clock) = (Arc::downgrade(self), self.clock.clone());
        let timers_changed = Arc::clone(&self.timers_changed);
        async move {
            while let Some(next_due) = shared.upgrade().map(|shared| shared.with(|state| state.next_due())) {
                let due = async {
                    match next_due {
                        Some(due) => clock.sleep_until(due).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = due => {}
                    () = timers_changed.notified() => {}
                }
            }
        }
    }
}
