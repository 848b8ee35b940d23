//! The limit on open connections, and the choice of the connection that gives way.
//!
//! The next peer waits until there is a place. Meanwhile silent connections are closed: first those that have never
//! sent a request, and among them the one that has been silent for longest. A thousand half-open connections therefore
//! keep no peer out, and a running call or a WebSocket is never cut.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// How long a connection may send nothing before it counts as silent: a new connection is about to send a request.
const GRACE: Duration = Duration::from_millis(200);

/// How long the next peer waits for one connection to give way before another is asked.
const PATIENCE: Duration = Duration::from_millis(100);

/// The common state of one listener's connections.
#[derive(Debug)]
pub(crate) struct Connections {
    limit: usize,
    permits: Arc<Semaphore>,
    silent: Mutex<Silent>,
    /// Whether peers wait: the log says so once.
    crowded: AtomicBool,
}

/// The silent connections.
#[derive(Debug, Default)]
struct Silent {
    /// The connections by whether they have sent a request, then by when they fell silent.
    by_merit: BTreeMap<(bool, u64), Arc<Notify>>,
    last: u64,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Self {
        let permits = Arc::new(Semaphore::new(limit));
        Self { limit, permits, silent: Mutex::default(), crowded: AtomicBool::new(false) }
    }

    /// Returns the number of open connections.
    pub(crate) fn open(&self) -> usize {
        self.limit.saturating_sub(self.permits.available_permits())
    }

    /// Returns a place for one more connection, as soon as there is one.
    pub(crate) async fn admit(self: &Arc<Self>) -> Arc<Place> {
        let free = Arc::clone(&self.permits).try_acquire_owned();
        let permit = match free {
            Ok(permit) => {
                self.crowded.store(false, Ordering::Relaxed);
                permit
            }
            Err(_) => self.make_room().await,
        };
        Arc::new(Place {
            connections: Arc::clone(self),
            give_way: Arc::default(),
            changed: Notify::new(),
            busy: AtomicBool::new(false),
            heard: AtomicBool::new(false),
            _permit: permit,
        })
    }

    async fn make_room(&self) -> OwnedSemaphorePermit {
        if !self.crowded.swap(true, Ordering::Relaxed) {
            tracing::warn!(limit = self.limit, "too many connections: new ones wait, silent ones are closed for them");
        }
        loop {
            if let Some((_, longest)) = self.silent().by_merit.pop_first() {
                longest.notify_one();
            }
            if let Ok(permit) = timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await {
                return permit.expect("the semaphore is never closed");
            }
        }
    }

    fn silent(&self) -> MutexGuard<'_, Silent> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open connection. Dropping it makes room.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    give_way: Arc<Notify>,
    /// Signals that a request has begun or ended.
    changed: Notify,
    busy: AtomicBool,
    heard: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Waits until the connection has to give way, and meanwhile counts it as silent when no request runs. Poll this
    /// after the connection itself, which may have data to read by then.
    pub(crate) async fn asked_to_give_way(&self) {
        loop {
            let changed = self.changed.notified();
            if self.busy.load(Ordering::Acquire) {
                changed.await;
                continue;
            }
            tokio::select! {
                () = changed => continue,
                () = sleep(GRACE) => {}
            }
            let _in_line = self.line_up();
            tokio::select! {
                () = self.changed.notified() => {}
                () = self.give_way.notified() => return,
            }
        }
    }

    /// Marks a request as running until the returned value is dropped.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.heard.store(true, Ordering::Release);
        self.busy.store(true, Ordering::Release);
        self.changed.notify_one();
        Busy(Arc::clone(self))
    }

    /// Whether the peer has never sent a request.
    pub(crate) fn is_unheard(&self) -> bool {
        !self.heard.load(Ordering::Acquire)
    }

    fn line_up(&self) -> InLine<'_> {
        let mut silent = self.connections.silent();
        silent.last += 1;
        let key = (!self.is_unheard(), silent.last);
        silent.by_merit.insert(key, Arc::clone(&self.give_way));
        InLine { connections: &self.connections, key }
    }
}

/// A silent connection in the order of giving way.
struct InLine<'a> {
    connections: &'a Connections,
    key: (bool, u64),
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.connections.silent().by_merit.remove(&self.key);
    }
}

/// A connection with a running request.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Place>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinHandle;

    use super::*;

    /// A connection whose peer may be told to give way.
    struct Peer {
        place: Arc<Place>,
        asked: JoinHandle<()>,
    }

    async fn full(count: usize) -> (Arc<Connections>, Vec<Peer>) {
        let connections = Arc::new(Connections::new(count));
        let mut peers = Vec::new();
        for _ in 0..count {
            let place = connections.admit().await;
            let waits = Arc::clone(&place);
            peers.push(Peer { place, asked: tokio::spawn(async move { waits.asked_to_give_way().await }) });
        }
        (connections, peers)
    }

    fn next(connections: &Arc<Connections>) -> JoinHandle<Arc<Place>> {
        let connections = Arc::clone(connections);
        tokio::spawn(async move { connections.admit().await })
    }

    fn asked(peers: &[Peer]) -> Vec<bool> {
        peers.iter().map(|peer| peer.asked.is_finished()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_never_asked_for_anything_gives_way_first_and_who_is_busy_never() {
        let (connections, mut peers) = full(4).await;
        drop(peers[0].place.busy());
        let busy = peers[1].place.busy();
        sleep(GRACE * 2).await;
        let next = next(&connections);
        sleep(PATIENCE / 2).await;
        assert_eq!(asked(&peers), [false, false, true, false]);
        sleep(PATIENCE).await;
        assert_eq!(asked(&peers), [false, false, true, true], "the first does not end, so another is asked");
        sleep(PATIENCE).await;
        assert_eq!(asked(&peers), [true, false, true, true]);
        sleep(PATIENCE * 10).await;
        assert!(!peers[1].asked.is_finished() && !next.is_finished());
        drop(peers.remove(2));
        let next = next.await.unwrap();
        assert!(next.is_unheard());
        assert_eq!(connections.open(), 4);
        for peer in &peers {
            peer.asked.abort();
        }
        sleep(PATIENCE).await;
        drop((next, peers, busy));
        assert_eq!(connections.open(), 0);
        assert!(connections.silent().by_merit.is_empty(), "nothing is left behind");
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_just_come_or_just_been_answered_is_not_sent_away() {
        let (connections, peers) = full(1).await;
        let next = next(&connections);
        sleep(GRACE / 2).await;
        assert_eq!(asked(&peers), [false]);
        let busy = peers[0].place.busy();
        sleep(GRACE * 10).await;
        assert_eq!(asked(&peers), [false]);
        drop(busy);
        sleep(GRACE / 2).await;
        assert_eq!(asked(&peers), [false]);
        sleep(GRACE + PATIENCE).await;
        assert_eq!(asked(&peers), [true]);
        drop(peers);
        next.await.unwrap();
    }
}
