//! The health of server processes, and the end of unhealthy ones.
//!
//! A process is asked to end after three heartbeats in a row that were unhealthy or did not come. Five minutes later it
//! is ended. A process without a connection cannot be asked.
//!
//! Steps of the clock do not count for connected processes: real game servers send one heartbeat a real minute, and
//! cannot send any within a step.

use std::time::Duration;

use emulator_core::{
    clock::after,
    model::{error::ServiceError, exceptions::gamelift::invalid_request},
};

use crate::{
    resources::{
        health::Health,
        server_process::{ProcessId, ProcessStatus},
        server_push::ServerPush,
    },
    state::{event::Event, whole::State},
};

/// A process has to end after this many heartbeats in a row that were unhealthy or did not come.
const MAX_STRIKES: u8 = 3;

impl State {
    /// Starts to wait for heartbeats of a process that has become ready.
    pub(crate) fn expect_heartbeats(&mut self, id: &ProcessId) {
        let patience = self.patience.heartbeat + self.patience.jitter;
        let expected = after(self.now, patience);
        let Some(process) = self.processes.get_mut(id) else { return };
        process.health = Health::new(expected);
        let number = process.number;
        self.plan(patience, Event::HeartbeatIsDue(id.clone(), number));
    }

    /// Ends a process that did not become ready in time (the event `SERVER_PROCESS_PROCESS_READY_TIMEOUT`).
    pub(crate) fn time_ready_out(&mut self, id: &ProcessId, number: u64) {
        if self.numbered(id, number).is_some_and(|process| matches!(process.status, ProcessStatus::Connected)) {
            tracing::warn!(process = %id, "a game server did not call ProcessReady in time");
            drop(self.end_process(id, "ProcessReady did not come in time"));
        }
    }

    /// Records a heartbeat (`HeartbeatServerProcess`).
    pub(crate) fn heartbeat(&mut self, id: &ProcessId, healthy: bool) -> Result<(), ServiceError> {
        let expected = after(self.now, self.patience.heartbeat + self.patience.jitter);
        let process = self.process_mut(id)?;
        if matches!(process.status, ProcessStatus::Connected) {
            return Err(invalid_request(format!("Process {id} is not ready: ProcessReady comes before heartbeats.")));
        }
        process.health.expect(expected);
        if !healthy {
            tracing::warn!(process = %id, "a game server says that it is not healthy");
            self.strike(id, "not healthy");
            return Ok(());
        }
        process.health.recover();
        if let ProcessStatus::Ready { port } = process.status {
            self.set_process_status(id, ProcessStatus::Available { port });
        }
        Ok(())
    }

    /// Postpones the heartbeats of connected processes by the latest steps of the clock. `stepped` is the sum of all
    /// steps so far.
    pub(crate) fn forgive_steps(&mut self, stepped: Duration) {
        let step = stepped.saturating_sub(std::mem::replace(&mut self.stepped, stepped));
        if step.is_zero() {
            return;
        }
        for process in self.processes.values_mut().filter(|process| process.is_connected()) {
            process.health.forgive(step);
        }
    }

    /// See [`GameLift::miss_heartbeat`](crate::service::GameLift::miss_heartbeat).
    pub(crate) fn miss_heartbeat(&mut self, id: &ProcessId) -> Result<(), ServiceError> {
        self.process(id)?;
        self.strike(id, "no heartbeats");
        Ok(())
    }

    /// Counts a missed heartbeat. A jump of the clock counts once: no process can connect again within it.
    pub(crate) fn check_heartbeat(&mut self, id: &ProcessId, number: u64) {
        let (now, next) = (self.now, after(self.running_until, self.patience.heartbeat));
        let Some(process) = self.processes.get_mut(id).filter(|process| process.number == number) else { return };
        if process.must_end() {
            return;
        }
        if now >= process.health.expected() {
            process.health.expect(next);
            tracing::warn!(process = %id, "a heartbeat of a game server is missing");
            self.strike(id, "no heartbeats");
        }
        if let Some(process) = self.numbered(id, number) {
            let expected = process.health.expected();
            self.timers.plan(expected, Event::HeartbeatIsDue(id.clone(), number));
        }
    }

    fn strike(&mut self, id: &ProcessId, why: &str) {
        let Some(process) = self.processes.get_mut(id) else { return };
        if process.health.strike() < MAX_STRIKES || process.must_end() {
            return;
        }
        if process.is_connected() {
            self.ask_to_end(id, why);
        } else {
            // The process has no connection, so it cannot be asked.
            drop(self.end_process(id, "process crashed: no heartbeats and no connection"));
        }
    }

    /// Asks the process to end, and ends it five minutes later if it still runs.
    pub(crate) fn ask_to_end(&mut self, id: &ProcessId, why: &str) {
        let termination_time = after(self.now, self.patience.termination);
        let Some(process) = self.processes.get_mut(id) else { return };
        process.has_to_end();
        let number = process.number;
        if !matches!(process.status, ProcessStatus::Hosting { .. }) {
            self.set_process_status(id, ProcessStatus::Ending);
        }
        tracing::info!(process = %id, why, "a game server is asked to end");
        self.push(id, ServerPush::TerminateProcess { termination_time });
        self.plan(self.patience.termination, Event::ProcessMustEnd(id.clone(), number));
    }

    /// Asks the process to end, without forcing it.
    pub(crate) fn suggest_to_end(&mut self, id: &ProcessId) {
        let termination_time = after(self.now, self.patience.termination);
        self.push(id, ServerPush::TerminateProcess { termination_time });
    }

    /// Tells all game servers to end before a reset. No SDK connects again after a reset, so they would otherwise wait
    /// forever.
    pub(crate) fn end_everything(&mut self) {
        let termination_time = self.now;
        for id in self.processes.keys().cloned().collect::<Vec<_>>() {
            self.push(&id, ServerPush::TerminateProcess { termination_time });
        }
    }

    /// Crashes a process because of an injected fault.
    pub(crate) fn crash_process(&mut self, id: &ProcessId, number: u64) {
        if self.numbered(id, number).is_some() {
            // The fault changes only the service's view. A real game server would run on and keep its port if it were
            // not told.
            self.push(id, ServerPush::TerminateProcess { termination_time: self.now });
            drop(self.end_process(id, "an injected fault crashed the process"));
        }
    }

    pub(crate) fn force_end(&mut self, id: &ProcessId, number: u64) {
        if self.numbered(id, number).is_some() {
            drop(self.end_process(id, "process did not end in time"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, settings::Settings};
    use rstest::rstest;

    use super::*;
    use crate::{processes::ProcessConnection, resources::connect_request::ConnectRequest, service::GameLift};

    fn available_on(clock: &Clock) -> (Arc<GameLift>, ProcessConnection) {
        let settings = Settings::default();
        let gamelift = Arc::new(GameLift::new(&settings, clock.clone(), Faults::default(), EventBus::default()));
        let request = ConnectRequest {
            fleet_id: Settings::FLEET_ID.into(),
            compute_name: Settings::COMPUTE_NAME.into(),
            ..ConnectRequest::default()
        };
        let server = gamelift.connect_process(&request).unwrap();
        gamelift.process_ready(&server, 7777).unwrap();
        gamelift.heartbeat(server.id(), true).unwrap();
        (gamelift, server)
    }

    fn must_end(gamelift: &GameLift, server: &ProcessConnection) -> bool {
        gamelift.with_state(|state| state.process(server.id()).unwrap().must_end())
    }

    /// The patience is real time at any speed of the clock.
    #[rstest]
    #[tokio::test(start_paused = true)]
    async fn three_heartbeats_that_do_not_come_in_time_are_noticed(#[values(1.0, 600.0)] scale: f64) {
        let clock = Clock::new(scale);
        let (gamelift, server) = available_on(&clock);
        for _ in 0..189 {
            tokio::time::advance(Duration::from_secs(1)).await;
            // Steps neither count as missed heartbeats nor postpone what is due.
            clock.step(Duration::from_secs(500));
            assert!(!must_end(&gamelift, &server));
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(must_end(&gamelift, &server));
    }

    #[tokio::test(start_paused = true)]
    async fn on_a_fast_clock_a_heartbeat_a_real_minute_is_enough() {
        let (gamelift, server) = available_on(&Clock::new(600.0));
        for _ in 0..20 {
            // The latest heartbeat that an SDK's jitter allows.
            tokio::time::advance(Duration::from_secs(69)).await;
            assert_eq!(gamelift.with_state(|state| state.process(server.id()).unwrap().health.strikes()), 0);
            gamelift.heartbeat(server.id(), true).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn on_a_fast_clock_a_game_server_has_five_real_minutes_to_end() {
        let (gamelift, mut server) = available_on(&Clock::new(600.0));
        for _ in 0..3 {
            gamelift.miss_heartbeat(server.id()).unwrap();
        }
        let now = gamelift.with_state(|state| state.now);
        let push = server.next_push().await;
        let five_real_minutes = Duration::from_secs(600 * 5 * 60);
        assert_eq!(push, Some(ServerPush::TerminateProcess { termination_time: after(now, five_real_minutes) }));
        tokio::time::advance(Duration::from_secs(299)).await;
        assert!(gamelift.has_process(server.id()));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!gamelift.has_process(server.id()));
    }
}
