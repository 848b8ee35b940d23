//! `POST /create_session`: a new game session, and the caller's place in it.
//!
//! Places a game session on the first candidate with a free game server, or through the queue. Then it waits until
//! the game server has activated it, and reserves a slot for each player. A game session that cannot be handed over
//! is not left behind. The steps are in [`matchmaking::start`] and [`matchmaking::sessions`]. With a FleetIQ game
//! server group it claims a game server instead, in [`matchmaking::game_servers`]. With `stream` it also lets the
//! caller into a stream of the game session, in [`matchmaking::streaming`].

use aws::gamelift::{Fleets, ListGameServers};
use matchmaking::{
    last,
    party::{Party, PartyFields},
    same_key::{Asked, once},
    session_route,
    sessions::Nowhere,
    start::{StartCalls, start},
    streams::EnterCalls,
    wanted::Wanted,
};
use shared::{Answer, Call, Error, Route, RouteId, terms::Terms};

session_route! {
    /// The route, on any GameLift and GameLift Streams.
    CreateSession
}

impl<G, S> Route for CreateSession<G, S>
where
    G: StartCalls + 'static,
    S: EnterCalls + 'static,
{
    const ID: RouteId = RouteId::CreateSession;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let wanted = Wanted::read(&mut fields, self.targets.config());
        let players = PartyFields::read(&call, &mut fields);
        let stream = self.streaming.read(&mut fields)?;
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players, self.limits.config())?;
        wanted.check_room_for(&party)?;
        stream.check(&party)?;
        let request = format!("{wanted:?}");
        let asked = Asked { route: Self::ID, party: &party, request: &request };
        let (places, wanted, of_party) = ((&self.targets, &self.limits), &wanted, &party);
        let work = |terms: Terms| async move {
            Box::pin(start(&self.gamelift, places, wanted, of_party, &terms, &mut Nowhere)).await
        };
        let started = Box::pin(once(self.targets.store(), asked, &stream.first_half(&terms), work)).await?;
        last::came(self.targets.store(), &party, &started).await;
        stream.complete_new(&self.gamelift, &started, &party, &terms).await
    }
}

impl<G: Fleets + ListGameServers, S> CreateSession<G, S> {
    /// See [`matchmaking::fleets::Targets::warm_up`].
    pub async fn warm_up(&self) {
        self.targets.warm_up(&self.gamelift).await;
    }
}
