//! `POST /create_session`: a new game session, and the caller's place in it.
//!
//! Places a game session on the first candidate with a free game server, or through the queue, waits
//! until the game server has activated it, and reserves a slot for each player. What cannot be handed
//! to the players is not left behind. The steps are in [`shared::sessions`]. With a FleetIQ game server
//! group it claims a game server instead, in [`shared::game_servers`].

use lambda_http::http::Method;
use shared::{
    Answer, Call, Error, Route,
    config::FleetConfig,
    fleets::Targets,
    gamelift::{
        ClaimGameServer, CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribePlacement,
        DescribePlayerSessions, Fleets, ListGameServers, PlaceGameSession, TerminateGameSession,
    },
    party::{Party, PartyFields},
    sessions::{self, Wanted},
};

/// The route, on some GameLift.
#[derive(Debug)]
pub struct CreateSession<G> {
    gamelift: G,
    targets: Targets,
}

impl<G> CreateSession<G> {
    /// The route, placing where `fleets` says.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, targets: Targets::new(fleets) }
    }
}

impl<G> Route for CreateSession<G>
where
    G: Fleets
        + CreateGameSession
        + DescribeGameSession
        + TerminateGameSession
        + CreatePlayerSessions
        + DescribePlayerSessions
        + PlaceGameSession
        + DescribePlacement
        + ClaimGameServer
        + ListGameServers
        + 'static,
{
    const NAME: &'static str = "create_session";
    const METHOD: Method = Method::POST;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let wanted = Wanted::read(&mut fields, self.targets.config());
        let players = PartyFields::read(&call, &mut fields);
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players)?;
        wanted.check_room_for(&party)?;
        let started = sessions::start(&self.gamelift, &self.targets, &wanted, &party, &terms).await?;
        Ok(Answer::started(&started, &party))
    }
}

impl<G: Fleets + ListGameServers> CreateSession<G> {
    /// See [`Targets::warm_up`].
    pub async fn warm_up(&self) {
        self.targets.warm_up(&self.gamelift).await;
    }
}
