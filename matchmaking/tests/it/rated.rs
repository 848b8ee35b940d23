//! The rate of one player before a route, on several instances of a function.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use lambda_http::{Request, request::from_str};
use matchmaking::limits::Rated;
use serde_json::{Value, json};
use shared::{Answer, Call, Endpoint, Error, Route, RouteId, clock::Clock, rate::Rate};
use store::{
    Store,
    memory::Memory,
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use testing::{
    events::{Answered, answered, rest, trusting},
    failing_table::{FailingTable, Failure},
};
use tokio::time::{Instant, advance, sleep};

const RATE: Rate = Rate::per_minute(15, 10);

#[derive(Debug)]
struct Create;

impl Route for Create {
    const ID: RouteId = RouteId::CreateSession;

    async fn call(&self, _call: Call) -> Result<Answer, Error> {
        Ok(Answer::ok(json!({})))
    }
}

#[derive(Debug)]
struct FindOrCreate;

impl Route for FindOrCreate {
    const ID: RouteId = RouteId::FindOrCreateSession;

    async fn call(&self, _call: Call) -> Result<Answer, Error> {
        Ok(Answer::ok(json!({})))
    }
}

fn clock() -> Clock {
    Clock::with_tokio(Duration::from_secs(1_900_000_000))
}

fn instance<R: Route>(route: R, store: &Store) -> Endpoint<Rated<R>> {
    Endpoint::new(Ok(Rated::new(route, Some(store.clone()), RATE)), trusting())
}

/// A call of the player whom an authorizer names, or of one who names itself.
fn call(route: &str, authorized: Option<&str>) -> Request {
    let mut event: Value = rest("POST", route, Some(&json!({ "uuid": "ana" })));
    if let Some(player) = authorized {
        event["requestContext"]["authorizer"] = json!({ "principalId": player });
        event["body"] = "{}".into();
    }
    from_str(&event.to_string()).unwrap()
}

async fn answer<R: Route>(instance: &Endpoint<R>, player: &str) -> Answered {
    answered(&instance.answer(call(R::ID.name(), Some(player))).await)
}

/// How many of so many calls at the same moment, spread over the instances, are let through.
async fn passed<R: Route>(instances: &[Endpoint<R>], player: &str, calls: usize) -> usize {
    let answers = (0..calls).map(|call| answer(&instances[call % instances.len()], player));
    join_all(answers).await.iter().filter(|answer| answer.status == 200).count()
}

#[tokio::test(start_paused = true)]
async fn of_fifty_calls_at_once_over_five_instances_as_many_pass_as_one_player_may() {
    let store = Store::in_memory(clock());
    let instances: Vec<_> = (0..5).map(|_| instance(Create, &store)).collect();
    assert_eq!(passed(&instances, "ana", 50).await, 10);
    assert_eq!(passed(&instances, "bob", 50).await, 10, "each has a rate");
    let others = [instance(FindOrCreate, &store)];
    assert_eq!(passed(&others, "ana", 5).await, 0, "both start game sessions");
    advance(Duration::from_secs(12)).await;
    assert_eq!(passed(&instances, "ana", 50).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_when_the_next_call_passes() {
    let store = Store::in_memory(clock());
    let instances = [instance(Create, &store)];
    assert_eq!(passed(&instances, "ana", 10).await, 10);
    advance(Duration::from_millis(1500)).await;
    let refused = answer(&instances[0], "ana").await;
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (429, Some("RATE_LIMITED"), Some("3")));
    assert_eq!(refused.body["error"]["retry_after_ms"], 2500);
    advance(Duration::from_millis(2499)).await;
    assert_eq!(answer(&instances[0], "ana").await.status, 429);
    advance(Duration::from_millis(1)).await;
    assert_eq!(answer(&instances[0], "ana").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_only_names_itself_uses_up_nobodys_rate() {
    let store = Store::in_memory(clock());
    let instance = instance(Create, &store);
    for _ in 0..50 {
        let answer = answered(&instance.answer(call("create_session", None)).await);
        assert_eq!(answer.status, 200);
    }
    assert_eq!(answer(&instance, "ana").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_refuses_nobody() {
    let clock = clock();
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    let instances = [instance(Create, &Store::new(table.clone(), clock))];
    table.fail(|_| Some(Failure::Before));
    assert_eq!(passed(&instances, "ana", 50).await, 50);
}

/// A table that answers after this time.
#[derive(Debug)]
struct Slow(Memory, Duration);

impl Table for Slow {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async {
            sleep(self.1).await;
            self.0.get(key).await
        })
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        self.0.write(write)
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        self.0.transact(writes)
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        self.0.query(query)
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_costs_a_player_a_moment() {
    let clock = clock();
    let table = Arc::new(Slow(Memory::new(clock.clone()), Duration::from_secs(10)));
    let instances = [instance(Create, &Store::new(table, clock))];
    let begun = Instant::now();
    assert_eq!(passed(&instances, "ana", 20).await, 20);
    assert!(begun.elapsed() <= Duration::from_millis(300), "{:?}", begun.elapsed());
}
