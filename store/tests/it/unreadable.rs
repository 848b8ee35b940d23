//! Tickets of another version of Liftgate, and a store that does not answer.

use std::{future::pending, sync::Arc, time::Duration};

use shared::{Code, Error, clock::Clock};
use store::{
    Store,
    fail_open::{PATIENCE, fail_open},
    memory::Memory,
    records::{
        news::{News, Status, Told},
        starts::{NewTicket, Started},
        ticket::Kind,
        tickets::Heard,
    },
    table::{
        api::{Table, Write},
        item::{Item, Key, STATUS},
    },
};
use tokio::time::Instant;

use crate::world::begin;

#[tokio::test(start_paused = true)]
async fn a_ticket_that_cannot_be_read_locks_nobody_out() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let memory = Arc::new(Memory::new(clock.clone()));
    let store = Store::new(Arc::clone(&memory) as Arc<dyn Table>, clock);
    let players = ["ana".to_owned()];
    let new = NewTicket {
        id: "t",
        kind: Kind::Match,
        players: &players,
        request: "{}",
        line: Some("l"),
        key: None,
        holder: "",
    };
    begin(&store, &new).await.unwrap();
    let newer = Write::update(Key::alone("TKT#t"), Item::default().and(STATUS, "OF_ANOTHER_VERSION"), &[]);
    memory.write(newer).await.unwrap();
    assert_eq!(store.ticket("t").await.unwrap(), None);
    assert_eq!(store.ask_stop("t").await.unwrap(), None);
    let news = News { at: Duration::ZERO, rank: 0, status: Status::Searching, told: Told::default() };
    assert_eq!(store.hear("t", &news).await.unwrap(), Heard::Unknown);
    assert!(!store.admit("t").await.unwrap());
    assert!(store.first_in_line("l", 10).await.unwrap().is_empty(), "its place is in nobody's way");
    assert_eq!(begin(&store, &new).await.unwrap(), Started::IdUsed);
    assert!(matches!(begin(&store, &NewTicket { id: "u", ..new }).await.unwrap(), Started::New(_)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_or_is_silent_costs_a_moment() {
    assert_eq!(fail_open("limit", async { Ok(1) }).await, Some(1));
    let failing = async { Err::<(), _>(Error::new(Code::RateLimited, "Scripted.")) };
    assert_eq!(fail_open("limit", failing).await, None);
    let begun = Instant::now();
    assert_eq!(fail_open("limit", pending::<Result<(), _>>()).await, None);
    assert_eq!(begun.elapsed(), PATIENCE);
}
