//! A table that counts what DynamoDB would bill: request units on demand.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use store::table::{
    api::{Items, Query, Reply, Table, Write, Written},
    item::{INDEXED, Item, Key, OPEN, SEEN, Value},
};

const UNIT_OF_WRITING: usize = 1024;
const UNIT_OF_READING: usize = 4096;

/// Request units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Units {
    pub(crate) writes: f64,
    pub(crate) reads: f64,
}

/// A table around another one.
pub(crate) struct Metered {
    table: Arc<dyn Table>,
    units: Mutex<Units>,
}

impl Metered {
    pub(crate) fn new(table: Arc<dyn Table>) -> Self {
        Self { table, units: Mutex::default() }
    }

    /// The units since the last ones were taken.
    pub(crate) fn take(&self) -> Units {
        std::mem::take(&mut self.units.lock().unwrap())
    }

    fn wrote(&self, units: usize) {
        self.units.lock().unwrap().writes += units as f64;
    }

    fn read(&self, items: &[Item], is_consistent: bool) {
        let units = units(items.iter().map(size).sum(), UNIT_OF_READING) as f64;
        self.units.lock().unwrap().reads += if is_consistent { units } else { units / 2.0 };
    }

    /// Counts writes of these items, which were these before. In a transaction, each counts twice; what the index gets
    /// of them does not.
    async fn writes(&self, before: &[(Key, Option<Item>)], each: usize) {
        for (key, before) in before {
            let after = self.table.get(key.clone()).await.unwrap();
            let larger = size_of(before.as_ref()).max(size_of(after.as_ref()));
            self.wrote(each * units(larger, UNIT_OF_WRITING) + of_index(before.as_ref(), after.as_ref()));
        }
    }
}

impl Table for Metered {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async move {
            let item = self.table.get(key).await?;
            self.read(item.as_slice(), true);
            Ok(item)
        })
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move {
            let key = write.key.clone();
            let written = self.table.write(write).await?;
            let (Written::Done(before) | Written::Refused(before)) = &written;
            self.writes(&[(key, before.clone())], 1).await;
            Ok(written)
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        Box::pin(async move {
            let mut before = Vec::new();
            for write in &writes {
                before.push((write.key.clone(), self.table.get(write.key.clone()).await?));
            }
            let done = self.table.transact(writes).await?;
            self.writes(&before, 2).await;
            Ok(done)
        })
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(async move {
            let is_consistent = matches!(query.items, Items::Between { .. });
            let items = self.table.query(query).await?;
            self.read(&items, is_consistent);
            Ok(items)
        })
    }
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered").field("table", &self.table).finish_non_exhaustive()
    }
}

/// Also a call that finds nothing is one unit.
fn units(bytes: usize, unit: usize) -> usize {
    bytes.div_ceil(unit).max(1)
}

fn size_of(item: Option<&Item>) -> usize {
    item.map_or(0, size)
}

/// The bytes of names and values.
fn size(item: &Item) -> usize {
    let of_value = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Number(number) => number.to_string().len().div_ceil(2) + 1,
    };
    item.0.iter().map(|(name, value)| name.len() + of_value(value)).sum()
}

/// The units of the index: an entry that comes, goes or changes is one; one whose key changes goes and comes.
fn of_index(before: Option<&Item>, after: Option<&Item>) -> usize {
    let key = |item: &Item| Some((item.text(OPEN)?.to_owned(), item.number(SEEN)?));
    let rest = |item: &Item| INDEXED.map(|name| item.0.get(name).cloned());
    match (before.and_then(key), after.and_then(key)) {
        (None, None) => 0,
        (Some(before), Some(after)) if before != after => 2,
        (Some(_), Some(_)) => usize::from(before.map(rest) != after.map(rest)),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::clock::Clock;
    use store::memory::Memory;

    use super::*;

    fn table() -> Metered {
        Metered::new(Arc::new(Memory::new(Clock::system())))
    }

    fn key(name: &str) -> Key {
        Key::alone(name)
    }

    fn item(bytes: usize) -> Item {
        Item::default().and("text", "x".repeat(bytes))
    }

    #[tokio::test]
    async fn writes_count_by_the_kilobyte_and_twice_in_a_transaction() {
        let table = table();
        table.write(Write::put(key("a"), item(10))).await.unwrap();
        assert_eq!(table.take(), Units { writes: 1.0, reads: 0.0 });
        table.write(Write::put(key("a"), item(2000))).await.unwrap();
        assert_eq!(table.take(), Units { writes: 2.0, reads: 0.0 });
        // The larger one of before and after counts.
        table.write(Write::delete(key("a"))).await.unwrap();
        assert_eq!(table.take(), Units { writes: 2.0, reads: 0.0 });
        table.transact(vec![Write::put(key("b"), item(10)), Write::put(key("c"), item(1500))]).await.unwrap();
        assert_eq!(table.take(), Units { writes: 6.0, reads: 0.0 });
    }

    #[tokio::test]
    async fn reads_count_by_four_kilobytes_and_half_from_the_index() {
        let table = table();
        table.get(key("nothing")).await.unwrap();
        assert_eq!(table.take(), Units { writes: 0.0, reads: 1.0 });
        table.write(Write::put(key("a"), item(5000))).await.unwrap();
        table.take();
        table.get(key("a")).await.unwrap();
        assert_eq!(table.take(), Units { writes: 0.0, reads: 2.0 });
        let now = Duration::from_secs(1);
        let items = Items::Open { partition: "p".to_owned(), seen_from: Duration::ZERO, seen_until: now };
        table.query(Query { items, now, limit: 10 }).await.unwrap();
        assert_eq!(table.take(), Units { writes: 0.0, reads: 0.5 });
    }

    #[tokio::test]
    async fn the_index_is_written_where_an_entry_changes() {
        let table = table();
        let open = |seen: u64| Item::default().and(OPEN, "p").and(SEEN, seen);
        for (item, units) in [(open(1), 2.0), (open(1), 1.0), (open(2), 3.0), (item(10), 2.0), (item(10), 1.0)] {
            table.write(Write::put(key("a"), item.clone())).await.unwrap();
            assert_eq!(table.take().writes, units, "{item:?}");
        }
    }
}
