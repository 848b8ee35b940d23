//! The connections of server processes.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::conflict};
use tokio::sync::{mpsc, oneshot};

use crate::resources::server_push::ServerPush;

/// The most queued orders of a connection. A process gets few pushes: one with a full queue does not read.
pub(crate) const MAX_QUEUED_ORDERS: usize = 16;

/// One connection of a process.
#[derive(Debug)]
pub(crate) struct Line {
    number: u64,
    idempotency_token: Option<String>,
    orders: mpsc::Sender<Order>,
}

impl Line {
    pub(crate) fn new(number: u64, idempotency_token: Option<String>, orders: mpsc::Sender<Order>) -> Self {
        Self { number, idempotency_token, orders }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The `IdempotencyToken` that the connection was made with.
    pub(crate) fn idempotency_token(&self) -> Option<&String> {
        self.idempotency_token.as_ref()
    }

    /// Returns a check whether its game server still answers.
    pub(crate) fn check(&self) -> LineCheck {
        LineCheck { line: self.number, orders: self.orders.clone() }
    }

    /// Sends the push if the connection has room for it.
    pub(crate) fn push(&self, push: ServerPush) -> Result<(), NotSent> {
        self.orders.try_send(Order::Push(push)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Full,
            mpsc::error::TrySendError::Closed(_) => NotSent::Closed,
        })
    }
}

/// The reason why a connection does not take a push.
pub(crate) enum NotSent {
    /// The game server does not read.
    Full,
    /// The connection has ended.
    Closed,
}

/// An order of the service to a connection.
#[derive(Debug)]
pub enum Order {
    /// Send this to the game server.
    Push(ServerPush),
    /// Check whether the game server still answers, and confirm it if so.
    Check(oneshot::Sender<()>),
}

/// The reason why a game server may not connect.
#[derive(Debug)]
pub(crate) enum NotConnected {
    Refused(ServiceError),
    /// The process has these connections already. Only a check can tell whether they are still alive.
    InUse(Vec<LineCheck>),
}

impl From<ServiceError> for NotConnected {
    fn from(error: ServiceError) -> Self {
        Self::Refused(error)
    }
}

impl From<NotConnected> for ServiceError {
    fn from(why: NotConnected) -> Self {
        match why {
            NotConnected::Refused(error) => error,
            NotConnected::InUse(_) => conflict(
                "A process with this id is connected, and answers. Each run of a game server needs a process id (pID) \
                 of its own.",
            ),
        }
    }
}

/// Asks one connection of a process whether its game server still answers.
#[derive(Debug)]
pub(crate) struct LineCheck {
    /// The connection's number.
    pub(crate) line: u64,
    orders: mpsc::Sender<Order>,
}

impl LineCheck {
    /// Waits for the game server's answer. Returns `false` if the connection ends first.
    pub(crate) async fn is_answered(&self) -> bool {
        let (alive, answered) = oneshot::channel();
        self.orders.send(Order::Check(alive)).await.is_ok() && answered.await.is_ok()
    }
}
