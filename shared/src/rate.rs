//! Token buckets: how often each of many callers may do something.
//!
//! A bucket is one number, the time at which it will be full again. A token that is taken moves it away by the time
//! that a token needs. So a bucket that nobody uses fills without anybody looking at it, and one that is full is like
//! one that is not there.
//!
//! Only so many buckets are kept. When there is room for no other, the full ones are dropped, which changes nothing,
//! and then those that are full soonest. A flood of new callers cannot empty the memory of somebody who has used up
//! his tokens: each of them would have to use up more.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

const MINUTE: Duration = Duration::from_secs(60);

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens a minute in the long run; 0 is no limit.
    pub per_minute: u32,
    /// Tokens that can be taken at once.
    pub burst: u32,
}

impl Rate {
    /// No limit.
    pub const OFF: Self = Self { per_minute: 0, burst: 0 };

    /// A rate by the minute.
    pub const fn per_minute(per_minute: u32, burst: u32) -> Self {
        Self { per_minute, burst }
    }

    /// A rate by the second.
    pub const fn per_second(per_second: u32, burst: u32) -> Self {
        Self { per_minute: 60 * per_second, burst }
    }

    /// The time that one token needs; `None` without a limit.
    pub fn interval(self) -> Option<Duration> {
        MINUTE.checked_div(self.per_minute)
    }
}

/// The buckets of all callers, by whatever tells them apart. The rate belongs to the key: the same for the same key.
pub struct TokenBuckets<K> {
    most: usize,
    /// When each bucket is full again, on the caller's clock.
    full_at: Mutex<HashMap<K, Duration>>,
}

impl<K: Eq + Hash> TokenBuckets<K> {
    /// Room for `most` buckets, all full.
    pub fn new(most: usize) -> Self {
        Self { most, full_at: Mutex::default() }
    }

    /// Takes a token of the bucket `key`; `false` if there is none. `now` is the time since any moment that stays the
    /// same. A clock that is set back does not take more than a bucket away.
    pub fn take(&self, key: K, rate: Rate, now: Duration) -> bool {
        let Some(interval) = rate.interval() else { return true };
        let empty = now.saturating_add(interval.saturating_mul(rate.burst));
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= self.most && !buckets.contains_key(&key) {
            make_room(&mut buckets, self.most, now);
        }
        let full_at = buckets.entry(key).or_insert(now);
        *full_at = (*full_at).clamp(now, empty);
        let then = full_at.saturating_add(interval);
        let is_admitted = then <= empty;
        if is_admitted {
            *full_at = then;
        }
        is_admitted
    }

    /// Gives a token back that was taken.
    pub fn give_back(&self, key: &K, rate: Rate) {
        let Some(interval) = rate.interval() else { return };
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = buckets.get_mut(key) {
            *full_at = full_at.saturating_sub(interval);
        }
    }

    /// The number of buckets that are kept.
    pub fn kept(&self) -> usize {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Drops the full buckets. If that leaves more than three quarters of `most`, it drops those that are full soonest,
/// down to three quarters: so each bucket that comes pays for a look at four.
fn make_room<K: Eq + Hash>(buckets: &mut HashMap<K, Duration>, most: usize, now: Duration) {
    buckets.retain(|_, full_at| *full_at > now);
    let stay = most - most.div_ceil(4);
    let Some(dropped) = buckets.len().checked_sub(stay).filter(|dropped| *dropped > 0) else { return };
    let mut times: Vec<_> = buckets.values().copied().collect();
    let (_, last, _) = times.select_nth_unstable(dropped - 1);
    buckets.retain(|_, full_at| *full_at > *last);
}

impl<K> fmt::Debug for TokenBuckets<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No callers: a log must not tell of players.
        f.debug_struct("TokenBuckets").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fifteen a minute: a token needs four seconds.
    const RATE: Rate = Rate::per_minute(15, 10);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000 + seconds)
    }

    /// How many of 100 tokens can be taken.
    fn taken(buckets: &TokenBuckets<&'static str>, key: &'static str, now: Duration) -> usize {
        (0..100).filter(|_| buckets.take(key, RATE, now)).count()
    }

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_its_rate_from_then_on() {
        let buckets = TokenBuckets::new(10);
        assert_eq!(taken(&buckets, "ann", at(0)), 10);
        assert_eq!(taken(&buckets, "ann", at(4) - Duration::from_nanos(1)), 0);
        assert_eq!(taken(&buckets, "ann", at(4)), 1);
        assert_eq!(taken(&buckets, "ann", at(14)), 2, "ten seconds are two tokens and a half");
        assert_eq!(taken(&buckets, "ann", at(16)), 1, "the half was kept");
        assert_eq!(taken(&buckets, "ann", at(3_600)), 10, "it holds no more than its burst");
    }

    #[test]
    fn a_refused_call_costs_no_token() {
        let buckets = TokenBuckets::new(10);
        for second in 0..40 {
            let expected = if second == 0 { 10 } else { usize::from(second % 4 == 0) };
            assert_eq!(taken(&buckets, "ann", at(second)), expected, "second {second}");
        }
    }

    #[test]
    fn a_token_that_is_given_back_can_be_taken_again_and_no_bucket_holds_more_than_its_burst() {
        let buckets = TokenBuckets::new(10);
        assert_eq!(taken(&buckets, "ann", at(0)), 10);
        buckets.give_back(&"ann", RATE);
        assert_eq!(taken(&buckets, "ann", at(0)), 1);
        for _ in 0..20 {
            buckets.give_back(&"ann", RATE);
        }
        buckets.give_back(&"ben", RATE);
        assert_eq!((taken(&buckets, "ann", at(0)), taken(&buckets, "ben", at(0))), (10, 10));
    }

    #[test]
    fn callers_do_not_share() {
        let buckets = TokenBuckets::new(10);
        assert_eq!((taken(&buckets, "ann", at(0)), taken(&buckets, "ben", at(0))), (10, 10));
    }

    #[test]
    fn without_a_rate_nobody_is_refused_and_nothing_is_kept() {
        let buckets = TokenBuckets::new(10);
        assert!((0..1_000).all(|_| buckets.take("ann", Rate::OFF, at(0))));
        assert_eq!(buckets.kept(), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out_for_longer_than_a_bucket_needs() {
        let buckets = TokenBuckets::new(10);
        assert_eq!(taken(&buckets, "ann", at(3_600)), 10);
        assert_eq!(taken(&buckets, "ann", at(0)), 0);
        assert_eq!(taken(&buckets, "ann", at(4)), 1);
    }

    #[test]
    fn a_flood_of_new_callers_takes_a_bounded_memory_and_gives_nobody_his_tokens_back() {
        const MOST: usize = 1_000;
        let buckets = TokenBuckets::new(MOST);
        let spent = |now| (0..100).filter(|_| buckets.take(0, RATE, now)).count();
        assert_eq!(spent(at(0)), 10);
        for number in 1..=20 * MOST {
            assert!(buckets.take(number, RATE, at(0)), "a new caller is let in");
            assert!(buckets.kept() <= MOST);
        }
        assert_eq!(spent(at(0)), 0, "the attacker has got a new bucket");
        assert_eq!(spent(at(4)), 1);
    }

    #[test]
    fn full_buckets_go_first_and_cost_nobody_anything() {
        let buckets = TokenBuckets::new(100);
        for key in 0..60 {
            assert!(buckets.take(key, RATE, at(0)));
        }
        for key in 60..100 {
            assert!(buckets.take(key, RATE, at(4)));
        }
        assert!(buckets.take(100, RATE, at(4)));
        assert_eq!(buckets.kept(), 41);
    }

    #[test]
    fn room_is_made_for_many_at_once() {
        const MOST: usize = 1_000;
        let (buckets, mut rooms) = (TokenBuckets::new(MOST), 0);
        for number in 0..20 * MOST {
            let before = buckets.kept();
            assert!(buckets.take(number, RATE, at(0) + Duration::from_nanos(number as u64)));
            rooms += usize::from(buckets.kept() <= before);
        }
        assert!((70..=80).contains(&rooms), "{rooms} times");
    }

    #[test]
    fn one_bucket_is_room_enough() {
        let buckets = TokenBuckets::new(1);
        for key in ["ann", "ben", "ann"] {
            assert!(buckets.take(key, RATE, at(0)));
            assert_eq!(buckets.kept(), 1);
        }
    }
}
