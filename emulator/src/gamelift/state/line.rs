//! The connections of server processes, and what is told over them.

use tokio::sync::{mpsc, oneshot};

use super::{GameSessionStatus, ProcessId, ProcessStatus, ServerProcess, State};
use crate::{
    ServiceError,
    gamelift::{ConnectRequest, ServerPush, exceptions::conflict},
};

/// A process gets few pushes; one that does not take this many is not reading.
pub(super) const MAX_QUEUED_ORDERS: usize = 16;

/// One connection of a process.
#[derive(Debug)]
pub(in crate::gamelift) struct Line {
    pub(super) number: u64,
    pub(super) idempotency_token: Option<String>,
    pub(super) orders: mpsc::Sender<Order>,
}

/// What the service wants of a connection.
#[derive(Debug)]
pub(crate) enum Order {
    /// Tell the game server.
    Push(ServerPush),
    /// Find out whether the game server still answers, and say so if it does.
    Check(oneshot::Sender<()>),
}

/// Why a game server was not let in.
#[derive(Debug)]
pub(in crate::gamelift) enum NotConnected {
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
pub(in crate::gamelift) struct LineCheck {
    /// Names the connection.
    pub(in crate::gamelift) line: u64,
    orders: mpsc::Sender<Order>,
}

impl LineCheck {
    /// Waits for the game server's answer. `false`: the connection has ended meanwhile.
    pub(in crate::gamelift) async fn is_answered(&self) -> bool {
        let (alive, answered) = oneshot::channel();
        self.orders.send(Order::Check(alive)).await.is_ok() && answered.await.is_ok()
    }
}

impl ServerProcess {
    /// Whether it has a connection.
    pub(in crate::gamelift) fn is_connected(&self) -> bool {
        !self.lines.is_empty()
    }

    /// What a second connection has to show (inferred from the texts of the SDKs' errors): the
    /// `IdempotencyToken` of the first, which is a reconnect that was quicker than the news of the
    /// loss, or the token of a `RefreshConnection`. Without either the first has to be dead.
    pub(super) fn check_second_connection(&self, request: &ConnectRequest) -> Result<(), NotConnected> {
        let reconnects = request.idempotency_token.is_some()
            && self.lines.iter().any(|line| line.idempotency_token == request.idempotency_token);
        let refreshes = self.refreshing.is_some() && self.refreshing == request.authorization;
        if !self.is_connected() || reconnects || refreshes {
            return Ok(());
        }
        let check = |line: &Line| LineCheck { line: line.number, orders: line.orders.clone() };
        Err(NotConnected::InUse(self.lines.iter().map(check).collect()))
    }

    pub(in crate::gamelift) fn has_line(&self, number: u64) -> bool {
        self.lines.iter().any(|line| line.number == number)
    }
}

impl State {
    /// One of the process's connections is gone, without a sign that the pushes `unsent` have arrived. The process
    /// stays, as it may come back, unless there is nothing yet that it could come back to. `let_go`:
    /// the service has ended the connection because it stops.
    pub(in crate::gamelift) fn disconnect_process(
        &mut self,
        id: &ProcessId,
        line: u64,
        unsent: Vec<ServerPush>,
        let_go: bool,
    ) {
        let Some(process) = self.processes.get_mut(id) else { return };
        process.lines.retain(|known| known.number != line);
        let waiting: Vec<_> = unsent.into_iter().chain(process.undelivered.drain(..)).collect();
        for push in waiting {
            if self.still_means_something(id, &push) {
                self.push(id, push);
            }
        }
        let Some(process) = self.processes.get(id) else { return };
        if process.is_connected() {
            return;
        }
        if matches!(process.status, ProcessStatus::Connected) {
            tracing::debug!(process = %id, "server process left before it was ready");
            let number = process.number;
            self.processes.remove(id);
            self.forget_timers_of(number);
        } else if let_go {
            tracing::debug!(process = %id, "server process was let go");
        } else if self.cannot_come_back(id) {
            drop(self.end_process(id, "it lost its connection after its compute was deregistered"));
        } else {
            tracing::warn!(
                process = %id,
                status = process.status.name(),
                "a game server lost its connection without ProcessEnding; it is given up after three missed heartbeats"
            );
        }
    }

    /// Whether a process without a connection has nothing to come back to: no game session, and no
    /// compute that it could connect from.
    fn cannot_come_back(&self, id: &ProcessId) -> bool {
        self.processes.get(id).is_some_and(|process| {
            !matches!(process.status, ProcessStatus::Hosting { .. })
                && self.find_compute(&process.compute.fleet_id, &process.compute.name).is_none()
        })
    }

    /// Whether a push that was not sent when it should have been is still true. The process may have
    /// been started again since, or its game session may have ended.
    fn still_means_something(&self, id: &ProcessId, push: &ServerPush) -> bool {
        let Some(process) = self.processes.get(id) else { return false };
        let hosted = self.hosted_game_session(id);
        match push {
            ServerPush::CreateGameSession { game_session_id, .. } => {
                hosted.is_some_and(|it| it.arn == *game_session_id && it.status == GameSessionStatus::Activating)
            }
            ServerPush::UpdateGameSession { game_session, .. } => {
                hosted.is_some_and(|it| it.arn == game_session.game_session_id)
            }
            ServerPush::TerminateProcess { .. } => {
                process.must_end || hosted.is_some_and(|it| it.status == GameSessionStatus::Terminating)
            }
            ServerPush::RefreshConnection { auth_token, .. } => process.refreshing.as_ref() == Some(auth_token),
        }
    }

    /// Tells the process something, now or when it has a connection again.
    pub(super) fn push(&mut self, id: &ProcessId, push: ServerPush) {
        let Some(process) = self.processes.get_mut(id) else { return };
        let undelivered = match process.lines.last() {
            Some(line) => match line.orders.try_send(Order::Push(push.clone())) {
                Ok(()) => return,
                Err(mpsc::error::TrySendError::Closed(_)) => push,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    tracing::warn!(process = %id, "a game server does not read what it is told; its connection is cut");
                    process.lines.pop();
                    push
                }
            },
            None => push,
        };
        // Only the last of a kind means anything, so this stays short.
        process.undelivered.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&undelivered));
        process.undelivered.push(undelivered);
    }
}
