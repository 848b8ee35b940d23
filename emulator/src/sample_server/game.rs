//! A small game server: everything needed to host a game on GameLift, with an echo as the game.
//!
//! Players connect over TCP and speak in lines. The first is `JOIN <PlayerSessionId>`; after `WELCOME` every line comes
//! back. `REFUSED <reason>` and `BYE <reason>` end the connection.

use std::{pin::pin, sync::Arc, time::Duration};

use emulator_core::{
    clock::{Clock, after},
    settings::SampleBehaviour,
};
use gamelift_server_sdk::{Error, Event, Events, Server};
use jiff::Timestamp;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    net::pause::{NO_ACCEPT, pause_after},
    sample_server::{
        backfill::Backfill,
        player::{self, Door, GOODBYE, MAX_CONNECTIONS},
    },
};

/// The shortest time between two checks for an empty game session.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The settings of the game server.
#[derive(Clone, Debug)]
pub struct Game {
    /// The clock of the delays and of the heartbeats.
    pub clock: Clock,
    /// The reaction to a game session.
    pub behaviour: SampleBehaviour,
    /// How long the activation of a game session takes.
    pub activation_delay: Duration,
    /// How long a game session lasts without players.
    pub empty_session_timeout: Duration,
    /// Whether it asks for players in place of those who left a match.
    pub backfill: bool,
}

/// The end of a game server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has called `ProcessEnding`.
    Ended,
    /// It ended without that, as told to ([`SampleBehaviour::CrashInsteadOfActivating`]).
    Crashed,
    /// The service has closed the connection.
    Disconnected,
}

/// The event that the game server waits for.
enum Phase {
    GameSession,
    Activation,
    /// Only the request to end.
    Nothing,
    Players,
}

impl Game {
    /// Hosts one game session for players who connect to `listener`, then ends the process. `server` must be ready.
    /// `created` returns when the game session was created, for delays from then on. If `stop` completes, the function
    /// says goodbye to players and service and ends too.
    ///
    /// # Errors
    /// A call to the service failed.
    pub async fn host_one(
        &self,
        listener: &TcpListener,
        server: &Server,
        events: &mut Events,
        created: impl Fn() -> Option<Timestamp> + Send,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<Outcome, Error> {
        let mut stop = pin!(stop);
        let mut phase = Phase::GameSession;
        let mut wake = Timestamp::MAX;
        let mut game_session = String::new();
        let mut backfill = Backfill::new(self.backfill);
        let mut activated = self.clock.now();
        let (over, playing) = watch::channel(());
        let mut players = JoinSet::new();
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Event::StartGameSession(session)) => {
                        backfill.follow(&session);
                        game_session = session.game_session_id;
                        wake = after(created().unwrap_or_else(|| self.clock.now()), self.activation_delay);
                        phase = Phase::Activation;
                    }
                    Some(Event::UpdateGameSession { game_session, update_reason, .. }) => {
                        backfill.update(&game_session, update_reason);
                    }
                    Some(Event::ProcessTerminate { .. }) => break,
                    None => return Ok(Outcome::Disconnected),
                },
                () = self.clock.sleep_until(wake) => match phase {
                    Phase::Activation => match self.behaviour {
                        SampleBehaviour::CrashInsteadOfActivating => return Ok(Outcome::Crashed),
                        SampleBehaviour::NeverActivate => (phase, wake) = (Phase::Nothing, Timestamp::MAX),
                        SampleBehaviour::Activate => {
                            server.activate_game_session(&game_session).await?;
                            activated = self.clock.now();
                            (phase, wake) = (Phase::Players, after(activated, self.empty_session_timeout));
                        }
                    },
                    Phase::Players => match self.next_check(server, &game_session, activated).await? {
                        Some(next) => wake = next,
                        None => break,
                    },
                    Phase::GameSession | Phase::Nothing => wake = Timestamp::MAX,
                },
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => if matches!(phase, Phase::Players) && players.len() < MAX_CONNECTIONS {
                        let (server, game_session) = (server.clone(), game_session.clone());
                        let door = Reservations { server, game_session, left: backfill.left() };
                        players.spawn(player::serve(stream, door, playing.clone()));
                    },
                    Err(error) => pause_after(&error, NO_ACCEPT).await,
                },
                Some(_) = players.join_next() => {}
                () = backfill.wanted(&self.clock) => backfill.ask(server, &game_session, self.clock.now()).await,
                () = &mut stop => break,
            }
        }
        drop(over);
        say_goodbye(server, players).await
    }

    /// Returns when to check for players again; `None` if there have been none for too long. A player with a
    /// reservation counts as present.
    async fn next_check(
        &self,
        server: &Server,
        game_session: &str,
        activated: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let sessions = server.describe_player_sessions(game_session).await?;
        let now = self.clock.now();
        if sessions.iter().any(|session| matches!(session.status.as_str(), "RESERVED" | "ACTIVE")) {
            // Players who are here now keep the game session for at least the timeout.
            return Ok(Some(after(now, self.empty_session_timeout.max(MIN_CHECK_INTERVAL))));
        }
        let ended = sessions.iter().filter_map(|session| Timestamp::from_millisecond(session.termination_time).ok());
        let empty_since = ended.fold(activated, Timestamp::max);
        Ok(Some(after(empty_since, self.empty_session_timeout)).filter(|next| *next > now))
    }
}

/// Ends the process after its players have gone, but waits for them only for a moment.
async fn say_goodbye(server: &Server, mut players: JoinSet<()>) -> Result<Outcome, Error> {
    drop(timeout(GOODBYE, async { while players.join_next().await.is_some() {} }).await);
    match server.process_ending().await {
        // The service has ended the process already, as after a reset.
        Err(Error::Closed) => Ok(Outcome::Disconnected),
        ended => ended.map(|()| Outcome::Ended),
    }
}

/// The player sessions of one game session.
struct Reservations {
    server: Server,
    game_session: String,
    /// Told when a player has left.
    left: Arc<Notify>,
}

impl Door for Reservations {
    async fn enter(&self, id: &str) -> Result<(), &'static str> {
        self.server.accept_player_session(&self.game_session, id).await.map_err(|error| {
            tracing::info!(player_session = id, %error, "a player was refused");
            "there is no reservation for this PlayerSessionId"
        })
    }

    async fn leave(&self, id: &str) {
        if let Err(error) = self.server.remove_player_session(&self.game_session, id).await {
            tracing::info!(player_session = id, %error, "a player who left could not be removed");
        }
        self.left.notify_one();
    }
}
