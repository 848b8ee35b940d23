//! `POST /terminate_stream`: ends a player's own stream. The steps are in [`matchmaking::streams`].

use aws::streams::{GetStreamSession, ListStreamSessions, TerminateStreamSession};
use matchmaking::{
    config::StreamConfig,
    streams::{self, Guesses, SessionId},
};
use shared::{Answer, Call, Error, Route, RouteId};
use store::Store;

/// The route, on any GameLift Streams.
#[derive(Debug)]
pub struct TerminateStream<S> {
    streams: S,
    config: StreamConfig,
    guesses: Guesses,
    store: Option<Store>,
}

impl<S> TerminateStream<S> {
    /// Creates the route for the stream sessions of the configured stream group.
    pub fn new(streams: S, config: StreamConfig) -> Self {
        Self { streams, config, guesses: Guesses::default(), store: None }
    }

    /// The same with a store, if there is one.
    #[must_use]
    pub fn with_store(self, store: Option<Store>) -> Self {
        Self { store, ..self }
    }
}

impl<S> Route for TerminateStream<S>
where
    S: GetStreamSession + ListStreamSessions + TerminateStreamSession + 'static,
{
    const ID: RouteId = RouteId::TerminateStream;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let id = SessionId::required(&mut fields);
        let uuid = call.uuid(&mut fields);
        let terms = call.terms(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        let known = (&self.config, &self.guesses, self.store.as_ref());
        let ended = streams::terminate_own(&self.streams, known, &id, &player, &terms).await?;
        Ok(ended.answer())
    }
}
