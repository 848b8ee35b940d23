use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

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

const MINUTE: Duration = Duration::from_secs(60);
const DOWN: KeysError = KeysError("down");

/// A set with a key of Ed25519 under each id. No signature is checked here.
fn jwks(kids: &[&str]) -> Value {
    let key = |kid: &&str| json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    json!({ "keys": kids.iter().map(key).collect::<Vec<_>>() })
}

fn store(server: &Arc<Server>) -> KeyStore {
    let clock = Clock::with_tokio(Duration::from_secs(1_800_000_000));
    KeyStore::new("test", Arc::clone(server) as Arc<dyn KeySource>, clock)
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
    advance(MINUTE).await;
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
