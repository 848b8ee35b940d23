use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::join_all;
use shared::{Code, Error, clock::Clock, deadline::Backoff};
use store::{
    Store,
    memory::Memory,
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use testing::failing_table::{FailingTable, Failure};
use tokio::time::{Instant, sleep, timeout};

use crate::looks::{
    list::{List, Page, Thing},
    sharing::Looks,
    waiter::{Told, Waiter},
};

const SECOND: Duration = Duration::from_secs(1);

fn clock() -> Clock {
    Clock::with_tokio(Duration::from_secs(1_800_000_000))
}

fn looks() -> Looks {
    Looks::new(Some(Store::in_memory(clock())))
}

/// A list of things that leave it at a time, by offsets as the emulated GameLift does: what leaves it moves the others to
/// earlier pages.
#[derive(Default)]
struct Leaving {
    until: Mutex<BTreeMap<String, Instant>>,
    /// When each page was read.
    read: Mutex<Vec<Instant>>,
    is_down: AtomicBool,
    /// Every how many pages one is throttled; 0 for none.
    throttled: usize,
    /// How long a page takes.
    takes: Duration,
}

const PAGE: usize = 10;

impl List for Leaving {
    const PAGES: usize = 1;
    const PER_PAGE: Duration = Duration::from_millis(250);
    const SHORTEST: Duration = Duration::from_millis(250);

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        let read = {
            let mut read = self.read.lock().unwrap();
            read.push(Instant::now());
            read.len()
        };
        sleep(self.takes).await;
        if self.throttled > 0 && read.is_multiple_of(self.throttled) {
            return Err(Error::new(Code::RateLimited, "Scripted."));
        }
        if self.is_down.load(Relaxed) {
            return Err(Error::new(Code::UpstreamUnavailable, "Scripted."));
        }
        let from: usize = token.map_or(0, |token| token.parse().unwrap());
        let until = self.until.lock().unwrap();
        let there: Vec<_> = until.iter().filter(|(_, until)| **until > Instant::now()).collect();
        let thing = |(key, _): &(&String, &Instant)| Thing { key: (*key).clone(), text: String::new() };
        let things = there.iter().skip(from).take(PAGE).map(thing).collect();
        Ok(Page { things, next_token: (there.len() > from + PAGE).then(|| (from + PAGE).to_string()) })
    }
}

impl Leaving {
    fn add(&self, key: &str, for_a_time: Duration) {
        self.until.lock().unwrap().insert(key.to_owned(), Instant::now() + for_a_time);
    }

    /// The most pages that were read within a second.
    fn most(&self) -> usize {
        let read = self.read.lock().unwrap();
        let within = |from: &Instant| read.iter().filter(|at| (*from..*from + SECOND).contains(at)).count();
        read.iter().map(within).max().unwrap_or_default()
    }
}

/// [`Leaving`], of which several pages are read at once.
struct Quick(Leaving);

impl List for Quick {
    const PAGES: usize = 4;
    const PER_PAGE: Duration = Duration::from_millis(75);
    const SHORTEST: Duration = Duration::from_millis(250);

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        self.0.page(token).await
    }
}

/// A list of two pages of so many stream sessions each.
struct Wide(usize);

impl List for Wide {
    const PAGES: usize = 1;
    const PER_PAGE: Duration = Duration::from_millis(250);
    const SHORTEST: Duration = Duration::from_millis(250);

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        let (page, next_token) = if token.is_none() { (0, Some("1".to_owned())) } else { (1, None) };
        let text = "1AB2C3De4,CONNECTED,a-9ZY8X7Wv6,1800000000,120000000".to_owned();
        let thing = |number| Thing { key: format!("key {page} {number}"), text: text.clone() };
        Ok(Page { things: (0..self.0).map(thing).collect(), next_token })
    }
}

fn waiter(looks: &Looks) -> Waiter {
    looks.waiter("fleet", Backoff::polling()).unwrap()
}

/// Waits until a whole sweep after the thing's first sight does not have it. Returns when.
async fn until_gone(looks: &Looks, list: &Leaving, key: &str) -> Instant {
    let (mut waiter, mut was_listed, mut waits) = (waiter(looks), false, Backoff::polling_shared());
    loop {
        sleep(waits.next().unwrap()).await;
        match waiter.ask(key, list).await {
            Ok(Told::Seen(sight)) if !sight.texts.is_empty() => was_listed = true,
            Ok(Told::Seen(sight)) if was_listed && sight.began >= waiter.since() => return Instant::now(),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn however_many_wait_four_pages_a_second_are_read_and_all_learn_of_it_soon() {
    let (looks, list) = (looks(), Leaving::default());
    for number in 0..8 {
        list.add(&format!("key {number}"), Duration::from_secs(3) + SECOND * number);
    }
    let left = list.until.lock().unwrap().clone();
    let waiting = (0..400).map(|number| {
        let key = format!("key {}", number % 8);
        let (looks, list, left) = (&looks, &list, left[&key]);
        async move { until_gone(looks, list, &key).await.saturating_duration_since(left) }
    });
    let late = join_all(waiting).await.into_iter().max().unwrap();
    assert!(late <= SECOND, "{late:?}");
    assert!(list.most() <= 4, "{}", list.most());
}

/// A table that takes its time, up to this long for each call.
#[derive(Debug)]
struct Slow(Memory, Duration);

impl Slow {
    async fn wait(&self) {
        sleep(self.1.mul_f64(fastrand::f64())).await;
    }
}

impl Table for Slow {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async move {
            self.wait().await;
            self.0.get(key).await
        })
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move {
            self.wait().await;
            let written = self.0.write(write).await;
            self.wait().await;
            written
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        self.0.transact(writes)
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        self.0.query(query)
    }
}

#[tokio::test(start_paused = true)]
async fn no_second_has_more_than_four_pages_however_slowly_the_store_answers() {
    for (seed, slowest) in [(1, 10), (2, 40), (3, 90)] {
        fastrand::seed(seed);
        let table = Slow(Memory::new(clock()), Duration::from_millis(slowest));
        let looks = Looks::new(Some(Store::new(Arc::new(table), clock())));
        let list = Leaving::default();
        list.add("key", 30 * SECOND);
        let waiting = (0..50).map(|_| until_gone(&looks, &list, "key"));
        join_all(waiting).await;
        let read = list.read.lock().unwrap().len();
        assert!(list.most() <= 4, "seed {seed}: {} within a second", list.most());
        assert!(read >= 30, "seed {seed}: {read} in 30 s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_many_pages_is_read_page_by_page_and_hardly_anybody_is_told_too_soon() {
    fastrand::seed(1);
    let (looks, list) = (looks(), Leaving::default());
    for number in 0..60_u32 {
        list.add(&format!("key {number:02}"), Duration::from_secs(4) + Duration::from_millis(400) * number);
    }
    let left = list.until.lock().unwrap().clone();
    let waiting = left.iter().map(|(key, left)| {
        let (looks, list) = (&looks, &list);
        async move { until_gone(looks, list, key).await.checked_duration_since(*left) }
    });
    let late = join_all(waiting).await;
    // What leaves the first pages of such a list while others are read moves things to a page that has been read.
    let too_soon = late.iter().filter(|late| late.is_none()).count();
    assert!(too_soon <= 12, "{too_soon} are still listed");
    let late = late.into_iter().flatten().max().unwrap();
    assert!(late <= 5 * SECOND, "{late:?}");
    assert!(list.most() <= 4, "{}", list.most());
}

#[tokio::test(start_paused = true)]
async fn who_dies_while_looking_is_replaced_within_a_second() {
    let (looks, slow) = (looks(), Leaving { takes: 10 * SECOND, ..Leaving::default() });
    let list = Leaving::default();
    list.add("key", 60 * SECOND);
    let mut others: Vec<_> = (0..2).map(|_| waiter(&looks)).collect();
    // The looker has the lease, and its call is dropped.
    let mut dead = waiter(&looks);
    assert!(timeout(Duration::from_millis(50), dead.ask("key", &slow)).await.is_err());
    assert_eq!(slow.read.lock().unwrap().len(), 1);
    let died = Instant::now();
    let ask = others.iter_mut().map(|other| async {
        let mut waits = Backoff::polling_shared();
        while !matches!(other.ask("key", &list).await, Ok(Told::Seen(_))) {
            sleep(waits.next().unwrap()).await;
        }
    });
    join_all(ask).await;
    assert!(died.elapsed() <= SECOND, "{:?}", died.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_tried_again_by_whose_turn_it_is() {
    let (looks, list) = (looks(), Leaving::default());
    list.add("key", 60 * SECOND);
    list.is_down.store(true, Relaxed);
    let mut first = waiter(&looks);
    assert_eq!(first.ask("key", &list).await.unwrap_err().code(), Code::UpstreamUnavailable);
    assert!(matches!(waiter(&looks).ask("key", &list).await, Ok(Told::Nothing)), "its turn comes later");
    list.is_down.store(false, Relaxed);
    sleep(Duration::from_millis(300)).await;
    assert!(matches!(waiter(&looks).ask("key", &list).await, Ok(Told::Seen(_))));
}

/// How often a call that waits for 5 s was told what was seen, and to look for itself, by a store that fails at its call
/// with this number, and if it `is_down` at those behind it.
async fn told_by(failure: Failure, fails_at: usize, is_down: bool) -> (usize, usize) {
    let table = FailingTable::new(Arc::new(Memory::new(clock())));
    table.fail(move |call| (call == fails_at || (is_down && call > fails_at)).then_some(failure));
    let looks = Looks::new(Some(Store::new(Arc::new(table), clock())));
    let list = Leaving::default();
    list.add("key", 60 * SECOND);
    let (mut waiter, mut waits) = (waiter(&looks), Backoff::polling_shared());
    let (until, mut seen, mut alone) = (Instant::now() + 5 * SECOND, 0, 0);
    while Instant::now() < until {
        match waiter.ask("key", &list).await.expect("no failure of the store is a failure of the list") {
            Told::Seen(sight) => {
                assert_eq!(sight.texts.len(), 1);
                seen += 1;
            }
            Told::Alone => alone += 1,
            Told::Nothing => {}
        }
        sleep(waits.next().unwrap()).await;
    }
    (seen, alone)
}

#[tokio::test(start_paused = true)]
async fn while_the_store_fails_at_any_call_a_waiting_call_looks_for_itself_ever_less_often() {
    let mut outcomes = BTreeSet::new();
    for failure in [Failure::Before, Failure::After] {
        for fails_at in 0..24 {
            let (seen, alone) = told_by(failure, fails_at, false).await;
            assert!(seen >= 5 && alone <= 1, "{failure:?} call {fails_at}: {seen}, {alone}");
            outcomes.insert(alone);
            let (_, alone) = told_by(failure, fails_at, true).await;
            assert!((1..=6).contains(&alone), "{failure:?} from call {fails_at} on: {alone}");
        }
    }
    assert_eq!(outcomes, BTreeSet::from([0, 1]), "what cannot be written is known all the same");
}

/// What one call after the other is told of a key within so many seconds.
async fn told_within<L: List>(list: &L, key: &str, seconds: u32) -> Vec<Told> {
    let looks = looks();
    let (mut waiter, mut waits, mut told) = (waiter(&looks), Backoff::polling_shared(), Vec::new());
    let until = Instant::now() + seconds * SECOND;
    while Instant::now() < until {
        told.extend(waiter.ask(key, list).await.ok());
        sleep(waits.next().unwrap()).await;
    }
    told
}

/// How many whole sweeps were told of.
fn sweeps(told: &[Told]) -> usize {
    let began = |told: &Told| if let Told::Seen(sight) = told { Some(sight.began) } else { None };
    told.iter().filter_map(began).collect::<BTreeSet<_>>().len()
}

fn long(pages: u32, throttled: usize) -> Leaving {
    let list = Leaving { throttled, ..Leaving::default() };
    for number in 0..pages * 10 {
        list.add(&format!("key {number:04}"), 600 * SECOND);
    }
    list
}

#[tokio::test(start_paused = true)]
async fn a_throttled_page_costs_a_long_list_no_other_page() {
    let told = told_within(&long(6, 3), "key 0001", 30).await;
    assert!(sweeps(&told) >= 3, "{told:?}");
    let told = told_within(&Quick(long(6, 3)), "key 0001", 30).await;
    assert!(sweeps(&told) >= 3, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_becomes_whole_however_long_it_takes() {
    let told = told_within(&long(60, 0), "key 0001", 90).await;
    assert!(sweeps(&told) >= 2, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_long_to_be_kept_twice_is_kept_once_and_else_each_call_looks_for_itself() {
    let told = told_within(&Wide(1_000), "key 0 1", 10).await;
    assert!(sweeps(&told) >= 5 && !told.iter().any(|told| matches!(told, Told::Alone)), "{told:?}");
    let told = told_within(&Wide(3_000), "key 0 1", 10).await;
    assert!(told.iter().filter(|told| matches!(told, Told::Alone)).count() >= 3, "{told:?}");
}
