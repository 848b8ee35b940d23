//! `POST /accept_match`: the player accepts or rejects the match that was found. The steps are in
//! [`matchmaking::tickets`].

use aws::gamelift::DescribeMatchmaking;
use matchmaking::{
    config::AdmissionConfig,
    tickets::{Turns, accept, accepts, answered, own, ticket_id},
};
use shared::{Answer, Call, Error, Route, RouteId};
use store::Store;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct AcceptMatch<G> {
    gamelift: G,
    store: Store,
    turns: Turns,
}

impl<G> AcceptMatch<G> {
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

impl<G: aws::gamelift::AcceptMatch + DescribeMatchmaking + 'static> Route for AcceptMatch<G> {
    const ID: RouteId = RouteId::AcceptMatch;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let id = ticket_id(&mut fields);
        let accepts = accepts(&mut fields);
        let uuid = call.uuid(&mut fields);
        // An answer that is given again is the same.
        call.terms(&mut fields);
        fields.check()?;
        let player = call.player(uuid)?;
        let ticket = own(&self.store, &id, player.id()).await?;
        let now = accept(&self.gamelift, (&self.store, self.turns), ticket, player.id(), accepts, call.deadline);
        Ok(answered(&Box::pin(now).await?))
    }
}
