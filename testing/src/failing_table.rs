//! A table of the store whose calls fail.

use std::{
    fmt,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use shared::{Code, Error};
use store::table::{
    api::{Query, Reply, Table, Write, Written},
    item::{Item, Key},
};
use tokio::time::sleep;

use crate::life::Life;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is done.
    Before,
    /// What was asked for is done, and the answer is lost.
    After,
    /// `DynamoDB` takes no more calls at this moment: nothing is done.
    Throttled,
    /// What was asked for is done at once, and the answer comes this late.
    Slow(Duration),
    /// What was asked for is done this late, also if nobody waits for the answer any more.
    Late(Duration),
    /// The run that calls dies, and nothing is done.
    KilledBefore,
    /// What was asked for is done, and the run that has called dies.
    KilledAfter,
}

/// Says whether the call of this number, counted from 0, fails.
type Plan = Box<dyn Fn(usize) -> Option<Failure> + Send>;

/// A call on its own, which goes on without its caller.
type Alone<T> = Reply<'static, T>;

/// A table around another one, of which some calls fail.
pub struct FailingTable {
    table: Arc<dyn Table>,
    calls: Mutex<Vec<String>>,
    plan: Mutex<Plan>,
    life: Life,
}

impl FailingTable {
    /// A table around this one. No call fails as long as no plan says so.
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self::of(table, Life::default())
    }

    /// The table as one run sees it, which dies with a call that is planned so. After that, its calls do nothing.
    pub fn of(table: Arc<dyn Table>, life: Life) -> Self {
        Self { table, calls: Mutex::default(), plan: Mutex::new(Box::new(|_| None)), life }
    }

    /// From now on, calls fail as `plan` says; they are counted from 0 again.
    pub fn fail(&self, plan: impl Fn(usize) -> Option<Failure> + Send + 'static) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(plan);
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many calls there were since the last plan.
    pub fn calls(&self) -> usize {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The calls since the last plan, such as `write TKT`: of the key only the kind, because the rest changes.
    pub fn named_calls(&self) -> Vec<String> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn call<T: Send + 'static>(&self, name: String, call: Alone<T>) -> Result<T, Error> {
        if self.life.is_over() {
            return pending().await;
        }
        let number = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            calls.push(name);
            calls.len() - 1
        };
        let failure = self.plan.lock().unwrap_or_else(PoisonError::into_inner)(number);
        let error = |code| Err(Error::new(code, "The table fails, as the test wants it."));
        match failure {
            None => call.await,
            Some(Failure::Before) => error(Code::UpstreamUnavailable),
            Some(Failure::After) => {
                call.await?;
                error(Code::UpstreamUnavailable)
            }
            Some(Failure::Throttled) => error(Code::RateLimited),
            Some(Failure::Slow(time)) => {
                let answer = call.await;
                sleep(time).await;
                answer
            }
            Some(Failure::Late(time)) => {
                let done = tokio::spawn(async move {
                    sleep(time).await;
                    call.await
                });
                done.await.unwrap_or_else(|_| error(Code::Internal))
            }
            Some(Failure::KilledBefore) => self.life.end().await,
            Some(Failure::KilledAfter) => {
                let _ = call.await;
                self.life.end().await
            }
        }
    }
}

impl Table for FailingTable {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        let (name, table) = (named("get", &key.pk), Arc::clone(&self.table));
        Box::pin(self.call(name, Box::pin(async move { table.get(key).await })))
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        let (name, table) = (named("write", &write.key.pk), Arc::clone(&self.table));
        Box::pin(self.call(name, Box::pin(async move { table.write(write).await })))
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        let name = writes.first().map_or_else(String::new, |write| named("transact", &write.key.pk));
        let table = Arc::clone(&self.table);
        Box::pin(self.call(name, Box::pin(async move { table.transact(writes).await })))
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        let table = Arc::clone(&self.table);
        Box::pin(self.call("query".to_owned(), Box::pin(async move { table.query(query).await })))
    }
}

fn named(call: &str, pk: &str) -> String {
    format!("{call} {}", pk.split('#').next().unwrap_or_default())
}

impl fmt::Debug for FailingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailingTable").field("table", &self.table).finish_non_exhaustive()
    }
}
