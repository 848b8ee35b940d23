//! A ticket's state to its players' sockets.

use std::{ops::AddAssign, time::Duration};

use aws::{
    clients::{self, Connections},
    connections::{PostToConnection, Posted},
};
use aws_config::SdkConfig;
use futures_util::{StreamExt as _, future::join_all, stream};
use shared::Error;
use store::{
    Store,
    records::ticket::{Kind, Ticket},
};
use tokio::time::timeout;

use crate::{
    config::sockets::SocketConfig,
    push::{body, open::MOST_SOCKETS},
};

/// How many players are told at once. A match has 200 at most.
const AT_ONCE: usize = 64;

/// The longest time for all players of all tickets. Who was not told by then finds out by a slow poll.
const LONGEST: Duration = Duration::from_secs(5);

/// What became of pushes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Sockets that were sent the state.
    pub sent: usize,
    /// Sockets that were gone.
    pub gone: usize,
    /// Sockets that could not be told, and players whose sockets could not be read.
    pub failed: usize,
}

impl AddAssign for Pushed {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.gone += other.gone;
        self.failed += other.failed;
    }
}

/// Tells players over their sockets.
#[derive(Clone, Debug)]
pub struct Push<C> {
    store: Store,
    connections: C,
}

impl Push<Connections> {
    /// Tells the players through the WebSocket API that the environment names. `None` if it names none: players ask.
    ///
    /// # Errors
    /// Those of [`SocketConfig::from_env`].
    pub fn from_env(aws: &SdkConfig, store: &Store) -> Result<Option<Self>, Error> {
        let url = SocketConfig::from_env()?.connections_url;
        Ok(url.map(|url| Self::new(store.clone(), clients::connections(aws, &url))))
    }
}

impl<C: PostToConnection> Push<C> {
    /// Tells the players whom the store knows.
    pub fn new(store: Store, connections: C) -> Self {
        Self { store, connections }
    }

    /// Sends each ticket's state to all sockets of its players, to each player their own. It takes some seconds at most,
    /// whatever the sockets do, and one player's slow socket leaves the others' time alone.
    pub async fn push(&self, tickets: &[Ticket]) -> Pushed {
        let mut pushed = Pushed::default();
        let mut telling = Vec::new();
        // Placements are waited for in calls of their own.
        for ticket in tickets.iter().filter(|ticket| ticket.kind == Kind::Match) {
            telling.extend(ticket.players.iter().map(|player| self.tell(ticket, player)));
        }
        let mut telling = stream::iter(telling).buffer_unordered(AT_ONCE);
        let all = async {
            while let Some(told) = telling.next().await {
                pushed += told;
            }
        };
        if timeout(LONGEST, all).await.is_err() {
            tracing::warn!("not all players could be told in time");
        }
        if pushed != Pushed::default() {
            tracing::info!(sent = pushed.sent, gone = pushed.gone, failed = pushed.failed, "pushed");
        }
        pushed
    }

    async fn tell(&self, ticket: &Ticket, player: &str) -> Pushed {
        let sockets = match self.store.sockets_of(player).await {
            Ok(sockets) => sockets,
            Err(error) => return failed(&error),
        };
        if sockets.is_empty() {
            return Pushed::default();
        }
        let body = body::body(ticket, player).to_string();
        // The oldest ones beyond the limit are being closed.
        let sockets = &sockets[sockets.len().saturating_sub(MOST_SOCKETS)..];
        let mut pushed = Pushed::default();
        for told in join_all(sockets.iter().map(|socket| self.send(socket, &body))).await {
            pushed += told;
        }
        pushed
    }

    async fn send(&self, socket: &str, body: &str) -> Pushed {
        match self.connections.post(socket, body).await {
            Ok(Posted::Sent) => Pushed { sent: 1, ..Pushed::default() },
            Ok(Posted::Gone) => match self.store.forget_gone(socket).await {
                Ok(()) => Pushed { gone: 1, ..Pushed::default() },
                Err(error) => failed(&error),
            },
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &Error) -> Pushed {
    tracing::warn!(code = error.code().as_str(), "a player could not be told: {}", error.detail());
    Pushed { failed: 1, ..Pushed::default() }
}
