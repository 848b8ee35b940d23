//! The store itself: a table and the time of day.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use shared::{Code, Error, clock::Clock, config::environment::variable};

use crate::{
    dynamodb::adapter::DynamoDb,
    memory::Memory,
    table::{
        api::{Change, Items, MOST_WRITES, Query, Table, Write, Written},
        condition::Condition,
        item::{Item, Key},
    },
};

/// The most bytes of one write. An item is made of two at most, what was asked for and what came of it, so it stays
/// below DynamoDB's 400 kB.
pub const MOST_BYTES: usize = 150_000;

/// The variable that names the table, or has its ARN.
const TABLE: &str = "LIFTGATE_TABLE";

/// What Liftgate remembers.
#[derive(Clone, Debug)]
pub struct Store {
    table: Arc<dyn Table>,
    clock: Clock,
}

impl Store {
    /// A store in this table. What counts when is told by the clock.
    pub fn new(table: Arc<dyn Table>, clock: Clock) -> Self {
        Self { table, clock }
    }

    /// A store in a table of Amazon DynamoDB, by its name or ARN.
    pub fn dynamodb(aws: &SdkConfig, table: impl Into<String>, clock: Clock) -> Self {
        Self::new(Arc::new(DynamoDb::new(aws, table)), clock)
    }

    /// The store in the table of Amazon DynamoDB that `LIFTGATE_TABLE` names; `None` if it is not set. Routes that can do
    /// without a store do so then.
    pub fn from_env(aws: &SdkConfig) -> Option<Self> {
        variable(TABLE).map(|table| Self::dynamodb(aws, table, Clock::system()))
    }

    /// The same for functions that cannot do without a store.
    ///
    /// # Errors
    /// `BACKEND_MISCONFIGURED` if the variable is not set.
    pub fn required_from_env(aws: &SdkConfig) -> Result<Self, Error> {
        Self::from_env(aws).ok_or_else(Self::missing)
    }

    /// The error of a function that cannot do without a store, and has none.
    pub fn missing() -> Error {
        Error::bad_variable(TABLE, "is not set; name the DynamoDB table in which Liftgate remembers tickets.")
    }

    /// A store in memory, empty at first.
    pub fn in_memory(clock: Clock) -> Self {
        Self::new(Arc::new(Memory::new(clock.clone())), clock)
    }

    /// The time since 1970, by the clock that tells what counts.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// The item, if it counts.
    pub(crate) async fn get(&self, key: Key) -> Result<Option<Item>, Error> {
        let found = self.table.get(key).await?;
        Ok(found.filter(|item| self.counts(item)))
    }

    /// Whether the item counts now.
    pub(crate) fn counts(&self, item: &Item) -> bool {
        Condition::live(self.now()).holds(Some(item))
    }

    /// The condition that an item is not there, or counts no longer.
    pub(crate) fn free(&self) -> Condition {
        Condition::free(self.now())
    }

    /// The condition that an item is there, and counts.
    pub(crate) fn live(&self) -> Condition {
        Condition::live(self.now())
    }

    /// One write. An item that counts no longer is told as one that was not there.
    pub(crate) async fn write(&self, write: Write) -> Result<Written, Error> {
        let counting = |item: Option<Item>| item.filter(|item| self.counts(item));
        Ok(match self.write_whatever_counts(write).await? {
            Written::Done(before) => Written::Done(counting(before)),
            Written::Refused(item) => Written::Refused(counting(item)),
        })
    }

    /// One write, which tells also of an item that counts no longer.
    pub(crate) async fn write_whatever_counts(&self, write: Write) -> Result<Written, Error> {
        check_size(&write)?;
        self.table.write(write).await
    }

    /// Several writes of as many items, or none. Returns whether they were done.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<bool, Error> {
        writes.iter().try_for_each(check_size)?;
        let keys: BTreeSet<_> = writes.iter().map(|write| &write.key).collect();
        if keys.len() != writes.len() || writes.len() > MOST_WRITES {
            return Err(Error::new(Code::Internal, "A transaction of the store has an item twice, or too many."));
        }
        self.table.transact(writes).await
    }

    /// The first items of these that count.
    pub(crate) async fn query(&self, items: Items, limit: usize) -> Result<Vec<Item>, Error> {
        // DynamoDB refuses such a limit.
        if limit == 0 {
            return Ok(Vec::new());
        }
        self.table.query(Query { items, now: self.now(), limit }).await
    }
}

fn check_size(write: &Write) -> Result<(), Error> {
    let (Change::Put(item) | Change::Update { set: item, .. }) = &write.change else { return Ok(()) };
    if item.size() <= MOST_BYTES {
        return Ok(());
    }
    let detail = format!("What the store has to remember of this request is larger than {MOST_BYTES} bytes.");
    Err(Error::new(Code::BodyTooLarge, detail))
}

/// The error for a record that cannot be made into an item.
pub(crate) fn unwritable() -> Error {
    Error::new(Code::Internal, "A record of the store cannot be written as JSON.")
}
