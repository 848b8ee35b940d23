//! `POST /find_or_create_session`: a place in the fullest open game session that fits, else in a new one.
//!
//! Which game sessions fit, `filter` says; without it, those with the properties that a new one would
//! have. A game session that somebody else fills first, or closes, leads to the next one. The steps of
//! a new game session are in [`shared::sessions`]; on game servers of a FleetIQ group, all of it is in
//! [`shared::game_servers`]. Those of a stream are in [`shared::ticket`].

mod open;

use std::time::Duration;

use aws_sdk_gamelift::types::GameSession;
use lambda_http::http::Method;
use shared::{
    Answer, Call, Error, Route,
    config::FleetConfig,
    fleets::{Targets, shows_staleness},
    game_servers,
    gamelift::SearchGameSessions,
    party::{Party, PartyFields},
    sessions::{self, StartCalls, Started, Wanted},
    streams::EnterCalls,
    terms::Terms,
    ticket::Streaming,
};

use crate::open::Open;

/// Kept behind the search to start a game session.
const TIME_TO_CREATE: Duration = Duration::from_secs(15);

/// The route, on some GameLift and GameLift Streams.
#[derive(Debug)]
pub struct FindOrCreateSession<G, S = aws_sdk_gameliftstreams::Client> {
    gamelift: G,
    targets: Targets,
    streaming: Streaming<S>,
}

/// Where the party has got its places.
enum Place {
    Found(Started),
    Made(Started),
}

impl<G> FindOrCreateSession<G> {
    /// The route, searching and placing where `fleets` says, without streams.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, targets: Targets::new(fleets), streaming: Streaming::none() }
    }

    /// The same with streams for the game sessions.
    pub fn with_streams<T>(self, streaming: Streaming<T>) -> FindOrCreateSession<G, T> {
        FindOrCreateSession { gamelift: self.gamelift, targets: self.targets, streaming }
    }
}

impl<G, S> Route for FindOrCreateSession<G, S>
where
    G: SearchGameSessions + StartCalls + 'static,
    S: EnterCalls + 'static,
{
    const NAME: &'static str = "find_or_create_session";
    const METHOD: Method = Method::POST;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let wanted = Wanted::read(&mut fields, self.targets.config());
        let players = PartyFields::read(&call, &mut fields);
        let open = Open::read(&mut fields, &wanted);
        let ticket = self.streaming.read(&mut fields)?;
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players)?;
        wanted.check_room_for(&party)?;
        ticket.check(&party)?;
        let open = open.for_party(&party);
        match self.find_or_create(&open, &wanted, &party, &ticket.first_half(&terms)).await? {
            Place::Found(started) => ticket.complete(&started, &party, &terms).await,
            Place::Made(started) => ticket.complete_new(&self.gamelift, &started, &party, &terms).await,
        }
    }
}

impl<G, S> FindOrCreateSession<G, S>
where
    G: SearchGameSessions + StartCalls,
{
    /// See [`Targets::warm_up`].
    pub async fn warm_up(&self) {
        self.targets.warm_up(&self.gamelift).await;
    }

    async fn find_or_create(&self, open: &Open, wanted: &Wanted, party: &Party, terms: &Terms) -> Result<Place, Error> {
        let Self { gamelift, targets, .. } = self;
        if let Some(group) = &targets.config().game_server_group {
            let open = (&open.criteria, |session: &GameSession| open.fits(session));
            let hosted = game_servers::find_or_start(gamelift, group, open, wanted, party, terms).await?;
            // Made or found: a claim ends by itself.
            return Ok(Place::Found(Started::Hosted(Box::new(hosted))));
        }
        if terms.key.is_some() {
            if let Some(started) = sessions::resume(gamelift, targets, wanted, party, terms).await? {
                return Ok(Place::Made(started));
            }
            if let Some(seats) = open::found_before(gamelift, targets, wanted.build_id, open, party, terms).await? {
                return Ok(Place::Found(Started::Seated(seats)));
            }
        }
        let until = terms.deadline.keep(TIME_TO_CREATE);
        match open::enter(gamelift, targets, wanted.build_id, open, party, terms.key.is_some(), until).await {
            Ok(Some(seats)) => return Ok(Place::Found(Started::Seated(seats))),
            Ok(None) => {}
            // What was known of the fleets may be old news; the creation looks them up anew.
            Err(error) if shows_staleness(error.code()) && targets.forget() => {}
            // It may have a slot already, and a key gets no second one elsewhere.
            Err(error) if terms.key.is_some() && sessions::may_be_reserved(&error).is_some() => {
                if let Some(seats) = open::insist(gamelift, error, party, terms).await? {
                    return Ok(Place::Found(Started::Seated(seats)));
                }
            }
            // A new game session is better than none.
            Err(error) if error.code().is_passing() => {
                tracing::warn!(code = error.code().as_str(), "could not search for an open game session");
            }
            Err(error) => return Err(error),
        }
        sessions::start(gamelift, targets, wanted, party, terms).await.map(Place::Made)
    }
}
