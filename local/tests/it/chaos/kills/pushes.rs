//! Sockets as functions push to them, one run of which may meet something at one of its calls.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use aws::connections::{DeleteConnection, PostToConnection, Posted};
use shared::{Code, Error};
use testing::{
    connections::{Connections, Fate},
    life::Life,
};

/// What a call of `@connections` can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// The run dies before it is sent.
    KilledBefore,
    /// The run dies when it is sent.
    KilledAfter,
    /// The connection is gone, from now on.
    Gone,
    /// The call fails.
    Fails,
    /// It has no end.
    Hangs,
}

impl Hit {
    pub(crate) const ALL: [Self; 5] = [Self::KilledBefore, Self::KilledAfter, Self::Gone, Self::Fails, Self::Hangs];
}

/// The way to all connections.
#[derive(Clone, Debug)]
pub(crate) struct Pushes {
    connections: Connections,
    life: Life,
    plan: Option<(usize, Hit)>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Pushes {
    /// The way of a run with this life, which meets something at the call of a number, counted from 0.
    pub(crate) fn of(connections: Connections, life: Life, plan: Option<(usize, Hit)>) -> Self {
        Self { connections, life, plan, calls: Arc::default() }
    }

    /// The calls so far, such as `post`: sockets are told at once, in any order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn call<T>(
        &self,
        name: &'static str,
        connection: &str,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if self.life.is_over() {
            return pending().await;
        }
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(name.to_owned());
            calls.len() - 1
        };
        match self.plan.filter(|(planned, _)| *planned == number).map(|(_, hit)| hit) {
            None => call.await,
            Some(Hit::KilledBefore) => self.life.end().await,
            Some(Hit::KilledAfter) => {
                let _ = call.await;
                self.life.end().await
            }
            Some(Hit::Gone) => {
                self.connections.let_be(connection, Fate::Gone);
                call.await
            }
            Some(Hit::Fails) => Err(Error::new(Code::UpstreamUnavailable, "The push fails, as the test wants it.")),
            Some(Hit::Hangs) => pending().await,
        }
    }
}

impl PostToConnection for Pushes {
    async fn post(&self, connection: &str, text: &str) -> Result<Posted, Error> {
        self.call("post", connection, self.connections.post(connection, text)).await
    }
}

impl DeleteConnection for Pushes {
    async fn close(&self, connection: &str) -> Result<(), Error> {
        self.call("close", connection, self.connections.close(connection)).await
    }
}
