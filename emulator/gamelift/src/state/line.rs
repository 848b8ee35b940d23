//! The connections of server processes, and the pushes over them.

use emulator_core::model::gamelift::GameSessionStatus;

use crate::{
    resources::{
        server_process::{ProcessId, ProcessStatus},
        server_push::ServerPush,
    },
    state::whole::State,
};

impl State {
    /// Removes one connection of the process. The pushes `unsent` have not been acknowledged. The process stays,
    /// because it may come back, unless it has nothing to come back to. `let_go`: the service closed the connection
    /// because it stops.
    pub(crate) fn disconnect_process(&mut self, id: &ProcessId, line: u64, unsent: Vec<ServerPush>, let_go: bool) {
        let Some(process) = self.processes.get_mut(id) else { return };
        let undelivered = process.hang_up(line);
        for push in unsent.into_iter().chain(undelivered) {
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

    /// Whether a process without a connection has nothing to come back to: no game session, and no compute to connect
    /// from.
    fn cannot_come_back(&self, id: &ProcessId) -> bool {
        self.processes.get(id).is_some_and(|process| {
            !matches!(process.status, ProcessStatus::Hosting { .. })
                && self.find_compute(&process.compute.fleet_id, &process.compute.name).is_none()
        })
    }

    /// Whether a delayed push is still true. The process may have started again since, or its game session may have
    /// ended.
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
                process.must_end() || hosted.is_some_and(|it| it.status == GameSessionStatus::Terminating)
            }
            ServerPush::RefreshConnection { auth_token, .. } => process.is_refreshing_with(auth_token),
        }
    }

    /// Sends the process a push, now or when it has a connection again.
    pub(crate) fn push(&mut self, id: &ProcessId, push: ServerPush) {
        if let Some(process) = self.processes.get_mut(id) {
            process.tell(id, push);
        }
    }
}
