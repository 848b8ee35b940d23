//! Answers of DynamoDB that get lost: the SDK repeats the write, which has been done already.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use shared::{Code, Error, clock::Clock, rate::Rate};
use store::{
    Store,
    memory::Memory,
    records::{
        keys::{Claim, IdempotencyKey},
        leases::Lease,
        limits::{Bucket, Pass, Taken},
        news::{News, Status, Told},
        slots::{Held, Slots},
        starts::{NewTicket, Started},
        ticket::Kind,
        tickets::Heard,
    },
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};

use crate::world::begin;

const TIME: Duration = Duration::from_secs(60);

/// A table whose every first answer to a write is lost. Transactions have a token, by which DynamoDB knows them.
#[derive(Debug)]
struct Forgetful(Memory);

impl Table for Forgetful {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        self.0.get(key)
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move {
            self.0.write(write.clone()).await?;
            self.0.write(write).await
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        self.0.transact(writes)
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        self.0.query(query)
    }
}

fn store() -> Store {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    Store::new(Arc::new(Forgetful(Memory::new(clock.clone()))), clock)
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_is_the_callers() {
    let store = store();
    let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
    assert_eq!(store.claim_key(&key, "me", TIME).await.unwrap(), Claim::Mine);
    assert_eq!(store.answer_key(&key, "done", TIME).await.unwrap(), "done");
    assert_eq!(store.lease("fleet", "me", TIME).await.unwrap(), Lease::Mine);
    let slots = Slots { player: "ana", kind: "stream", most: 1 };
    assert_eq!(store.hold(slots, "s", TIME).await.unwrap(), Held::Yes);
    assert!(store.pass_on(slots, "s", "u", TIME).await.unwrap());
    store.let_go(slots, "u").await.unwrap();
    assert_eq!(store.hold(slots, "t", TIME).await.unwrap(), Held::Yes);
}

#[tokio::test(start_paused = true)]
async fn news_are_told() {
    let (store, players) = (store(), vec!["ana".to_owned()]);
    let new =
        NewTicket { id: "t", kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
    begin(&store, &new).await.unwrap();
    let news = News { at: TIME, rank: 0, status: Status::Completed, told: Told::default() };
    let heard = store.hear("t", &news).await.unwrap();
    assert!(matches!(heard, Heard::Same(ticket) if ticket.news == news), "and not taken for old ones");
    let players = vec!["bob".to_owned()];
    let new = NewTicket { id: "u", players: &players, ..new };
    let Started::New(before) = begin(&store, &new).await.unwrap() else { panic!("nothing is in the way") };
    let seen = store.saw(&before, Status::Searching, Told::default()).await.unwrap();
    assert!(matches!(seen, Heard::Same(ticket) if ticket.news.status == Status::Searching));
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_lets_in_or_withdraws_learns_it() {
    let store = store();
    for id in ["admitted", "withdrawn"] {
        let players = [id.to_owned()];
        let new = NewTicket {
            id,
            kind: Kind::Match,
            players: &players,
            request: "{}",
            line: Some("l"),
            key: None,
            holder: "",
        };
        begin(&store, &new).await.unwrap();
    }
    tokio::time::advance(TIME).await;
    assert!(store.may_look("admitted", TIME).await.unwrap(), "of two writes, the second finds the first");
    assert!(!store.may_look("admitted", TIME).await.unwrap(), "and another caller's finds somebody else's");
    assert!(store.admit("admitted").await.unwrap() && !store.admit("admitted").await.unwrap());
    assert!(
        store.withdraw("withdrawn", "Stopped.").await.unwrap()
            && !store.withdraw("withdrawn", "Stopped.").await.unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn a_search_that_was_taken_along_is_left_as_quiet_as_it_was() {
    let (store, players) = (store(), vec!["ana".to_owned()]);
    let new =
        NewTicket { id: "t", kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
    let Started::New(before) = begin(&store, &new).await.unwrap() else { panic!("nothing is in the way") };
    store.saw(&before, Status::Searching, Told::default()).await.unwrap();
    tokio::time::advance(TIME).await;
    let taken = store.may_look_too("t", TIME).await.unwrap().expect("the second write finds the first");
    store.leave(&taken).await.unwrap();
    assert!(store.may_take_up("t", TIME).await.unwrap(), "the first write made it fresh");
}

#[tokio::test(start_paused = true)]
async fn tokens_are_never_more_than_the_bucket_holds() {
    let store = store();
    let bucket = Bucket { scope: "start", who: "account", rate: Rate::per_second(1, 20) };
    let mut all = 0;
    for most in [2, 3, 4, 20, 20, 20] {
        all += store.take(bucket, most).await.unwrap().tokens;
    }
    assert!((4..=20).contains(&all), "{all}");
    store.give_back(bucket, 1).await.unwrap();
    let Taken { tokens, .. } = store.take(bucket, 10).await.unwrap();
    assert!(tokens <= 2, "{tokens}");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_used_up_and_a_bucket_fuller_than_it_seems() {
    let store = store();
    let token = store.issue_token("ana", TIME).await.unwrap();
    assert_eq!(store.redeem_token(&token).await.unwrap(), None, "the safe side: the client gets another one");
    let rate = Rate::per_minute(1, 4);
    let mut passed = 0;
    while store.pass("create_session", "ana", rate).await.unwrap() == Pass::Now {
        passed += 1;
    }
    assert!((1..=4).contains(&passed), "never more than the limit: {passed}");
}

/// A table that once cannot write which tickets a match has.
#[derive(Debug)]
struct Unlucky(Memory, AtomicBool);

impl Table for Unlucky {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        self.0.get(key)
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        if write.key.pk.starts_with("MATCH#") && self.1.swap(false, Relaxed) {
            return Box::pin(async { Err(Error::new(Code::UpstreamUnavailable, "bad luck")) });
        }
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
async fn a_match_that_could_not_be_noted_is_noted_when_its_news_come_again() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let store = Store::new(Arc::new(Unlucky(Memory::new(clock.clone()), AtomicBool::new(true))), clock);
    let players = ["ana".to_owned()];
    let new =
        NewTicket { id: "t", kind: Kind::Match, players: &players, request: "{}", line: None, key: None, holder: "" };
    begin(&store, &new).await.unwrap();
    let news = |seconds, status| News {
        at: Duration::from_secs(seconds),
        rank: 0,
        status,
        told: Told { match_id: Some("m".to_owned()), ..Told::default() },
    };
    let first = news(1, Status::RequiresAcceptance);
    store.hear("t", &first).await.unwrap_err();
    store.hear("t", &news(2, Status::Placing)).await.unwrap();
    assert!(matches!(store.hear("t", &first).await.unwrap(), Heard::Old(_)), "as the failed ones come again");
    assert_eq!(store.tickets_of("m").await.unwrap(), ["t"]);
}

/// A table that takes only so many writes.
#[derive(Debug)]
struct Sparing(Memory, AtomicUsize);

impl Table for Sparing {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        self.0.get(key)
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        assert!(self.1.fetch_sub(1, Relaxed) > 0, "a write too many");
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
async fn who_only_asks_writes_nothing() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let store = Store::new(Arc::new(Sparing(Memory::new(clock.clone()), AtomicUsize::new(4))), clock);
    let rate = Rate::per_minute(1, 2);
    for pass in [Pass::Now, Pass::Now, Pass::After(TIME), Pass::After(TIME)] {
        assert_eq!(store.pass("create_session", "ana", rate).await.unwrap(), pass);
    }
    assert_eq!(store.lease("fleet", "first", TIME).await.unwrap(), Lease::Mine);
    assert!(matches!(store.lease("fleet", "second", TIME).await.unwrap(), Lease::Others(_)));
    for _ in 0..3 {
        store.write_readings(TIME, &[("session", "ACTIVE")]).await.unwrap();
    }
}
