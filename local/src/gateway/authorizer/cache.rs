//! API Gateway's cache of an authorizer's answers, with its traps: they are meant to be met here, before a deployment.
//!
//! - The key is the identity source alone, so one answer serves every route and method.
//! - An Allow stays valid until its time is over: it outlives the token's `exp`, a ban and the removal of a key.
//! - A Deny is kept as long as an Allow. A failure of the authorizer is not kept.
//! - A hit does not prolong the time.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use shared::hash::hex_sha256;
use tokio::time::Instant;

/// The longest time that API Gateway takes.
pub(crate) const MAX_TIME: Duration = Duration::from_secs(3600);

/// Beyond this number the oldest answer is dropped. API Gateway states no number; a local world needs a bound.
const MAX_ANSWERS: usize = 1000;

/// Answers by identity source, each kept for the same time.
pub(crate) struct AnswerCache<A> {
    time: Duration,
    /// The answers in the order in which they came, which is also the order in which their time ends.
    answers: Mutex<VecDeque<Kept<A>>>,
}

struct Kept<A> {
    /// A hash of the identity source, so that no token stays in memory.
    source: String,
    since: Instant,
    answer: A,
}

impl<A: Clone> AnswerCache<A> {
    /// A cache that keeps each answer for `time`, which is cut to [`MAX_TIME`]. With no time at all, it keeps nothing.
    pub(crate) fn new(time: Duration) -> Self {
        Self { time: time.min(MAX_TIME), answers: Mutex::default() }
    }

    /// Returns the answer that is kept for `source`.
    pub(crate) fn get(&self, source: &[u8]) -> Option<A> {
        let source = hex_sha256(&[source]);
        let mut answers = self.answers();
        self.forget_old(&mut answers);
        answers.iter().find(|kept| kept.source == source).map(|kept| kept.answer.clone())
    }

    /// Keeps the answer for `source`, in place of an earlier one.
    pub(crate) fn keep(&self, source: &[u8], answer: A) {
        if self.time.is_zero() {
            return;
        }
        let source = hex_sha256(&[source]);
        let mut answers = self.answers();
        self.forget_old(&mut answers);
        answers.retain(|kept| kept.source != source);
        if answers.len() >= MAX_ANSWERS {
            answers.pop_front();
        }
        answers.push_back(Kept { source, since: Instant::now(), answer });
    }

    fn forget_old(&self, answers: &mut VecDeque<Kept<A>>) {
        while answers.front().is_some_and(|oldest| oldest.since.elapsed() >= self.time) {
            answers.pop_front();
        }
    }

    fn answers(&self) -> MutexGuard<'_, VecDeque<Kept<A>>> {
        self.answers.lock().expect("nothing panics while it holds the answers")
    }
}

impl<A> fmt::Debug for AnswerCache<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache").field("time", &self.time).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_given_again_until_its_time_is_over() {
        let cache = AnswerCache::new(MINUTE);
        cache.keep(b"token", "allow");
        advance(MINUTE - Duration::from_millis(1)).await;
        assert_eq!(cache.get(b"token"), Some("allow"));
        advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get(b"token"), None, "the hit did not prolong it");
    }

    #[tokio::test(start_paused = true)]
    async fn each_identity_source_has_its_own_answer() {
        let cache = AnswerCache::new(MINUTE);
        cache.keep(b"good", "allow");
        cache.keep(b"bad", "deny");
        assert_eq!((cache.get(b"good"), cache.get(b"bad"), cache.get(b"new")), (Some("allow"), Some("deny"), None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_answer_replaces_the_earlier_and_has_its_own_time() {
        let cache = AnswerCache::new(MINUTE);
        cache.keep(b"token", 1);
        advance(MINUTE / 2).await;
        // Two calls at the same time ask the authorizer twice.
        cache.keep(b"token", 2);
        advance(MINUTE / 2).await;
        assert_eq!(cache.get(b"token"), Some(2));
        advance(MINUTE / 2).await;
        assert_eq!(cache.get(b"token"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_time_nothing_is_kept() {
        let cache = AnswerCache::new(Duration::ZERO);
        cache.keep(b"token", "allow");
        assert_eq!(cache.get(b"token"), None);
        assert!(cache.answers().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn no_answer_is_kept_for_longer_than_an_hour() {
        let cache = AnswerCache::new(Duration::from_secs(86_400));
        cache.keep(b"token", "allow");
        advance(MAX_TIME - Duration::from_millis(1)).await;
        assert_eq!(cache.get(b"token"), Some("allow"));
        advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get(b"token"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_answers_are_kept_and_the_oldest_goes_first() {
        let cache = AnswerCache::new(MINUTE);
        for token in 0..=MAX_ANSWERS {
            cache.keep(token.to_string().as_bytes(), token);
        }
        assert_eq!(cache.answers().len(), MAX_ANSWERS);
        assert_eq!((cache.get(b"0"), cache.get(b"1")), (None, Some(1)));
    }

    #[test]
    fn no_token_stays_in_memory() {
        let cache = AnswerCache::new(MINUTE);
        cache.keep(b"eyJhbGciOi", ());
        assert!(!cache.answers().iter().any(|kept| kept.source.contains("eyJhbGciOi")));
    }
}
