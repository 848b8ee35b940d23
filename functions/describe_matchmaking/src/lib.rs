//! `GET /describe_matchmaking`: what has become of a player's search, as soon as there are news.
//!
//! The search is read in the store. GameLift is asked only if nothing was heard of it for ten seconds. The steps are in
//! [`matchmaking::tickets`].

mod query;

pub use self::query::MEMBERS;
use matchmaking::{
    config::LookConfig,
    push::SocketOffer,
    tickets::{Viewer, answer_in_line, follow, own},
};
use shared::{Answer, Call, Error, Route, RouteId, deadline::Deadline};
use store::Store;

use crate::query::Query;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct DescribeMatchmaking<G> {
    gamelift: G,
    store: Store,
    sockets: SocketOffer,
    looks: LookConfig,
}

impl<G> DescribeMatchmaking<G> {
    /// Creates the route for the searches of this store.
    pub fn new(gamelift: G, store: Store) -> Self {
        Self { gamelift, store, sockets: SocketOffer::default(), looks: LookConfig::default() }
    }

    /// The same route, which offers a socket while the search goes on.
    #[must_use]
    pub fn with_sockets(self, sockets: SocketOffer) -> Self {
        Self { sockets, ..self }
    }

    /// The same route, which asks GameLift as often as this says.
    #[must_use]
    pub fn with_looks(self, looks: LookConfig) -> Self {
        Self { looks, ..self }
    }
}

impl<G: aws::gamelift::DescribeMatchmaking + 'static> Route for DescribeMatchmaking<G> {
    const ID: RouteId = RouteId::DescribeMatchmaking;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let query = Query::read(call.query(), call.trusts_body())?;
        let player = call.player(query.uuid)?;
        let ticket = own(&self.store, &query.ticket_id, player.id()).await?;
        let until = call.deadline.or_before(Some(Deadline::after(query.wait)));
        let followed = follow(&self.gamelift, &self.store, self.looks, ticket, player.id(), until, call.deadline);
        let now = Box::pin(followed).await;
        let viewer = Viewer { player: player.id(), shows_all: call.trusts_body() };
        let answer = answer_in_line(&self.store, &now, viewer).await?;
        Ok(self.sockets.add_to(answer, player.id()).await)
    }
}
