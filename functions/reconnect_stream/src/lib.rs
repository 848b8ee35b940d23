//! `POST /reconnect_stream`: starts the player's stream or connects to it again.
//!
//! A stream session of the player answers the offer in `signal_request`: the one that `stream_session_id` names, a
//! live one, or a new one, as `intent` says. The steps are in [`matchmaking::streams`].

use matchmaking::{
    config::StreamConfig,
    looks::Looks,
    streams::{self, Asked, EnterCalls, Places},
};
use shared::{Answer, Call, Error, Route, RouteId};
use store::Store;

/// The route, on any GameLift Streams.
#[derive(Debug)]
pub struct ReconnectStream<S> {
    streams: S,
    places: Places,
}

impl<S> ReconnectStream<S> {
    /// Creates the route for the stream group and applications that `config` names.
    pub fn new(streams: S, config: StreamConfig) -> Self {
        Self { streams, places: Places::new(config) }
    }

    /// The same with a store, if there is one.
    #[must_use]
    pub fn with_store(self, store: Option<Store>) -> Self {
        Self { places: self.places.with_looks(Looks::new(store.clone())).with_store(store), ..self }
    }
}

impl<S> Route for ReconnectStream<S>
where
    S: EnterCalls + 'static,
{
    const ID: RouteId = RouteId::ReconnectStream;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let asked = Asked::read(&mut fields, self.places.config());
        let uuid = call.uuid(&mut fields);
        let terms = call.terms(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        asked.wanted.check_offer()?;
        let entered = streams::enter(&self.streams, &self.places, &asked, &player, &terms).await?;
        Ok(entered.answer())
    }
}
