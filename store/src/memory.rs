//! A table in memory, for the local world and for tests.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use shared::{Error, clock::Clock};
use tokio::task::yield_now;

use crate::table::{
    api::{Change, Items, MOST_PAGES, Query, Reply, Table, Write, Written},
    condition::Condition,
    item::{INDEXED, Item, Key, OPEN, PK, SEEN, SK, TTL, Value, micros},
};

/// How often the items that may be deleted are.
const SWEEP: Duration = Duration::from_secs(60);

/// A table in memory. It gives up nothing but what DynamoDB would delete, so it is for one world that ends.
///
/// Each call lets other tasks run first, sometimes more of them and sometimes fewer, as a call over a network would. So
/// a test with many tasks finds what comes in between. It is the same in each run.
pub struct Memory {
    clock: Clock,
    calls: AtomicUsize,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    items: BTreeMap<Key, Item>,
    swept: Duration,
}

impl Memory {
    /// An empty table, from which items go by this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, calls: AtomicUsize::new(0), rows: Mutex::default() }
    }

    /// How many items there are, those that count no longer included.
    pub fn len(&self) -> usize {
        self.rows().items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    async fn let_others_run(&self) {
        // Squares are irregular enough.
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        for _ in 0..=call.wrapping_mul(call) % 7 {
            yield_now().await;
        }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().expect("nothing panics while it holds the items")
    }

    fn write_all(&self, writes: &[Write]) -> Result<Written, Error> {
        let mut rows = self.rows();
        rows.sweep(self.clock.now());
        let holds = |write: &Write| {
            write.condition.as_ref().is_none_or(|condition| condition.holds(rows.items.get(&write.key)))
        };
        let before = writes.first().and_then(|write| rows.items.get(&write.key)).cloned();
        if !writes.iter().all(holds) {
            return Ok(Written::Refused(before));
        }
        for write in writes {
            rows.apply(write);
        }
        Ok(Written::Done(before))
    }
}

impl Rows {
    fn apply(&mut self, write: &Write) {
        let key = &write.key;
        match &write.change {
            Change::Put(item) => {
                self.items.insert(key.clone(), with_key(item.clone(), key));
            }
            Change::Update { set, add, remove } => {
                let item = self.items.entry(key.clone()).or_insert_with(|| with_key(Item::default(), key));
                item.0.extend(set.0.clone());
                if let Some((name, by)) = add {
                    let sum = item.number(name).unwrap_or_default().saturating_add_signed(*by);
                    item.0.insert((*name).to_owned(), Value::Number(sum));
                }
                for name in *remove {
                    item.0.remove(*name);
                }
            }
            Change::Delete => {
                self.items.remove(key);
            }
        }
    }

    fn sweep(&mut self, now: Duration) {
        if now >= self.swept + SWEEP {
            self.swept = now;
            self.items.retain(|_, item| item.number(TTL).is_none_or(|ttl| ttl > now.as_secs()));
        }
    }

    fn query(&self, query: &Query) -> Vec<Item> {
        let counts = |item: &&Item| Condition::live(query.now).holds(Some(item));
        let read = query.limit.saturating_mul(MOST_PAGES);
        match &query.items {
            Items::Between { pk, first, last } => {
                let key = |sk: &String| Key { pk: pk.clone(), sk: sk.clone() };
                let found = self.items.range(key(first)..=key(last)).map(|(_, item)| item);
                found.take(read).filter(counts).take(query.limit).cloned().collect()
            }
            Items::Open { partition, seen_from, seen_until } => {
                let partition = Condition::Is(OPEN, partition.as_str().into());
                let seen = micros(*seen_from)..=micros(*seen_until);
                let ours = |item: &&Item| {
                    partition.holds(Some(item)) && item.number(SEEN).is_some_and(|time| seen.contains(&time))
                };
                let mut found: Vec<_> = self.items.values().filter(ours).collect();
                found.sort_by_key(|item| item.number(SEEN));
                found.into_iter().take(read).filter(counts).take(query.limit).map(of_index).collect()
            }
        }
    }
}

/// The attributes that the index has.
fn of_index(item: &Item) -> Item {
    let attributes = [PK, SK, OPEN, SEEN].into_iter().chain(INDEXED);
    let kept = |name: &str| Some((name.to_owned(), item.0.get(name)?.clone()));
    Item(attributes.filter_map(kept).collect())
}

fn with_key(item: Item, key: &Key) -> Item {
    item.and(PK, key.pk.as_str()).and(SK, key.sk.as_str())
}

impl Table for Memory {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async move {
            self.let_others_run().await;
            Ok(self.rows().items.get(&key).cloned())
        })
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move {
            self.let_others_run().await;
            self.write_all(&[write])
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        Box::pin(async move {
            self.let_others_run().await;
            Ok(matches!(self.write_all(&writes)?, Written::Done(_)))
        })
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(async move {
            self.let_others_run().await;
            Ok(self.rows().query(&query))
        })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("items", &self.len()).finish_non_exhaustive()
    }
}
