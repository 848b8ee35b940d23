//! `POST /stop_matchmaking`: ends a search, for all of its players. The steps are in [`matchmaking::tickets`].

use aws::gamelift::DescribeMatchmaking;
use matchmaking::{
    config::AdmissionConfig,
    tickets::{Turns, own, stop, stopping, ticket_id},
};
use shared::{Answer, Call, Error, Route, RouteId};
use store::Store;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct StopMatchmaking<G> {
    gamelift: G,
    store: Store,
    turns: Turns,
}

impl<G> StopMatchmaking<G> {
    /// Creates the route for the searches of this store.
    pub fn new(gamelift: G, store: Store) -> Self {
        Self { gamelift, store, turns: Turns::of(&AdmissionConfig::default()) }
    }

    /// The same with other rates of the calls to GameLift.
    #[must_use]
    pub fn with_admission(self, admission: &AdmissionConfig) -> Self {
        Self { turns: Turns::of(admission), ..self }
    }
}

impl<G: aws::gamelift::StopMatchmaking + DescribeMatchmaking + 'static> Route for StopMatchmaking<G> {
    const ID: RouteId = RouteId::StopMatchmaking;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let id = ticket_id(&mut fields);
        let uuid = call.uuid(&mut fields);
        // A search that has ended stays so.
        call.terms(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        let ticket = own(&self.store, &id, player.id()).await?;
        let now = Box::pin(stop(&self.gamelift, (&self.store, self.turns), ticket, call.deadline)).await?;
        Ok(stopping(&now))
    }
}
