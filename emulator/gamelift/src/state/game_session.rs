//! Game sessions: ACTIVATING, ACTIVE, TERMINATING, TERMINATED.

use std::{sync::Arc, time::Duration};

use emulator_core::{
    faults::effect::Effect,
    model::{
        error::ServiceError,
        exceptions::gamelift::{
            fleet_capacity_exceeded, idempotent_parameter_mismatch, invalid_game_session_status, not_found,
        },
        gamelift::{GameSessionStatus, GameSessionStatusReason, PlayerSessionCreationPolicy, PlayerSessionStatus},
    },
};

use crate::{
    resources::{
        fleet::Fleet,
        game_session::{CreationParameters, GameSession},
        server_process::{ProcessId, ProcessStatus},
    },
    state::{event::Event, whole::State},
};

/// How long an ended game session is remembered.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl State {
    /// Returns the game session with this ARN. An unknown ARN is a `NotFoundException` (inferred).
    pub(crate) fn game_session(&self, arn: &str) -> Result<&GameSession, ServiceError> {
        self.game_sessions.get(arn).ok_or_else(|| not_found("Game session", arn))
    }

    /// Returns the fleet's game sessions in the order of creation.
    pub(crate) fn game_sessions_of<'a>(&'a self, fleet: &Fleet) -> Vec<&'a GameSession> {
        let mut sessions: Vec<_> = self.game_sessions.values().filter(|session| session.fleet.id == fleet.id).collect();
        sessions.sort_unstable_by_key(|session| session.number);
        sessions
    }

    /// Starts a game session on a free server process and returns its ARN. If the fleet has a game session of the same
    /// `token`, returns that one, in whatever status.
    pub(crate) fn create_game_session(
        &mut self,
        fleet: &Arc<Fleet>,
        location: &str,
        token: Option<String>,
        parameters: CreationParameters,
    ) -> Result<String, ServiceError> {
        if let Some(token) = &token
            && let Some(known) = self.created_before(fleet, location, token, &parameters)?
        {
            return Ok(known);
        }
        fleet.check_active()?;
        if let Some(creator) = &parameters.creator_id {
            self.check_creation_rate(fleet, creator)?;
        }
        let Some((process, port)) = self.free_process(fleet, location) else {
            return Err(self.no_free_process(fleet, location));
        };
        let process = process.clone();
        let fault = self.faults.draw_for_game_session();
        if fault == Some(Effect::Capacity) {
            return Err(fleet_capacity_exceeded(
                "No active and available server processes: an injected lack of capacity.",
            ));
        }
        let id = token.unwrap_or_else(|| format!("gsess-{}", uuid::Uuid::new_v4()));
        let session = GameSession {
            arn: self.game_session_arn(fleet, location, &id),
            number: self.next_number(),
            fleet: Arc::clone(fleet),
            compute: Arc::clone(&self.processes[&process].compute),
            process,
            port,
            name: parameters.name.clone(),
            properties: parameters.properties.clone(),
            maximum_players: parameters.maximum_players,
            policy: PlayerSessionCreationPolicy::AcceptAll,
            protection: fleet.attributes.protection,
            status: GameSessionStatus::Activating,
            status_reason: None,
            creation_time: self.now,
            termination_time: None,
            player_sessions: Vec::new(),
            slots_taken: 0,
            dies_after: match fault {
                Some(Effect::ActivateThenDie(after)) => Some(after),
                _ => None,
            },
            parameters,
        };
        Ok(self.start_game_session(session, fault != Some(Effect::NeverActivate)))
    }

    /// Returns the ARN of the fleet's game session of this token, if there is one.
    ///
    /// # Errors
    /// The game session was created with other parameters or in another location.
    fn created_before(
        &self,
        fleet: &Fleet,
        location: &str,
        token: &str,
        parameters: &CreationParameters,
    ) -> Result<Option<String>, ServiceError> {
        // A token belongs to the fleet: it stands for the same game session in every location.
        let known = fleet
            .locations
            .iter()
            .find_map(|used_in| self.game_sessions.get(&self.game_session_arn(fleet, used_in, token)));
        let Some(known) = known else { return Ok(None) };
        if known.parameters == *parameters && known.arn == self.game_session_arn(fleet, location, token) {
            return Ok(Some(known.arn.clone()));
        }
        Err(idempotent_parameter_mismatch(format!("Game session {} was created with other parameters.", known.arn)))
    }

    /// Starts the game session on its process and returns its ARN. The process only gets the push if it is `told`.
    fn start_game_session(&mut self, session: GameSession, told: bool) -> String {
        let (arn, fleet, process) = (session.arn.clone(), Arc::clone(&session.fleet), session.process.clone());
        let push = session.creation_push();
        tracing::info!(game_session = arn, to = session.status.name(), "game session");
        if let Some(creator) = session.parameters.creator_id.clone() {
            self.count_creation(&fleet, creator);
        }
        self.game_sessions.insert(arn.clone(), session);
        self.set_process_status(&process, ProcessStatus::Hosting { game_session: arn.clone() });
        self.announce_game_session(&arn, None);
        if told {
            self.push(&process, push);
        }
        let timeout = fleet.activation_timeout.unwrap_or(self.activation_timeout);
        self.plan(timeout, Event::ActivationTimesOut(arn.clone()));
        arn
    }

    /// On an Anywhere fleet the ARN contains the location (observed; inferred for tokens).
    fn game_session_arn(&self, fleet: &Fleet, location: &str, id: &str) -> String {
        format!("arn:aws:gamelift:{}::gamesession/{}/{location}/{id}", self.region, fleet.id)
    }

    /// Returns the available process that started first, with its port. Built-in samples come last, because users want
    /// their own game servers to be used.
    pub(crate) fn free_process(&self, fleet: &Fleet, location: &str) -> Option<(&ProcessId, u16)> {
        self.processes
            .iter()
            .filter(|(_, process)| self.serves(process, fleet, location))
            .filter_map(|(id, process)| match process.status {
                // A process without a connection may come back soon, or never (inferred).
                ProcessStatus::Available { port } if process.is_connected() => {
                    Some((process.is_sample_server, process.number, id, port))
                }
                _ => None,
            })
            .min()
            .map(|(.., id, port)| (id, port))
    }

    fn no_free_process(&self, fleet: &Fleet, location: &str) -> ServiceError {
        let (mut connected, mut hosting, mut starting, mut ending, mut lost) = (0, 0, 0, 0, 0);
        for process in self.processes.values().filter(|process| self.serves(process, fleet, location)) {
            if !process.is_connected() {
                lost += 1;
                continue;
            }
            connected += 1;
            match process.status {
                ProcessStatus::Hosting { .. } => hosting += 1,
                ProcessStatus::Connected | ProcessStatus::Ready { .. } => starting += 1,
                ProcessStatus::Ending => ending += 1,
                ProcessStatus::Available { .. } => {}
            }
        }
        let mut message = format!(
            "No active and available server processes on fleet {} in location {location}: {connected} connected, \
             {hosting} of them with a game session",
            fleet.id,
        );
        for (count, what) in [
            (starting, "not ready yet (ProcessReady and a first heartbeat)"),
            (ending, "asked to end"),
            (lost, "whose connection is lost"),
        ] {
            if count > 0 {
                message += &format!(", {count} {what}");
            }
        }
        fleet_capacity_exceeded(message + ". Start more game servers or end a game session.")
    }

    /// Sets a game session's status; nothing else does.
    pub(crate) fn set_game_session_status(&mut self, arn: &str, to: GameSessionStatus, why: &str) {
        let session = self.game_sessions.get_mut(arn).expect("the caller looked it up");
        let from = std::mem::replace(&mut session.status, to);
        debug_assert_ne!(from, GameSessionStatus::Terminated, "a terminated game session never comes back");
        tracing::info!(game_session = arn, from = from.name(), to = to.name(), why, "game session");
        self.announce_game_session(arn, Some(from));
        if to == GameSessionStatus::Active {
            self.plan_crash(arn);
        }
        self.follow_game_session(arn, to);
    }

    /// Plans the crash of an ACTIVE game session's process, if an injected fault wants it.
    fn plan_crash(&mut self, arn: &str) {
        let session = &self.game_sessions[arn];
        if let Some((after, process)) = session.dies_after.zip(self.processes.get(&session.process)) {
            self.plan(after, Event::ProcessCrashes(session.process.clone(), process.number));
        }
    }

    /// Asks the server process to end the game session (`TerminateGameSession` in the mode
    /// `TRIGGER_ON_PROCESS_TERMINATE`). A repeated request is allowed (inferred).
    pub(crate) fn trigger_termination(&mut self, arn: &str) -> Result<(), ServiceError> {
        let session = self.game_session(arn)?;
        let process = session.process.clone();
        match session.status {
            GameSessionStatus::Activating | GameSessionStatus::Active => {
                self.set_game_session_status(arn, GameSessionStatus::Terminating, "TerminateGameSession");
                self.fail_backfill_of(arn);
            }
            GameSessionStatus::Terminating => {}
            GameSessionStatus::Terminated | GameSessionStatus::Error => {
                return Err(invalid_game_session_status(format!(
                    "Game session {arn} is {}; it cannot be terminated.",
                    session.status.name()
                )));
            }
        }
        // The game server decides whether it ends; the status waits for it.
        self.suggest_to_end(&process);
        Ok(())
    }

    /// Ends a game session that was not activated in time. Its process no longer counts as capacity of the fleet and is
    /// asked to end (inferred).
    pub(crate) fn time_activation_out(&mut self, arn: &str) {
        let Some(session) = self.game_sessions.get(arn) else { return };
        if session.status != GameSessionStatus::Activating {
            return;
        }
        let process = session.process.clone();
        self.end_game_session(arn, "activation timed out");
        self.set_process_status(&process, ProcessStatus::Ending);
        self.ask_to_end(&process, "activation timed out");
    }

    /// Ends the game session and its remaining player sessions (their statuses are inferred).
    pub(crate) fn end_game_session(&mut self, arn: &str, why: &str) {
        let session = &self.game_sessions[arn];
        for id in session.player_sessions.clone() {
            match self.player_sessions[&id].status {
                PlayerSessionStatus::Reserved => self.set_player_session_status(&id, PlayerSessionStatus::TimedOut),
                PlayerSessionStatus::Active => self.set_player_session_status(&id, PlayerSessionStatus::Completed),
                PlayerSessionStatus::Completed | PlayerSessionStatus::TimedOut => {}
            }
        }
        let now = self.now;
        let session = self.game_sessions.get_mut(arn).expect("looked up above");
        session.termination_time = Some(now);
        if session.status == GameSessionStatus::Terminating {
            session.status_reason = Some(GameSessionStatusReason::TriggeredOnProcessTerminate);
        }
        self.set_game_session_status(arn, GameSessionStatus::Terminated, why);
        self.fail_backfill_of(arn);
        self.plan(RETENTION, Event::RetentionEnds(arn.to_owned()));
    }

    pub(crate) fn forget_game_session(&mut self, arn: &str) {
        if let Some(session) = self.game_sessions.remove(arn) {
            for id in &session.player_sessions {
                self.player_sessions.remove(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use emulator_core::{clock::Clock, events::EventBus, faults::set::Faults, settings::Settings};

    use super::*;
    use crate::{resources::connect_request::ConnectRequest, service::GameLift};

    #[test]
    fn a_token_stands_for_one_game_session_of_the_fleet_in_any_location() {
        const OTHER: &str = "custom-other";
        let gamelift = GameLift::new(&Settings::default(), Clock::stopped(), Faults::default(), EventBus::default());
        let gamelift = Arc::new(gamelift);
        gamelift.with_state(|state| {
            let fleet = state.fleets.get_mut(Settings::FLEET_ID).unwrap();
            Arc::get_mut(fleet).unwrap().locations.push(OTHER.into());
        });
        let request = ConnectRequest {
            fleet_id: Settings::FLEET_ID.into(),
            compute_name: Settings::COMPUTE_NAME.into(),
            ..ConnectRequest::default()
        };
        let server = gamelift.connect_process(&request).unwrap();
        gamelift.process_ready(&server, 7777).unwrap();
        gamelift.heartbeat(server.id(), true).unwrap();

        gamelift.with_state(|state| {
            let fleet = Arc::clone(&state.fleets[Settings::FLEET_ID]);
            let mut create = |location: &str, maximum_players| {
                let parameters = CreationParameters {
                    name: None,
                    properties: BTreeMap::new(),
                    maximum_players,
                    creator_id: None,
                    data: None,
                    matchmaker_data: None,
                };
                state.create_game_session(&fleet, location, Some("token".into()), parameters)
            };
            let first = create(Settings::LOCATION, 2).unwrap();
            assert_eq!(create(Settings::LOCATION, 2).unwrap(), first);
            for (location, maximum_players) in [(Settings::LOCATION, 3), (OTHER, 2)] {
                let refused = create(location, maximum_players).unwrap_err();
                assert_eq!(refused.exception, "IdempotentParameterMismatchException");
            }
        });
    }
}
