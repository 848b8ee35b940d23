//! A service's state behind one lock, and the driver that lets time change it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::Clock;

/// A state that time changes.
pub trait Timed {
    /// Lets everything happen that is due by the clock's time.
    fn catch_up(&mut self, clock: &Clock);

    /// When the next thing is due.
    fn next_due(&self) -> Option<Timestamp>;
}

/// A state behind one lock, and the clock that its changes are timed by.
#[derive(Debug)]
pub struct Shared<S> {
    state: Mutex<S>,
    clock: Clock,
    /// Wakes [`Shared::driver`]: something is due earlier than it knew, or the service is gone.
    timers_changed: Arc<Notify>,
}

impl<S> Drop for Shared<S> {
    fn drop(&mut self) {
        self.timers_changed.notify_one();
    }
}

impl<S: Timed> Shared<S> {
    /// A state that goes by this clock.
    pub fn new(state: S, clock: Clock) -> Self {
        Self { state: Mutex::new(state), clock, timers_changed: Arc::default() }
    }

    /// The clock that changes are timed by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `change` on the state as it is now: everything due has happened.
    pub fn with<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        // A panic in an operation is a bug, but the next request should still be answered.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up(&self.clock);
        let due_before = state.next_due();
        let result = change(&mut state);
        // The driver knows of what was due before. `None` is later than everything.
        if state.next_due().is_some_and(|due| due_before.is_none_or(|before| due < before)) {
            self.timers_changed.notify_one();
        }
        result
    }

    /// The same for a change that replaces the state: its timers are not those that the driver waits for.
    pub fn replace<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let result = self.with(change);
        self.timers_changed.notify_one();
        result
    }

    /// Lets what is due happen when it is due, until the service is gone. Requests see the right state
    /// without this too; it is for those who are connected, which are told things.
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
