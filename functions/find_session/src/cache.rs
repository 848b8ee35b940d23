//! Answers that are given again for a second: a lobby full of players asks for the same list, and
//! GameLift throttles the account.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use shared::Error;
use tokio::{sync::OnceCell, time::Instant};

/// How long an answer is given again, from when its search began.
const CACHE_TIME: Duration = Duration::from_secs(1);

/// How many answers are kept; the oldest make room. An answer can have some 200 kB.
const MAX_ENTRIES: usize = 32;

/// Answers by what they answer.
pub(crate) struct Cache<K, V> {
    /// In the order in which their searches began. A cell is empty while its search runs.
    entries: Mutex<Vec<Entry<K, V>>>,
}

struct Entry<K, V> {
    key: K,
    begun: Instant,
    answer: Arc<OnceCell<V>>,
}

impl<K: PartialEq, V: Clone> Cache<K, V> {
    pub(crate) fn new() -> Self {
        Self { entries: Mutex::default() }
    }

    /// The answer to `key`: one that is known, or else what `search` gives. Calls that come while it
    /// searches wait for it instead of searching too; if it fails, the next of them tries.
    ///
    /// # Errors
    /// Those of `search`, which are not kept.
    pub(crate) async fn get_or<F>(&self, key: K, search: impl FnOnce() -> F) -> Result<V, Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        let answer = self.entry(key);
        answer.get_or_try_init(search).await.cloned()
    }

    fn entry(&self, key: K) -> Arc<OnceCell<V>> {
        let mut entries = self.entries.lock().expect("nothing panics while it holds the entries");
        entries.retain(|entry| entry.begun.elapsed() < CACHE_TIME);
        if let Some(entry) = entries.iter().find(|entry| entry.key == key) {
            return Arc::clone(&entry.answer);
        }
        if entries.len() >= MAX_ENTRIES {
            entries.remove(0);
        }
        let answer = Arc::default();
        entries.push(Entry { key, begun: Instant::now(), answer: Arc::clone(&answer) });
        answer
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

    use shared::Code;
    use tokio::time::{advance, sleep};

    use super::*;

    /// A search that takes a tenth of a second and counts how often it was made.
    async fn search(count: &AtomicUsize) -> Result<usize, Error> {
        sleep(Duration::from_millis(100)).await;
        Ok(count.fetch_add(1, Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_given_again_for_a_second() {
        let (cache, count) = (Cache::new(), AtomicUsize::new(0));
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 0);
        assert_eq!(cache.get_or("b", || search(&count)).await.unwrap(), 1);
        advance(Duration::from_millis(799)).await;
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 0);
        advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get_or("a", || search(&count)).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_the_same_time_share_a_search() {
        let (cache, count) = (Cache::new(), AtomicUsize::new(0));
        let (one, other) = tokio::join!(cache.get_or("a", || search(&count)), cache.get_or("a", || search(&count)));
        assert_eq!((one.unwrap(), other.unwrap()), (0, 0));
    }

    #[tokio::test]
    async fn failures_are_not_kept() {
        let cache = Cache::new();
        let failed = async || Err(Error::new(Code::RateLimited, "Scripted."));
        assert!(cache.get_or("a", failed).await.is_err());
        assert_eq!(cache.get_or("a", async || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_kept() {
        let (cache, count) = (Cache::new(), AtomicUsize::new(0));
        for key in 0..1000 {
            cache.get_or(key, async || Ok(count.fetch_add(1, Ordering::Relaxed))).await.unwrap();
        }
        assert_eq!(cache.entries.lock().unwrap().len(), MAX_ENTRIES);
        assert_eq!(cache.get_or(999, || search(&count)).await.unwrap(), 999);
        assert_eq!(cache.get_or(0, || search(&count)).await.unwrap(), 1000);
    }
}
