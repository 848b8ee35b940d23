//! The trait behind which DynamoDB and memory are, and the writes and queries that it takes.

use std::{fmt, pin::Pin, time::Duration};

use shared::Error;

use crate::table::{
    condition::Condition,
    item::{Item, Key},
};

/// The most writes of one transaction: DynamoDB's limit.
pub const MOST_WRITES: usize = 100;

/// The most pages that are read for one query, so that the reading ends however many items count no longer. A page has
/// as many items as the limit of the query.
pub const MOST_PAGES: usize = 10;

/// The answer of a table.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Where items are. Every write is atomic, and every reading but that of an index sees all writes before it.
///
/// The store's methods are made of these four. So whoever tests what a failing store does puts a table of failures
/// around another one, and needs no more.
pub trait Table: fmt::Debug + Send + Sync {
    /// The item with this key, whether it counts still or not.
    fn get(&self, key: Key) -> Reply<'_, Option<Item>>;
    /// Changes one item if the write's condition holds.
    fn write(&self, write: Write) -> Reply<'_, Written>;
    /// Changes up to [`MOST_WRITES`] items, or none if a condition does not hold. Returns whether it did.
    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool>;
    /// The items that a query asks for, in order, at most as many as its limit. It reads [`MOST_PAGES`] times as many
    /// at most. So a query whose oldest items count no longer has to leave these out by its range.
    fn query(&self, query: Query) -> Reply<'_, Vec<Item>>;
}

/// A write of one item.
#[derive(Clone, Debug)]
pub struct Write {
    /// The item.
    pub key: Key,
    /// What has to hold of it. `None`: nothing.
    pub condition: Option<Condition>,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of an item.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is this one, whatever it was before.
    Put(Item),
    /// It gets these attributes, and `remove` loses it others. An item that is not there is made.
    Update {
        /// The attributes that get a value.
        set: Item,
        /// The attribute that grows, and by how much; with a negative number it shrinks. One that is not there is 0
        /// before.
        add: Option<(&'static str, i64)>,
        /// The attributes that go.
        remove: &'static [&'static str],
    },
    /// It is gone.
    Delete,
}

impl Write {
    /// The item becomes this one.
    pub fn put(key: Key, item: Item) -> Self {
        Self { key, condition: None, change: Change::Put(item) }
    }

    /// The item gets the attributes of `set`, and loses those of `remove`.
    pub fn update(key: Key, set: Item, remove: &'static [&'static str]) -> Self {
        Self { key, condition: None, change: Change::Update { set, add: None, remove } }
    }

    /// The item gets the attributes of `set`, and the attribute grows by `by`.
    pub fn add(key: Key, set: Item, attribute: &'static str, by: i64) -> Self {
        Self { key, condition: None, change: Change::Update { set, add: Some((attribute, by)), remove: &[] } }
    }

    /// The same update, by which the attribute grows by one too.
    #[must_use]
    pub fn counting(mut self, attribute: &'static str) -> Self {
        if let Change::Update { add, .. } = &mut self.change {
            *add = Some((attribute, 1));
        }
        self
    }

    /// The item goes.
    pub fn delete(key: Key) -> Self {
        Self { key, condition: None, change: Change::Delete }
    }

    /// The same write, if `condition` holds.
    #[must_use]
    pub fn only_if(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }
}

/// What a write came to. Either way, with the item as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The item is changed.
    Done(Option<Item>),
    /// The condition did not hold, and nothing is changed.
    Refused(Option<Item>),
}

/// A question for several items of one partition.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which items.
    pub items: Items,
    /// Only items that count at this time since 1970.
    pub now: Duration,
    /// The most items of the answer.
    pub limit: usize,
}

/// The items of a query.
#[derive(Clone, Debug)]
pub enum Items {
    /// Those of the partition whose `sk` is between these two, or is one of them, in the order of `sk`.
    Between {
        /// The partition.
        pk: String,
        /// The smallest `sk`; not empty.
        first: String,
        /// The largest `sk`.
        last: String,
    },
    /// Those of a partition of the index of open tickets that were seen from the one time up to the other, in the order
    /// of that time. They have only the attributes of the index, which may be some moments old.
    Open {
        /// The partition of the index.
        partition: String,
        /// The time since 1970.
        seen_from: Duration,
        /// The time since 1970.
        seen_until: Duration,
    },
}
