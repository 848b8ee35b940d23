//! Sockets behind an emulated `@connections`: what is sent to them, and what becomes of it.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws::connections::{DeleteConnection, PostToConnection, Posted};
use serde_json::Value;
use shared::{Code, Error};
use tokio::time::sleep;

/// What becomes of a message to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone.
    Gone,
    /// The call fails with this code.
    Fails(Code),
    /// It takes this long.
    Slow(Duration),
    /// It has no end.
    Hangs,
}

/// The connections. All are open but for those that have a fate.
#[derive(Clone, Debug, Default)]
pub struct Connections(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    fates: BTreeMap<String, Fate>,
    sent: Vec<(String, Value)>,
    closed: Vec<String>,
}

impl Connections {
    /// Gives a connection its fate.
    pub fn let_be(&self, connection: &str, fate: Fate) {
        self.state().fates.insert(connection.to_owned(), fate);
    }

    /// Returns what the connection was sent, and forgets it.
    ///
    /// # Panics
    /// When a message was no JSON.
    pub fn take(&self, connection: &str) -> Vec<Value> {
        let mut state = self.state();
        let (theirs, others) = state.sent.drain(..).partition(|(to, _)| to == connection);
        state.sent = others;
        theirs.into_iter().map(|(_, message)| message).collect()
    }

    /// Returns the number of messages that were sent and not taken.
    pub fn sent(&self) -> usize {
        self.state().sent.len()
    }

    /// Returns the connections that were closed.
    pub fn closed(&self) -> Vec<String> {
        self.state().closed.clone()
    }

    async fn meet(&self, connection: &str) -> Result<Posted, Error> {
        let fate = self.state().fates.get(connection).copied();
        match fate {
            None => {}
            Some(Fate::Gone) => return Ok(Posted::Gone),
            Some(Fate::Fails(code)) => return Err(Error::new(code, "It fails.")),
            Some(Fate::Slow(time)) => sleep(time).await,
            Some(Fate::Hangs) => pending().await,
        }
        Ok(Posted::Sent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the connections")
    }
}

impl PostToConnection for Connections {
    async fn post(&self, connection: &str, text: &str) -> Result<Posted, Error> {
        let posted = self.meet(connection).await?;
        if posted == Posted::Sent {
            let message = serde_json::from_str(text).expect("messages are JSON");
            self.state().sent.push((connection.to_owned(), message));
        }
        Ok(posted)
    }
}

impl DeleteConnection for Connections {
    async fn close(&self, connection: &str) -> Result<(), Error> {
        self.meet(connection).await?;
        self.state().closed.push(connection.to_owned());
        Ok(())
    }
}
