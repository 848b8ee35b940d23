//! The connections of server processes.

use emulator_core::model::{error::ServiceError, exceptions::gamelift::conflict};
use tokio::sync::{mpsc, oneshot};

use crate::resources::server_push::ServerPush;

/// A process gets few pushes; one that does not take this many is not reading.
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

    /// How to find out whether its game server still answers.
    pub(crate) fn check(&self) -> LineCheck {
        LineCheck { line: self.number, orders: self.orders.clone() }
    }

    /// Sends the push, if the connection has room for it.
    pub(crate) fn push(&self, push: ServerPush) -> Result<(), NotSent> {
        self.orders.try_send(Order::Push(push)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Full,
            mpsc::error::TrySendError::Closed(_) => NotSent::Closed,
        })
    }
}

/// Why a connection does not take a push.
pub(crate) enum NotSent {
    /// Its game server does not read.
    Full,
    /// It has ended.
    Closed,
}

/// What the service wants of a connection.
#[derive(Debug)]
pub enum Order {
    /// Tell the game server.
    Push(ServerPush),
    /// Find out whether the game server still answers, and say so if it does.
    Check(oneshot::Sender<()>),
}

/// Why a game server was not let in.
#[derive(Debug)]
pub(crate) enum NotConnected {
    Refused(ServiceError),
    /// The process has these connections. Whether anybody is still behind them only a check can tell.
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
    /// Names the connection.
    pub(crate) line: u64,
    orders: mpsc::Sender<Order>,
}

impl LineCheck {
    /// Waits for the game server's answer. `false`: the connection has ended meanwhile.
    pub(crate) async fn is_answered(&self) -> bool {
        let (alive, answered) = oneshot::channel();
        self.orders.send(Order::Check(alive)).await.is_ok() && answered.await.is_ok()
    }
}
