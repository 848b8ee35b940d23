//! What tokens that are made up cost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use shared::clock::Clock;
use store::{
    Store,
    memory::Memory,
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use uuid::Uuid;

/// A table that counts the calls that cost something.
#[derive(Debug)]
struct Counting {
    table: Memory,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl Table for Counting {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        self.reads.fetch_add(1, Relaxed);
        self.table.get(key)
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        self.writes.fetch_add(1, Relaxed);
        self.table.write(write)
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        self.writes.fetch_add(writes.len(), Relaxed);
        self.table.transact(writes)
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        self.reads.fetch_add(1, Relaxed);
        self.table.query(query)
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_made_up_writes_nothing_and_one_of_another_form_reads_nothing() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Memory::new(clock.clone());
    let table = Arc::new(Counting { table, reads: AtomicUsize::new(0), writes: AtomicUsize::new(0) });
    let store = Store::new(table.clone(), clock);
    let real = store.issue_token("ana", Duration::from_secs(60)).await.unwrap();
    let calls = || (table.reads.swap(0, Relaxed), table.writes.swap(0, Relaxed));
    calls();
    for junk in ["", "made up", &real[1..], &format!("{real}0"), &real.to_uppercase(), &"g".repeat(32), &"ä".repeat(16)]
    {
        // One in a million tokens has no letter.
        if junk != real {
            assert_eq!(store.redeem_token(junk).await.unwrap(), None, "{junk}");
            assert_eq!(calls(), (0, 0), "{junk}");
        }
    }
    assert_eq!(store.redeem_token(&Uuid::new_v4().simple().to_string()).await.unwrap(), None);
    assert_eq!(calls(), (1, 0));
    assert_eq!(store.redeem_token(&real).await.unwrap().as_deref(), Some("ana"));
    assert_eq!(calls(), (1, 1));
}
