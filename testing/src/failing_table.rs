//! A table of the store whose calls fail.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use shared::{Code, Error};
use store::table::{
    api::{Query, Reply, Table, Write, Written},
    item::{Item, Key},
};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is done.
    Before,
    /// What was asked for is done, and the answer is lost.
    After,
}

/// Says whether the call of this number, counted from 0, fails.
type Plan = Box<dyn Fn(usize) -> Option<Failure> + Send>;

/// A table around another one, of which some calls fail.
pub struct FailingTable {
    table: Arc<dyn Table>,
    calls: AtomicUsize,
    plan: Mutex<Plan>,
}

impl FailingTable {
    /// A table around this one. No call fails as long as no plan says so.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self { table, calls: AtomicUsize::new(0), plan: Mutex::new(Box::new(|_| None)) }
    }

    /// From now on, calls fail as `plan` says; they are counted from 0 again.
    pub fn fail(&self, plan: impl Fn(usize) -> Option<Failure> + Send + 'static) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(plan);
        self.calls.store(0, Ordering::Relaxed);
    }

    /// How many calls there were since the last plan.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    async fn call<T>(&self, call: Reply<'_, T>) -> Result<T, Error> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let failure = self.plan.lock().unwrap_or_else(PoisonError::into_inner)(number);
        let error = || Err(Error::new(Code::UpstreamUnavailable, "The table fails, as the test wants it."));
        match failure {
            None => call.await,
            Some(Failure::Before) => error(),
            Some(Failure::After) => {
                call.await?;
                error()
            }
        }
    }
}

impl Table for FailingTable {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(self.call(self.table.get(key)))
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(self.call(self.table.write(write)))
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        Box::pin(self.call(self.table.transact(writes)))
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(self.call(self.table.query(query)))
    }
}

impl fmt::Debug for FailingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailingTable").field("table", &self.table).finish_non_exhaustive()
    }
}
