use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{Instant, advance, sleep};

use super::*;

const FRESH: Duration = Duration::from_mins(5);
const SECOND: Duration = Duration::from_secs(1);

/// A place that has a number: what it answers, after how long, and how often it was asked.
struct Source {
    answer: Mutex<Result<u32, Error>>,
    delay: Duration,
    looks: AtomicUsize,
    kept: Kept<u32>,
}

impl Source {
    /// It has a 1.
    fn new(delay: Duration) -> Arc<Self> {
        Self::with_clock(delay, Clock::with_tokio(Duration::from_secs(1_800_000_000)))
    }

    fn with_clock(delay: Duration, clock: Clock) -> Arc<Self> {
        let kept = Kept::new("a number", FRESH, clock);
        Arc::new(Self { answer: Mutex::new(Ok(1)), delay, looks: AtomicUsize::new(0), kept })
    }

    fn has(&self, number: u32) {
        *self.answer.lock().unwrap() = Ok(number);
    }

    fn is_down(&self) {
        *self.answer.lock().unwrap() = Err(Error::new(Code::UpstreamUnavailable, "Scripted."));
    }

    async fn look_up(&self) -> Result<u32, Error> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        sleep(self.delay).await;
        self.answer.lock().unwrap().clone()
    }

    /// The number that is kept, or the detail of the failure.
    async fn get(&self) -> Result<u32, String> {
        self.get_at_least(0).await
    }

    async fn get_at_least(&self, least: u32) -> Result<u32, String> {
        let kept = self.kept.get(|number| *number >= least, || self.look_up()).await;
        kept.map(|number| *number).map_err(|error| error.detail().to_owned())
    }

    fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_is_looked_up_again_when_it_is_no_longer_fresh() {
    let source = Source::new(Duration::ZERO);
    assert_eq!(source.get().await, Ok(1));
    source.has(2);
    advance(FRESH - SECOND).await;
    assert_eq!(source.get().await, Ok(1));
    advance(SECOND).await;
    assert_eq!(source.get().await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_not_enough_is_looked_up_again_once_a_minute() {
    let source = Source::new(Duration::ZERO);
    assert_eq!(source.get().await, Ok(1));
    source.has(2);
    assert_eq!(source.get_at_least(2).await, Ok(1));
    advance(INTERVAL).await;
    assert_eq!((source.get_at_least(2).await, source.looks()), (Ok(2), 2));
    for _ in 0..10_000 {
        assert_eq!(source.get_at_least(3).await, Ok(2));
        advance(Duration::from_millis(30)).await;
    }
    // 300 s: one after each whole minute, and none at the beginning.
    assert_eq!(source.looks(), 2 + 4);
}

#[tokio::test(start_paused = true)]
async fn without_a_value_a_dead_source_is_asked_every_two_seconds() {
    let source = Source::new(Duration::ZERO);
    source.is_down();
    for _ in 0..1000 {
        assert_eq!(source.get().await, Err("Scripted.".to_owned()));
        advance(Duration::from_millis(120)).await;
    }
    // 120 s: at the beginning, and at the first call after each two seconds, which is 2.04 s later.
    assert_eq!(source.looks(), 59);
    source.has(1);
    advance(INTERVAL_WITHOUT).await;
    assert_eq!(source.get().await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn with_a_value_a_dead_source_is_asked_once_a_minute() {
    let source = Source::new(Duration::ZERO);
    assert_eq!(source.get().await, Ok(1));
    source.is_down();
    advance(FRESH).await;
    for _ in 0..1000 {
        assert_eq!((source.get().await, source.get_at_least(2).await), (Ok(1), Ok(1)));
        advance(Duration::from_millis(120)).await;
    }
    assert_eq!(source.looks(), 1 + 2);
}

#[tokio::test(start_paused = true)]
async fn a_value_outlives_failing_look_ups_for_a_day() {
    let source = Source::new(Duration::ZERO);
    assert_eq!(source.get().await, Ok(1));
    source.is_down();
    advance(MAX_AGE - SECOND).await;
    assert_eq!(source.get().await, Ok(1));
    advance(SECOND).await;
    assert_eq!(source.get().await, Err("Scripted.".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_is_cut_off_counts() {
    let source = Source::new(SECOND * 10);
    assert!(tokio::time::timeout(SECOND, source.get()).await.is_err());
    assert_eq!(source.get().await, Err("It took too long to look up a number. Try again.".to_owned()));
    assert_eq!(source.looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_share_a_look_up() {
    let source = Source::new(SECOND);
    let call = |_| {
        let source = Arc::clone(&source);
        tokio::spawn(async move { source.get().await })
    };
    let calls: Vec<_> = (0..100).map(call).collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(1));
    }
    assert_eq!(source.looks(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_old_value_is_used_while_another_call_looks() {
    let source = Source::new(SECOND);
    assert_eq!(source.get().await, Ok(1));
    source.has(2);
    advance(FRESH).await;
    let first = tokio::spawn({
        let source = Arc::clone(&source);
        async move { source.get().await }
    });
    tokio::task::yield_now().await;
    let begun = Instant::now();
    assert_eq!((source.get().await, begun.elapsed()), (Ok(1), Duration::ZERO));
    assert_eq!(first.await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_no_look_up() {
    let now = Arc::new(Mutex::new(Duration::from_secs(1_800_000_000)));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || *now.lock().unwrap()
    });
    let source = Source::with_clock(Duration::ZERO, clock);
    assert_eq!(source.get().await, Ok(1));
    source.has(2);
    *now.lock().unwrap() -= Duration::from_hours(1);
    assert_eq!(source.get().await, Ok(2));
}
