use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use super::*;
use crate::key_source::Loading;

/// A key server on virtual time: what it answers, after how long, and how often it was asked.
struct Server {
    answer: Mutex<Result<Value, KeysError>>,
    delay: Duration,
    loads: AtomicUsize,
}

impl Server {
    fn new(kids: &[&str]) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(Ok(jwks(kids))), delay: Duration::ZERO, loads: AtomicUsize::new(0) })
    }

    fn answers(&self, answer: Result<Value, KeysError>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }
}

impl KeySource for Server {
    fn load(&self) -> Loading<'_> {
        Box::pin(async {
            self.loads.fetch_add(1, Ordering::Relaxed);
            sleep(self.delay).await;
            self.answer.lock().unwrap().clone()
        })
    }
}

const DOWN: KeysError = KeysError("down");

/// A set with a key of Ed25519 under each id. No signature is checked here.
fn jwks(kids: &[&str]) -> Value {
    let key = |kid: &&str| json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    json!({ "keys": kids.iter().map(key).collect::<Vec<_>>() })
}

fn store(server: &Arc<Server>) -> Arc<KeyStore> {
    let clock = Clock::with_tokio(Duration::from_secs(1_800_000_000));
    Arc::new(KeyStore::new("test", Arc::clone(server) as Arc<dyn KeySource>, clock))
}

async fn find(store: &KeyStore, kid: &str) -> &'static str {
    match store.find(kid).await {
        Found::Key(keys, place) if keys[place].kid == kid => "key",
        Found::Key(..) => "another key",
        Found::Unknown => "unknown",
        Found::Unavailable => "unavailable",
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_unknown_ids_cause_one_load_a_minute() {
    let server = Server::new(&["a"]);
    let store = store(&server);
    for number in 0..10_000 {
        assert_eq!(find(&store, &format!("made-up-{number}")).await, "unknown");
        advance(Duration::from_millis(30)).await;
    }
    // 300 s: one at the beginning and one after each whole minute.
    assert_eq!(server.loads(), 5);
    assert_eq!(find(&store, "a").await, "key");
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_asked_every_two_seconds_until_there_are_keys() {
    let server = Server::new(&["a"]);
    server.answers(Err(DOWN));
    let store = store(&server);
    for _ in 0..1000 {
        assert_eq!(find(&store, "a").await, "unavailable");
        advance(Duration::from_millis(120)).await;
    }
    // 120 s: at the beginning, and at the first call after each two seconds, which is 2.04 s later.
    assert_eq!(server.loads(), 59);
    advance(INTERVAL_WITHOUT_KEYS).await;
    server.answers(Ok(jwks(&["a"])));
    assert_eq!(find(&store, "a").await, "key");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_later_is_asked_once_a_minute() {
    let server = Server::new(&["a"]);
    let store = store(&server);
    store.warm_up().await;
    server.answers(Err(DOWN));
    for _ in 0..1000 {
        assert_eq!((find(&store, "a").await, find(&store, "b").await), ("key", "unknown"));
        advance(Duration::from_millis(120)).await;
    }
    assert_eq!(server.loads(), 2);
}

#[tokio::test]
async fn keys_are_loaded_again_when_the_clock_was_set_back() {
    let (first, second) = (Duration::from_secs(1_800_000_000), Duration::from_secs(1_799_000_000));
    let held = Held { loaded: Some(first), attempted: Some(first), ..Held::default() };
    assert!(held.hold(second) && held.is_due(second));
    assert!(held.age(second).is_some_and(|age| age >= FRESH));
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_share_a_load() {
    let server = Arc::new(Server { delay: Duration::from_secs(1), ..Arc::into_inner(Server::new(&["a"])).unwrap() });
    let store = store(&server);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { find(&store, "a").await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "key");
    }
    assert_eq!(server.loads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_server_costs_a_second_and_a_half() {
    let server = Arc::new(Server { delay: Duration::from_secs(10), ..Arc::into_inner(Server::new(&["a"])).unwrap() });
    let store = store(&server);
    let begun = tokio::time::Instant::now();
    assert_eq!(find(&store, "a").await, "unavailable");
    assert_eq!(begun.elapsed(), MAX_LOAD);
    assert_eq!(find(&store, "a").await, "unavailable");
    assert_eq!(begun.elapsed(), MAX_LOAD);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_after_one_more_load() {
    let server = Server::new(&["old"]);
    let store = store(&server);
    store.warm_up().await;
    server.answers(Ok(jwks(&["old", "new"])));
    // Within the first minute nothing is loaded again.
    assert_eq!(find(&store, "new").await, "unknown");
    advance(MIN_INTERVAL).await;
    assert_eq!((find(&store, "new").await, find(&store, "old").await), ("key", "key"));
    assert_eq!(server.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_removed_key_dies_when_the_keys_are_loaded_again() {
    let server = Server::new(&["old", "new"]);
    let store = store(&server);
    store.warm_up().await;
    server.answers(Ok(jwks(&["new"])));
    advance(FRESH - Duration::from_secs(1)).await;
    assert_eq!(find(&store, "old").await, "key");
    advance(Duration::from_secs(1)).await;
    assert_eq!((find(&store, "old").await, find(&store, "new").await), ("unknown", "key"));
}

#[tokio::test(start_paused = true)]
async fn keys_hold_for_a_day_without_their_server() {
    let server = Server::new(&["a"]);
    let store = store(&server);
    store.warm_up().await;
    for answer in [Err(DOWN), Ok(json!({ "keys": [] })), Ok(json!({})), Ok(jwks(&["a", "a"]))] {
        server.answers(answer);
        advance(Duration::from_hours(5)).await;
        assert_eq!(find(&store, "a").await, "key");
    }
    advance(Duration::from_hours(4)).await;
    assert_eq!(find(&store, "a").await, "unavailable");
    assert_eq!(server.loads(), 6);
}

#[tokio::test(start_paused = true)]
async fn keys_that_wait_for_nobody_are_used_while_others_load() {
    let server = Arc::new(Server { delay: Duration::from_secs(1), ..Arc::into_inner(Server::new(&["a"])).unwrap() });
    let store = store(&server);
    store.warm_up().await;
    advance(FRESH).await;
    let loader = tokio::spawn({
        let store = Arc::clone(&store);
        async move { find(&store, "a").await }
    });
    tokio::task::yield_now().await;
    let begun = tokio::time::Instant::now();
    assert_eq!(find(&store, "a").await, "key");
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(loader.await.unwrap(), "key");
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stop_the_loads() {
    let now = Arc::new(Mutex::new(Duration::from_secs(1_800_000_000)));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || *now.lock().unwrap()
    });
    let server = Server::new(&["a"]);
    let store = KeyStore::new("test", Arc::clone(&server) as Arc<dyn KeySource>, clock);
    store.warm_up().await;
    *now.lock().unwrap() -= Duration::from_hours(1);
    assert_eq!(find(&store, "b").await, "unknown");
    assert_eq!(server.loads(), 2);
}
