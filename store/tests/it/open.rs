//! How much is read to find the quietest open tickets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use shared::clock::Clock;
use store::{
    Store,
    memory::Memory,
    records::{starts::NewTicket, ticket::Kind},
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use tokio::time::advance;

use crate::world::begin;

const SECOND: Duration = Duration::from_secs(1);

/// A table that counts the items that queries read.
#[derive(Debug)]
struct Counting(Memory, AtomicUsize);

impl Table for Counting {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        self.0.get(key)
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        self.0.write(write)
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        self.0.transact(writes)
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(async move {
            let read = self.0.query(query).await?;
            self.1.fetch_add(read.len(), Ordering::Relaxed);
            Ok(read)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_many_tickets_reads_about_as_many_as_it_has() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Arc::new(Counting(Memory::new(clock.clone()), AtomicUsize::new(0)));
    let store = Store::new(table.clone(), clock);
    for number in 0..2000 {
        let (id, players) = (format!("t-{number}"), [format!("p-{number}")]);
        let new = NewTicket {
            id: &id,
            kind: Kind::Match,
            players: &players,
            request: "{}",
            line: None,
            key: None,
            holder: "",
        };
        begin(&store, &new).await.unwrap();
        advance(Duration::from_millis(1)).await;
    }
    advance(30 * SECOND).await;
    for limit in [1, 15, 100, 600, 1999, 2000, 3000] {
        table.1.store(0, Ordering::Relaxed);
        let found = store.open_tickets(30 * SECOND, limit).await.unwrap();
        let ids: Vec<_> = found.iter().map(|ticket| ticket.id.clone()).collect();
        let quietest: Vec<_> = (0..limit.min(2000)).map(|number| format!("t-{number}")).collect();
        assert_eq!(ids, quietest, "{limit}");
        let read = table.1.load(Ordering::Relaxed);
        assert!(read <= 3 * limit + 48, "{read} are read for {limit}");
    }
    // Page after page, from where the last one ended.
    let (mut from, mut all) = (Duration::ZERO, 0);
    loop {
        let page = store.open_tickets_from(from, 30 * SECOND, 300).await.unwrap();
        all += page.len();
        let Some(last) = page.last() else { break };
        from = last.seen + Duration::from_micros(1);
    }
    assert_eq!(all, 2000);
}
