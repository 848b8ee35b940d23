//! `POST /find_or_create_session`: a place in the fullest open game session that fits, else in a new one.
//!
//! `filter` says which game sessions fit; without it, those with the properties that a new one would have. If another
//! party fills a game session first, or it closes, the next one is tried. The steps of a new game session are in
//! [`matchmaking::start`]; those of a stream are in [`matchmaking::streaming`]. On game servers of a FleetIQ group, the
//! whole route is in [`matchmaking::game_servers`].

mod hunt;
mod open;

use aws::gamelift::{SearchGameSessions, StartingGameSessions};
use aws_sdk_gamelift::types::GameSession;
use matchmaking::{
    game_servers, last,
    party::{Party, PartyFields},
    same_key::{Asked, once},
    session_route,
    start::{self, StartCalls, Started},
    streams::EnterCalls,
    wanted::Wanted,
};
use shared::{Answer, Call, Error, Route, RouteId, terms::Terms};

use crate::{hunt::memory::Hunt, open::Open};

pub use self::open::FILTER;

session_route! {
    /// The route, on any GameLift and GameLift Streams.
    FindOrCreateSession
}

impl<G, S> Route for FindOrCreateSession<G, S>
where
    G: SearchGameSessions + StartingGameSessions + StartCalls + 'static,
    S: EnterCalls + 'static,
{
    const ID: RouteId = RouteId::FindOrCreateSession;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let wanted = Wanted::read(&mut fields, self.targets.config());
        let players = PartyFields::read(&call, &mut fields);
        let open = Open::read(&mut fields, &wanted);
        let stream = self.streaming.read(&mut fields)?;
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players, self.limits.config())?;
        wanted.check_room_for(&party)?;
        stream.check(&party)?;
        let open = open.for_party(&party);
        let request = format!("{wanted:?} {open:?}");
        let asked = Asked { route: Self::ID, party: &party, request: &request };
        let (open, wanted, of_party) = (&open, &wanted, &party);
        let work = |terms: Terms| async move { Box::pin(self.find_or_create(open, wanted, of_party, &terms)).await };
        let started = Box::pin(once(self.targets.store(), asked, &stream.first_half(&terms), work)).await?;
        last::came(self.targets.store(), &party, &started).await;
        match started {
            // A claim expires by itself.
            Started::Joined(_) | Started::Hosted(_) => stream.complete(&started, &party, &terms).await,
            _ => stream.complete_new(&self.gamelift, &started, &party, &terms).await,
        }
    }
}

impl<G, S> FindOrCreateSession<G, S>
where
    G: SearchGameSessions + StartingGameSessions + StartCalls,
{
    /// See [`matchmaking::fleets::Targets::warm_up`].
    pub async fn warm_up(&self) {
        self.targets.warm_up(&self.gamelift).await;
    }

    async fn find_or_create(
        &self,
        open: &Open,
        wanted: &Wanted,
        party: &Party,
        terms: &Terms,
    ) -> Result<Started, Error> {
        let Self { gamelift, targets, limits, .. } = self;
        if let Some(group) = &targets.config().game_server_group {
            // No hold is needed: a claim counts its party at once.
            let open = (&open.criteria, |session: &GameSession| open.fits(session));
            let hosted = Box::pin(game_servers::find_or_start(gamelift, group, open, wanted, party, terms)).await?;
            return Ok(Started::Hosted(Box::new(hosted)));
        }
        let mut hunt = Hunt::new(gamelift, (targets, limits), open, wanted, party, terms);
        if terms.key.is_some() {
            let resumed = start::resume(gamelift, (targets, limits), wanted, party, terms, &mut hunt);
            if let Some(started) = Box::pin(resumed).await? {
                return Ok(started);
            }
            let places = (targets, limits);
            if let Some(seats) = open::found_before(gamelift, places, wanted.build_id, open, party, terms).await? {
                return Ok(Started::Joined(seats));
            }
        }
        if let Some(seats) = Box::pin(hunt.before_a_start()).await? {
            return Ok(Started::Joined(seats));
        }
        Box::pin(start::start(gamelift, (targets, limits), wanted, party, terms, &mut hunt)).await
    }
}
