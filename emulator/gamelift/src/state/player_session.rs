//! Player sessions: reserved, then active, then ended.

use std::time::Duration;

use emulator_core::model::{
    error::ServiceError,
    exceptions::gamelift::{game_session_full, invalid_game_session_status, not_found},
    gamelift::{GameSessionStatus, PlayerSessionCreationPolicy, PlayerSessionStatus},
};

use crate::{
    resources::player_session::PlayerSession,
    state::{event::Event, whole::State},
};

/// How long a slot is reserved for its player (`CreatePlayerSession`).
const RESERVATION: Duration = Duration::from_secs(60);

impl State {
    /// Reserves a slot for each player, or for none, and returns the player sessions' ids. AWS does not say what
    /// happens if only some of the slots are free (inferred). A player may have several player sessions (inferred).
    pub(crate) fn reserve(
        &mut self,
        game_session: &str,
        players: Vec<(String, Option<String>)>,
    ) -> Result<Vec<String>, ServiceError> {
        let session = self.game_session(game_session)?;
        if session.status != GameSessionStatus::Active {
            return Err(invalid_game_session_status(format!(
                "Game session {game_session} is {}; players can join an ACTIVE one.",
                session.status.name()
            )));
        }
        if session.policy == PlayerSessionCreationPolicy::DenyAll {
            return Err(invalid_game_session_status(format!("Game session {game_session} denies new players.")));
        }
        if session.free_slots() < players.len() {
            return Err(game_session_full(format!(
                "Game session {game_session} has {} of {} slots free.",
                session.free_slots(),
                session.maximum_players
            )));
        }
        Ok(players.into_iter().map(|(id, data)| self.reserve_slot(game_session, id, data)).collect())
    }

    fn reserve_slot(&mut self, game_session: &str, player_id: String, player_data: Option<String>) -> String {
        let id = format!("psess-{}", uuid::Uuid::new_v4());
        let session = PlayerSession {
            id: id.clone(),
            number: self.next_number(),
            game_session: game_session.to_owned(),
            player_id,
            player_data,
            status: PlayerSessionStatus::Reserved,
            creation_time: self.now,
            termination_time: None,
        };
        tracing::info!(player_session = id, game_session, to = session.status.name(), "player session");
        self.player_sessions.insert(id.clone(), session);
        let game = self.game_sessions.get_mut(game_session).expect("the caller looked it up");
        game.player_sessions.push(id.clone());
        game.slots_taken += 1;
        self.plan(RESERVATION, Event::ReservationExpires(id.clone()));
        id
    }

    pub(crate) fn expire_reservation(&mut self, id: &str) {
        if self.player_sessions.get(id).is_some_and(|session| session.status == PlayerSessionStatus::Reserved) {
            self.set_player_session_status(id, PlayerSessionStatus::TimedOut);
        }
    }

    /// Sets a player session's status; nothing else does.
    pub(crate) fn set_player_session_status(&mut self, id: &str, to: PlayerSessionStatus) {
        let now = self.now;
        let session = self.player_sessions.get_mut(id).expect("the caller looked it up");
        let from = std::mem::replace(&mut session.status, to);
        debug_assert!(from.takes_slot(), "a player session that ended never comes back");
        tracing::info!(
            player_session = id,
            game_session = session.game_session,
            from = from.name(),
            to = to.name(),
            "player session"
        );
        if !to.takes_slot() {
            session.termination_time = Some(now);
            let game = self.game_sessions.get_mut(&session.game_session).expect("it outlives its player sessions");
            game.slots_taken -= 1;
        }
    }

    /// Returns the player session with this id.
    pub(crate) fn player_session(&self, id: &str) -> Result<&PlayerSession, ServiceError> {
        self.player_sessions.get(id).ok_or_else(|| not_found("Player session", id))
    }
}
