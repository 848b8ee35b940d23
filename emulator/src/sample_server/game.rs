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
    net::{TcpListener, TcpStream},
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

/// What the game server waits for.
#[derive(Clone, Copy)]
enum Phase {
    GameSession,
    Activation,
    /// Only the request to end.
    Nothing,
    Players,
}

/// The end of the hosting.
enum End {
    /// After a goodbye to players and service.
    Goodbye,
    /// At once.
    With(Outcome),
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
        let mut hosted = Hosted::new(self, server);
        let (over, playing) = watch::channel(());
        let mut players = JoinSet::new();
        let end = loop {
            let end = tokio::select! {
                event = events.next() => hosted.take(event, &created),
                () = self.clock.sleep_until(hosted.wake) => hosted.wake_up().await?,
                accepted = listener.accept() => {
                    match accepted {
                        Ok((stream, _)) => hosted.let_in(stream, &mut players, &playing),
                        Err(error) => pause_after(&error, NO_ACCEPT).await,
                    }
                    None
                }
                Some(_) = players.join_next() => None,
                () = hosted.backfill.wanted(&self.clock) => {
                    hosted.backfill.ask(server, &hosted.game_session, self.clock.now()).await;
                    None
                }
                () = &mut stop => Some(End::Goodbye),
            };
            if let Some(end) = end {
                break end;
            }
        };
        drop(over);
        match end {
            End::Goodbye => say_goodbye(server, players).await,
            End::With(outcome) => Ok(outcome),
        }
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

/// The one game session of a process.
struct Hosted<'a> {
    game: &'a Game,
    server: &'a Server,
    phase: Phase,
    /// When there is something to do.
    wake: Timestamp,
    game_session: String,
    activated: Timestamp,
    backfill: Backfill,
}

impl<'a> Hosted<'a> {
    /// Returns the process before it has a game session.
    fn new(game: &'a Game, server: &'a Server) -> Self {
        Self {
            game,
            server,
            phase: Phase::GameSession,
            wake: Timestamp::MAX,
            game_session: String::new(),
            activated: game.clock.now(),
            backfill: Backfill::new(game.backfill),
        }
    }

    /// Takes an event of the service; `None` is the end of the connection.
    fn take(&mut self, event: Option<Event>, created: impl Fn() -> Option<Timestamp>) -> Option<End> {
        match event {
            Some(Event::StartGameSession(session)) => {
                self.backfill.follow(&session);
                self.game_session = session.game_session_id;
                let created = created().unwrap_or_else(|| self.game.clock.now());
                (self.phase, self.wake) = (Phase::Activation, after(created, self.game.activation_delay));
                None
            }
            Some(Event::UpdateGameSession { game_session, update_reason, .. }) => {
                self.backfill.update(&game_session, update_reason);
                None
            }
            Some(Event::ProcessTerminate { .. }) => Some(End::Goodbye),
            None => Some(End::With(Outcome::Disconnected)),
        }
    }

    /// Does what is due.
    async fn wake_up(&mut self) -> Result<Option<End>, Error> {
        match (self.phase, self.game.behaviour) {
            (Phase::Activation, SampleBehaviour::CrashInsteadOfActivating) => {
                return Ok(Some(End::With(Outcome::Crashed)));
            }
            (Phase::Activation, SampleBehaviour::NeverActivate) => {
                (self.phase, self.wake) = (Phase::Nothing, Timestamp::MAX);
            }
            (Phase::Activation, SampleBehaviour::Activate) => {
                self.server.activate_game_session(&self.game_session).await?;
                self.activated = self.game.clock.now();
                (self.phase, self.wake) = (Phase::Players, after(self.activated, self.game.empty_session_timeout));
            }
            (Phase::Players, _) => match self.game.next_check(self.server, &self.game_session, self.activated).await? {
                Some(next) => self.wake = next,
                None => return Ok(Some(End::Goodbye)),
            },
            (Phase::GameSession | Phase::Nothing, _) => self.wake = Timestamp::MAX,
        }
        Ok(None)
    }

    /// Serves a player who has connected, if there is a game to join.
    fn let_in(&self, stream: TcpStream, players: &mut JoinSet<()>, playing: &watch::Receiver<()>) {
        if matches!(self.phase, Phase::Players) && players.len() < MAX_CONNECTIONS {
            let (server, game_session) = (self.server.clone(), self.game_session.clone());
            let door = Reservations { server, game_session, left: self.backfill.left() };
            players.spawn(player::serve(stream, door, playing.clone()));
        }
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
