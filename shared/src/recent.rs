//! A short memory of results, so that a client that repeats a request at once costs no calls to AWS.
//! [`crate::cache`] shares look-ups among clients; this remembers what one client's request came to.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

/// Results by key, each remembered for a limited time.
pub struct Recent<K, V> {
    most: usize,
    /// The oldest first.
    kept: Mutex<Vec<Kept<K, V>>>,
}

struct Kept<K, V> {
    key: K,
    value: V,
    until: Instant,
}

impl<K, V: Clone> Recent<K, V> {
    /// A memory of at most `most` results. Beyond that the oldest is dropped.
    pub fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// Remembers the result for `time`.
    pub fn keep(&self, key: K, value: V, time: Duration) {
        let mut kept = self.kept();
        if kept.len() >= self.most {
            kept.remove(0);
        }
        kept.push(Kept { key, value, until: Instant::now() + time });
    }

    /// The newest result whose key `is_it`.
    pub fn find(&self, is_it: impl Fn(&K) -> bool) -> Option<V> {
        self.kept().iter().rev().find(|kept| is_it(&kept.key)).map(|kept| kept.value.clone())
    }

    /// How many results are remembered whose key `is_it`.
    pub fn count(&self, is_it: impl Fn(&K) -> bool) -> usize {
        self.kept().iter().filter(|kept| is_it(&kept.key)).count()
    }

    /// Forgets the results of these keys.
    pub fn forget_where(&self, is_stale: impl Fn(&K) -> bool) {
        self.kept().retain(|kept| !is_stale(&kept.key));
    }

    /// The results that are still remembered.
    fn kept(&self) -> MutexGuard<'_, Vec<Kept<K, V>>> {
        let mut kept = self.kept.lock().expect("nothing panics while it holds the results");
        kept.retain(|kept| kept.until > Instant::now());
        kept
    }
}

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn the_newest_result_is_remembered_for_its_time() {
        let recent = Recent::new(3);
        recent.keep("a", 1, SECOND);
        recent.keep("a", 2, SECOND);
        assert_eq!(recent.find(|key| *key == "a"), Some(2));
        assert_eq!(recent.find(|key| *key == "b"), None);
        assert_eq!((recent.count(|key| *key == "a"), recent.count(|key| *key == "b")), (2, 0));
        advance(SECOND).await;
        assert_eq!((recent.find(|key| *key == "a"), recent.count(|key| *key == "a")), (None, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_kept_and_some_can_be_forgotten() {
        let recent = Recent::new(3);
        for key in 0..5 {
            recent.keep(key, key, SECOND);
        }
        let known = || (0..5).filter(|number| recent.find(|key| key == number).is_some()).collect::<Vec<_>>();
        assert_eq!(known(), [2, 3, 4]);
        recent.forget_where(|key| *key == 3);
        assert_eq!(known(), [2, 4]);
    }
}
