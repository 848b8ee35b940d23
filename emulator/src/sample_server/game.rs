//! A small game server: what it takes to host a game on GameLift, with an echo for a game.
//!
//! Players connect over TCP and speak in lines. The first is `JOIN <PlayerSessionId>`; after
//! `WELCOME` every line comes back. `REFUSED <reason>` and `BYE <reason>` end the connection.

use std::{future::Future, pin::pin, time::Duration};

use jiff::Timestamp;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

use crate::{
    Clock, SampleBehaviour,
    clock::after,
    listener::pause_after,
    server_sdk::client::{Error, Event, Events, Server},
};

/// How soon a server at the earliest looks again whether its game session is empty.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// How long a connection may take to say who it is.
const JOIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long players may take to hear that the game is over.
const GOODBYE: Duration = Duration::from_secs(1);
/// The longest line a player may send.
const MAX_LINE: u64 = 4096;
/// More connections at once than the 200 players that a game session may have.
const MAX_CONNECTIONS: usize = 256;

/// How the game server plays.
#[derive(Clone, Debug)]
pub struct Game {
    /// The time of the delays and of the heartbeats.
    pub clock: Clock,
    /// What it does once it has a game session.
    pub behaviour: SampleBehaviour,
    /// How long it takes to activate a game session.
    pub activation_delay: Duration,
    /// After this time without players it ends its game session.
    pub empty_session_timeout: Duration,
}

/// How a game server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has said goodbye to the service.
    Ended,
    /// It has not, as it was told to ([`SampleBehaviour::CrashInsteadOfActivating`]).
    Crashed,
    /// The service has ended the connection.
    Disconnected,
}

/// What the game server waits for.
enum Phase {
    GameSession,
    Activation,
    /// Until it is told to end.
    Nothing,
    Players,
}

impl Game {
    /// Hosts one game session for players who come to `listener`, and ends. `server` is ready.
    /// `created` knows when the game session was created, for delays that count from there. It also ends
    /// when `stop` completes, with a goodbye to everybody.
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
        let mut activated = self.clock.now();
        let (over, playing) = watch::channel(());
        let mut players = JoinSet::new();
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Event::StartGameSession(session)) => {
                        game_session = session.game_session_id;
                        wake = after(created().unwrap_or_else(|| self.clock.now()), self.activation_delay);
                        phase = Phase::Activation;
                    }
                    Some(Event::UpdateGameSession(_)) => {}
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
                        players.spawn(player(stream, server.clone(), game_session.clone(), playing.clone()));
                    },
                    Err(error) => pause_after(&error).await,
                },
                Some(_) = players.join_next() => {}
                () = &mut stop => break,
            }
        }
        drop(over);
        drop(timeout(GOODBYE, async { while players.join_next().await.is_some() {} }).await);
        match server.process_ending().await {
            // The service has ended it already, as after a reset.
            Err(Error::Closed) => Ok(Outcome::Disconnected),
            ended => ended.map(|()| Outcome::Ended),
        }
    }

    /// When to look again whether somebody is there; `None` if nobody was for too long. A player who
    /// has a reservation is as good as there.
    async fn next_check(
        &self,
        server: &Server,
        game_session: &str,
        activated: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let sessions = server.describe_player_sessions(game_session).await?;
        let now = self.clock.now();
        if sessions.iter().any(|session| matches!(session.status.as_str(), "RESERVED" | "ACTIVE")) {
            // Players who are here now keep it for at least the timeout.
            return Ok(Some(after(now, self.empty_session_timeout.max(MIN_CHECK_INTERVAL))));
        }
        let ended = sessions.iter().filter_map(|session| Timestamp::from_millisecond(session.termination_time).ok());
        let empty_since = ended.fold(activated, Timestamp::max);
        Ok(Some(after(empty_since, self.empty_session_timeout)).filter(|next| *next > now))
    }
}

/// One player, to the end of the connection or of the game.
async fn player(stream: TcpStream, server: Server, game_session: String, mut playing: watch::Receiver<()>) {
    let (read, mut write) = stream.into_split();
    let mut lines = Lines(BufReader::new(read.take(0)));
    let joined = timeout(JOIN_TIMEOUT, lines.next()).await.ok().flatten();
    let Some(id) = joined.as_deref().and_then(|line| line.strip_prefix("JOIN ")).map(str::to_owned) else {
        return say(&mut write, "REFUSED say JOIN and your PlayerSessionId").await;
    };
    if let Err(error) = server.accept_player_session(&game_session, &id).await {
        tracing::info!(player_session = id, %error, "a player was refused");
        return say(&mut write, "REFUSED there is no reservation for this PlayerSessionId").await;
    }
    say(&mut write, "WELCOME").await;
    loop {
        tokio::select! {
            line = lines.next() => match line {
                Some(line) => say(&mut write, &line).await,
                None => break,
            },
            // The sender is dropped at the end of the game.
            _ = playing.changed() => return say(&mut write, "BYE the game is over").await,
        }
    }
    if let Err(error) = server.remove_player_session(&game_session, &id).await {
        tracing::info!(player_session = id, %error, "a player who left could not be removed");
    }
}

/// A player who does not listen is noticed when nothing more comes from there.
fn say(write: &mut OwnedWriteHalf, line: &str) -> impl Future<Output = ()> + Send {
    let line = format!("{line}\n");
    async move {
        drop(timeout(GOODBYE, write.write_all(line.as_bytes())).await);
    }
}

/// Lines of a bounded length.
struct Lines<R>(BufReader<tokio::io::Take<R>>);

impl<R: tokio::io::AsyncRead + Unpin> Lines<R> {
    /// The next line; `None` at the end, or when it is too long or no text.
    async fn next(&mut self) -> Option<String> {
        self.0.get_mut().set_limit(MAX_LINE);
        let mut line = String::new();
        self.0.read_line(&mut line).await.ok()?;
        line.ends_with('\n').then(|| line.trim_end().to_owned())
    }
}
