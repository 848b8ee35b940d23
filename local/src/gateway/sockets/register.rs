//! The connections by their ids, for `@connections`.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use crate::gateway::{event::epoch_millis, sockets::event::Origin};

/// How many messages wait for a client that reads slowly.
const WAITING: usize = 64;

/// Why a connection did not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It is closed, or not open yet.
    Gone,
    /// Too many messages wait already.
    Full,
}

/// The connections.
#[derive(Debug)]
pub(crate) struct Register {
    most: usize,
    entries: Mutex<HashMap<Arc<str>, Entry>>,
}

#[derive(Debug)]
struct Entry {
    known: Known,
    messages: Sender<String>,
    /// Whether `$connect` is answered.
    is_open: bool,
}

/// What is known of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) origin: Origin,
    last_active: Arc<AtomicU64>,
}

impl Known {
    /// Notes that a frame went over the connection.
    pub(crate) fn touch(&self) {
        self.last_active.store(epoch_millis(), Ordering::Relaxed);
    }

    /// When the last frame went over it, in milliseconds since 1970.
    pub(crate) fn last_active(&self) -> u64 {
        self.last_active.load(Ordering::Relaxed)
    }
}

impl Register {
    /// Room for `most` connections.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: Mutex::default() }
    }

    /// Notes a connection that is being opened; `None` if there is no room. It leaves when the result is dropped.
    pub(crate) fn enter(self: &Arc<Self>, origin: Origin) -> Option<Place> {
        let (messages, theirs) = channel(WAITING);
        let known = Known { last_active: Arc::new(AtomicU64::new(origin.connected_at)), origin };
        let mut entries = self.entries();
        if entries.len() >= self.most {
            return None;
        }
        entries.insert(Arc::clone(&known.origin.id), Entry { known: known.clone(), messages, is_open: false });
        Some(Place { register: Arc::clone(self), known, messages: theirs })
    }

    /// Gives an open connection a message to send.
    pub(crate) fn send(&self, id: &str, message: String) -> Result<(), NotTaken> {
        let entries = self.entries();
        let entry = entries.get(id).filter(|entry| entry.is_open).ok_or(NotTaken::Gone)?;
        entry.messages.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => NotTaken::Full,
            TrySendError::Closed(_) => NotTaken::Gone,
        })
    }

    /// Takes a connection out and lets it close, however many messages wait.
    pub(crate) fn close(&self, id: &str) -> Result<(), NotTaken> {
        let mut entries = self.entries();
        let is_open = entries.get(id).is_some_and(|entry| entry.is_open);
        // Without its sender, the connection closes.
        entries.remove(id).filter(|_| is_open).map(|_| ()).ok_or(NotTaken::Gone)
    }

    /// What is known of an open connection.
    pub(crate) fn known(&self, id: &str) -> Result<Known, NotTaken> {
        let entries = self.entries();
        let entry = entries.get(id).filter(|entry| entry.is_open);
        entry.map(|entry| entry.known.clone()).ok_or(NotTaken::Gone)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Arc<str>, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place in the register.
#[derive(Debug)]
pub(crate) struct Place {
    register: Arc<Register>,
    pub(crate) known: Known,
    /// The messages to send. It closes when there can be no more.
    pub(crate) messages: Receiver<String>,
}

impl Place {
    /// `$connect` is answered: from now on the connection takes messages.
    pub(crate) fn open(&self) {
        if let Some(entry) = self.register.entries().get_mut(&self.known.origin.id) {
            entry.is_open = true;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.register.entries().remove(&self.known.origin.id);
    }
}
