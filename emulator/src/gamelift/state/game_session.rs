//! Game sessions: ACTIVATING, ACTIVE, TERMINATING, TERMINATED.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    Compute, Event, Fleet, GameSessionStatus, PlayerSessionCreationPolicy, PlayerSessionStatus, ProcessId,
    ProcessStatus, State,
};
use crate::{
    ServiceError,
    gamelift::{
        ServerPush,
        exceptions::{
            fleet_capacity_exceeded, idempotent_parameter_mismatch, invalid_game_session_status, limit_exceeded,
            not_found,
        },
    },
};

/// A game session is remembered this long after its end.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// One game on one server process.
pub(in crate::gamelift) struct GameSession {
    pub(in crate::gamelift) arn: String,
    /// See [`State::next_number`].
    pub(in crate::gamelift) number: u64,
    pub(in crate::gamelift) fleet: Arc<Fleet>,
    pub(in crate::gamelift) compute: Arc<Compute>,
    pub(in crate::gamelift) process: ProcessId,
    pub(in crate::gamelift) port: u16,
    /// What it was created with, for a request that comes again. Updates do not change it.
    pub(in crate::gamelift) parameters: CreationParameters,
    pub(in crate::gamelift) name: Option<String>,
    pub(in crate::gamelift) properties: BTreeMap<String, String>,
    pub(in crate::gamelift) maximum_players: usize,
    pub(in crate::gamelift) policy: PlayerSessionCreationPolicy,
    /// Changed by [`State::set_game_session_status`] only.
    pub(in crate::gamelift) status: GameSessionStatus,
    pub(in crate::gamelift) status_reason: Option<&'static str>,
    pub(in crate::gamelift) creation_time: Timestamp,
    pub(in crate::gamelift) termination_time: Option<Timestamp>,
    /// The ids of all player sessions it ever had.
    pub(in crate::gamelift) player_sessions: Vec<String>,
    /// How many of them are RESERVED or ACTIVE.
    pub(in crate::gamelift) slots_taken: usize,
    /// Since when no slot is taken.
    pub(in crate::gamelift) empty_since: Option<Timestamp>,
}

/// The members of `CreateGameSession` that an idempotency token stands for (the set is inferred;
/// fleet and location are part of the id).
#[derive(Clone, PartialEq, Eq)]
pub(in crate::gamelift) struct CreationParameters {
    pub(in crate::gamelift) name: Option<String>,
    pub(in crate::gamelift) properties: BTreeMap<String, String>,
    pub(in crate::gamelift) maximum_players: usize,
    pub(in crate::gamelift) creator_id: Option<String>,
    pub(in crate::gamelift) data: Option<String>,
}

/// Without what the game's author put into it.
impl std::fmt::Debug for GameSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GameSession").field("arn", &self.arn).field("status", &self.status).finish_non_exhaustive()
    }
}

impl GameSession {
    pub(in crate::gamelift) fn free_slots(&self) -> usize {
        self.maximum_players.saturating_sub(self.slots_taken)
    }

    /// Whether a player could join (inferred from the examples of `SearchGameSessions`).
    pub(in crate::gamelift) fn is_open(&self) -> bool {
        self.policy == PlayerSessionCreationPolicy::AcceptAll && self.free_slots() > 0
    }
}

impl State {
    /// The game session with this ARN. Unknown: `NotFoundException` (inferred).
    pub(in crate::gamelift) fn game_session(&self, arn: &str) -> Result<&GameSession, ServiceError> {
        self.game_sessions.get(arn).ok_or_else(|| not_found("Game session", arn))
    }

    /// The fleet's game sessions in the order of their creation.
    pub(in crate::gamelift) fn game_sessions_of<'a>(&'a self, fleet: &Fleet) -> Vec<&'a GameSession> {
        let mut sessions: Vec<_> = self.game_sessions.values().filter(|session| session.fleet.id == fleet.id).collect();
        sessions.sort_unstable_by_key(|session| session.number);
        sessions
    }

    /// Starts a game session on a free server process. With a `token` that was used before, the
    /// game session of that time is the answer, whatever became of it. Returns the ARN.
    pub(in crate::gamelift) fn create_game_session(
        &mut self,
        fleet: &Arc<Fleet>,
        location: &str,
        token: Option<String>,
        parameters: CreationParameters,
    ) -> Result<String, ServiceError> {
        let id = token.unwrap_or_else(|| format!("gsess-{}", uuid::Uuid::new_v4()));
        // On an Anywhere fleet the location is part of the id (observed; inferred for tokens).
        let arn = format!("arn:aws:gamelift:{}::gamesession/{}/{location}/{id}", self.region, fleet.id);
        if let Some(known) = self.game_sessions.get(&arn) {
            if known.parameters == parameters {
                return Ok(arn);
            }
            return Err(idempotent_parameter_mismatch(format!(
                "Game session {arn} was created with other parameters."
            )));
        }
        self.check_creation_rate(parameters.creator_id.as_deref())?;
        let (process, port) = self.free_process(fleet, location)?;
        let compute = Arc::clone(&self.processes[&process].compute);

        let push = ServerPush::CreateGameSession {
            game_session_id: arn.clone(),
            game_session_name: parameters.name.clone(),
            game_session_data: parameters.data.clone(),
            game_properties: parameters.properties.clone(),
            maximum_player_session_count: parameters.maximum_players,
            ip_address: compute.ip_address.clone(),
            port,
            creation_time: self.now,
        };
        let session = GameSession {
            arn: arn.clone(),
            number: self.next_number(),
            fleet: Arc::clone(fleet),
            compute,
            process: process.clone(),
            port,
            name: parameters.name.clone(),
            properties: parameters.properties.clone(),
            maximum_players: parameters.maximum_players,
            policy: PlayerSessionCreationPolicy::AcceptAll,
            status: GameSessionStatus::Activating,
            status_reason: None,
            creation_time: self.now,
            termination_time: None,
            player_sessions: Vec::new(),
            slots_taken: 0,
            empty_since: Some(self.now),
            parameters,
        };
        tracing::info!(game_session = arn, to = session.status.name(), "game session");
        if let Some(creator) = &session.parameters.creator_id {
            self.recent_creations.insert(creator.clone(), self.now);
        }
        self.game_sessions.insert(arn.clone(), session);
        self.set_process_status(&process, ProcessStatus::Hosting { game_session: arn.clone() });
        self.push(&process, push);
        self.plan(self.activation_timeout, Event::ActivationTimesOut(arn.clone()));
        Ok(arn)
    }

    /// Without a limit policy of the fleet, a creator may create one game session a second.
    fn check_creation_rate(&mut self, creator: Option<&str>) -> Result<(), ServiceError> {
        let now = self.now;
        self.recent_creations.retain(|_, created| now.duration_since(*created) < SignedDuration::from_secs(1));
        match creator {
            Some(creator) if self.recent_creations.contains_key(creator) => {
                Err(limit_exceeded("This creator has created a game session within the last second."))
            }
            _ => Ok(()),
        }
    }

    /// The process that has been waiting for a game session the longest, with its port.
    fn free_process(&self, fleet: &Fleet, location: &str) -> Result<(ProcessId, u16), ServiceError> {
        let here = || {
            self.processes
                .iter()
                .filter(|(_, process)| process.compute.fleet_id == fleet.id && process.compute.location == location)
        };
        here()
            .filter_map(|(id, process)| match process.status {
                ProcessStatus::Available { port } => Some((process.number, id, port)),
                _ => None,
            })
            .min()
            .map(|(_, id, port)| (id.clone(), port))
            .ok_or_else(|| {
                let hosting = here().filter(|(_, process)| matches!(process.status, ProcessStatus::Hosting { .. }));
                fleet_capacity_exceeded(format!(
                    "No active and available server processes on fleet {} in location {location}: {} connected, {} \
                     of them with a game session. Start more game servers or end a game session.",
                    fleet.id,
                    here().count(),
                    hosting.count()
                ))
            })
    }

    /// The one place where a game session's status changes.
    pub(super) fn set_game_session_status(&mut self, arn: &str, to: GameSessionStatus, why: &str) {
        let session = self.game_sessions.get_mut(arn).expect("the caller looked it up");
        let from = std::mem::replace(&mut session.status, to);
        debug_assert_ne!(from, GameSessionStatus::Terminated, "a terminated game session never comes back");
        tracing::info!(game_session = arn, from = from.name(), to = to.name(), why, "game session");
    }

    /// Asks the server process to end the game session (`TerminateGameSession` in the mode
    /// `TRIGGER_ON_PROCESS_TERMINATE`). Asking again is allowed (inferred).
    pub(in crate::gamelift) fn trigger_termination(&mut self, arn: &str) -> Result<(), ServiceError> {
        let session = self.game_session(arn)?;
        let process = session.process.clone();
        match session.status {
            GameSessionStatus::Activating | GameSessionStatus::Active => {
                self.set_game_session_status(arn, GameSessionStatus::Terminating, "TerminateGameSession");
            }
            GameSessionStatus::Terminating => {}
            GameSessionStatus::Terminated | GameSessionStatus::Error => {
                return Err(invalid_game_session_status(format!(
                    "Game session {arn} is {}; it cannot be terminated.",
                    session.status.name()
                )));
            }
        }
        let termination_time = self.now;
        self.push(&process, ServerPush::TerminateProcess { termination_time });
        Ok(())
    }

    /// The game server did not activate its game session in time. The process keeps no slot in the
    /// fleet's capacity and is asked to end (inferred).
    pub(super) fn time_activation_out(&mut self, arn: &str) {
        let Some(session) = self.game_sessions.get(arn) else { return };
        if session.status != GameSessionStatus::Activating {
            return;
        }
        let process = session.process.clone();
        self.end_game_session(arn, "activation timed out");
        self.set_process_status(&process, ProcessStatus::Ending);
        let termination_time = self.now;
        self.push(&process, ServerPush::TerminateProcess { termination_time });
    }

    /// The end: what is left of the player sessions ends too (how is inferred).
    pub(super) fn end_game_session(&mut self, arn: &str, why: &str) {
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
            session.status_reason = Some("TRIGGERED_ON_PROCESS_TERMINATE");
        }
        self.set_game_session_status(arn, GameSessionStatus::Terminated, why);
        self.plan(RETENTION, Event::RetentionEnds(arn.to_owned()));
    }

    pub(super) fn forget_game_session(&mut self, arn: &str) {
        if let Some(session) = self.game_sessions.remove(arn) {
            for id in &session.player_sessions {
                self.player_sessions.remove(id);
            }
        }
    }
}
