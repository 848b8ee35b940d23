//! A player of a sample game server: a TCP connection whose lines come back.

use std::{future::Future, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedWriteHalf},
    sync::watch,
    time::timeout,
};

/// How long a connection may take to name its player.
const JOIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the message of the end may take to reach a player.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);
/// The longest line a player may send.
const MAX_LINE: u64 = 4096;
/// The most connections at once: more than the 200 players of a game session.
pub(crate) const MAX_CONNECTIONS: usize = 256;

/// Decides which players may enter.
pub(crate) trait Door: Send {
    /// Lets the player with this `PlayerSessionId` in, or returns the reason for a refusal.
    fn enter(&self, id: &str) -> impl Future<Output = Result<(), &'static str>> + Send;

    /// Records that a player who was let in has left.
    fn leave(&self, id: &str) -> impl Future<Output = ()> + Send;
}

/// Serves one player until the connection or the game ends. The game ends when `playing`'s sender is dropped.
pub(crate) async fn serve(stream: TcpStream, door: impl Door, mut playing: watch::Receiver<()>) {
    let (read, mut write) = stream.into_split();
    let mut lines = Lines(BufReader::new(read.take(0)));
    let joined = timeout(JOIN_TIMEOUT, lines.next()).await.ok().flatten();
    let Some(id) = joined.as_deref().and_then(|line| line.strip_prefix("JOIN ")).map(str::to_owned) else {
        return say(&mut write, "REFUSED say JOIN and your PlayerSessionId").await;
    };
    if let Err(why) = door.enter(&id).await {
        return say(&mut write, &format!("REFUSED {why}")).await;
    }
    say(&mut write, "WELCOME").await;
    loop {
        tokio::select! {
            line = lines.next() => match line {
                Some(line) => say(&mut write, &line).await,
                None => break,
            },
            _ = playing.changed() => return say(&mut write, "BYE the game is over").await,
        }
    }
    door.leave(&id).await;
}

/// Sends a line. Write errors are ignored; reading notices a lost player.
fn say(write: &mut OwnedWriteHalf, line: &str) -> impl Future<Output = ()> + Send {
    let line = format!("{line}\n");
    async move {
        drop(timeout(GOODBYE, write.write_all(line.as_bytes())).await);
    }
}

/// A reader of lines with a bounded length.
struct Lines<R>(BufReader<tokio::io::Take<R>>);

impl<R: tokio::io::AsyncRead + Unpin> Lines<R> {
    /// Returns the next line; `None` at the end, or if it is too long or not UTF-8.
    async fn next(&mut self) -> Option<String> {
        self.0.get_mut().set_limit(MAX_LINE);
        let mut line = String::new();
        self.0.read_line(&mut line).await.ok()?;
        line.ends_with('\n').then(|| line.trim_end().to_owned())
    }
}
