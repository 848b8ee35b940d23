//! A cache for recent look-ups. While a function is warm it saves calls, which GameLift throttles by the account.
//! Simultaneous calls share one look-up.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::OnceCell, time::Instant};

use crate::error::Error;

/// Values by key, each kept for a limited time.
pub struct Cache<K, V> {
    time: Duration,
    max_entries: usize,
    /// When [`Cache::forget_sometimes`] last dropped the values.
    forgotten: Mutex<Option<Instant>>,
    /// The entries in the order in which their look-ups began. A cell is empty while its look-up runs.
    entries: Mutex<Vec<Entry<K, V>>>,
}

struct Entry<K, V> {
    key: K,
    begun: Instant,
    value: Arc<OnceCell<V>>,
}

impl<K: PartialEq, V: Clone> Cache<K, V> {
    /// A cache whose values stay valid for `time` from the beginning of their look-up. Beyond `max_entries` the
    /// oldest is dropped.
    pub fn new(time: Duration, max_entries: usize) -> Self {
        Self { time, max_entries, forgotten: Mutex::default(), entries: Mutex::default() }
    }

    /// The value for `key`: a cached one, or else the result of `look_up`. Simultaneous calls wait for it instead of
    /// looking up too; if it fails, the next of them tries.
    ///
    /// # Errors
    /// Those of `look_up`, which are not kept.
    pub async fn get_or<F>(&self, key: K, look_up: impl FnOnce() -> F) -> Result<V, Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        let value = self.entry(key);
        // Boxed: the nested futures are too deep for the compiler.
        value.get_or_try_init(|| Box::pin(look_up())).await.cloned()
    }

    /// Drops all values; returns whether there were any.
    pub fn forget(&self) -> bool {
        let known = std::mem::take(&mut *self.entries());
        known.iter().any(|entry| entry.value.initialized())
    }

    /// [`Cache::forget`], but at most once in `pause`. Requests that can never succeed then share the look-ups too.
    pub fn forget_sometimes(&self, pause: Duration) -> bool {
        let mut forgotten = self.forgotten.lock().expect("nothing panics while it holds the time");
        if forgotten.is_some_and(|last| last.elapsed() < pause) {
            return false;
        }
        let was_known = self.forget();
        if was_known {
            *forgotten = Some(Instant::now());
        }
        was_known
    }

    fn entry(&self, key: K) -> Arc<OnceCell<V>> {
        let mut entries = self.entries();
        entries.retain(|entry| entry.begun.elapsed() < self.time);
        if let Some(entry) = entries.iter().find(|entry| entry.key == key) {
            return Arc::clone(&entry.value);
        }
        if entries.len() >= self.max_entries {
            entries.remove(0);
        }
        let value = Arc::default();
        entries.push(Entry { key, begun: Instant::now(), value: Arc::clone(&value) });
        value
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry<K, V>>> {
        self.entries.lock().expect("nothing panics while it holds the entries")
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::{advance, sleep};

    use super::*;
    use crate::error::Code;

    fn cache<K: PartialEq>() -> Cache<K, usize> {
        Cache::new(Duration::from_secs(1), 32)
    }

    /// A search that takes a tenth of a second. `count` is the number of searches made.
    async fn search(count: &AtomicUsize) -> Result<usize, Error> {
        sleep(Duration::from_millis(100)).await;
        Ok(count.fetch_add(1, Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_given_again_for_a_second() {
        let (cache, count) = (cache(), AtomicUsize::new(0));
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 0);
        assert_eq!(cache.get_or("b", || search(&count)).await.unwrap(), 1);
        advance(Duration::from_millis(799)).await;
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 0);
        advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_the_same_time_share_a_search() {
        let (cache, count) = (cache(), AtomicUsize::new(0));
        let (one, other) = tokio::join!(cache.get_or("a", || search(&count)), cache.get_or("a", || search(&count)));
        assert_eq!((one.unwrap(), other.unwrap()), (0, 0));
    }

    #[tokio::test]
    async fn failures_are_not_kept() {
        let cache = cache();
        let failed = async || Err(Error::new(Code::RateLimited, "Scripted."));
        assert!(cache.get_or("a", failed).await.is_err());
        assert_eq!(cache.get_or("a", async || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_kept() {
        let (cache, count) = (cache(), AtomicUsize::new(0));
        for key in 0..1000 {
            cache.get_or(key, async || Ok(count.fetch_add(1, Ordering::Relaxed))).await.unwrap();
        }
        assert_eq!(cache.entries.lock().unwrap().len(), 32);
        assert_eq!(cache.get_or(999, || search(&count)).await.unwrap(), 999);
        assert_eq!(cache.get_or(0, || search(&count)).await.unwrap(), 1000);
    }

    #[tokio::test]
    async fn what_is_forgotten_is_looked_up_anew() {
        let (cache, count) = (cache(), AtomicUsize::new(0));
        assert!(!cache.forget());
        cache.get_or("a", async || Ok(count.fetch_add(1, Ordering::Relaxed))).await.unwrap();
        assert!(cache.forget() && !cache.forget());
        assert_eq!(cache.get_or("a", async || Ok(count.fetch_add(1, Ordering::Relaxed))).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_forgotten_sometimes_is_kept_meanwhile() {
        let (cache, count) = (Cache::new(Duration::from_secs(60), 32), AtomicUsize::new(0));
        let pause = Duration::from_secs(2);
        assert!(!cache.forget_sometimes(pause), "there is nothing yet");
        for second in 0..10 {
            cache.get_or("a", || search(&count)).await.unwrap();
            cache.forget_sometimes(pause);
            advance(Duration::from_millis(900)).await;
            assert!(count.load(Ordering::Relaxed) <= 1 + usize::div_ceil(second, 2), "{second}");
        }
    }
}
