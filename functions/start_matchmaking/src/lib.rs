//! `POST /start_matchmaking`: a search for a match, and the caller's place in it.
//!
//! The search is a ticket in the store first, and then in FlexMatch. The call waits for the match as long as it may; the
//! search goes on after it, and the same request goes on with the search. A player has one live search: whoever asks
//! again gets the running one. The steps are in [`matchmaking::tickets`].

use matchmaking::{
    config::{LimitConfig, TicketConfig},
    party::{Party, PartyFields},
    push::SocketOffer,
    tickets::{Asked, Gate, SearchCalls, SearchFields, Viewer, answer_in_line, pending, search},
};
use shared::{Answer, Call, Error, Route, RouteId};
use store::Store;

/// The route, on any GameLift.
#[derive(Debug)]
pub struct StartMatchmaking<G> {
    gamelift: G,
    store: Store,
    gate: Gate,
    config: TicketConfig,
    limits: LimitConfig,
    sockets: SocketOffer,
}

impl<G> StartMatchmaking<G> {
    /// The route for searches of this store. Of the limits, those of parties count.
    pub fn new(gamelift: G, store: Store, config: TicketConfig, limits: LimitConfig) -> Self {
        let gate = Gate::of_searches(&config.admission);
        Self { gamelift, store, gate, config, limits, sockets: SocketOffer::default() }
    }

    /// The same route, which offers a socket to whoever does not wait.
    #[must_use]
    pub fn with_sockets(self, sockets: SocketOffer) -> Self {
        Self { sockets, ..self }
    }
}

impl<G: SearchCalls + 'static> Route for StartMatchmaking<G> {
    const ID: RouteId = RouteId::StartMatchmaking;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let wanted = SearchFields::read(&mut fields, &self.config);
        let players = PartyFields::read(&call, &mut fields);
        let terms = call.terms(&mut fields);
        fields.check()?;
        let party = Party::of(&call, players, &self.limits)?;
        let request = wanted.of_party(&call, &party, &self.config)?;
        let (store, gate) = (&self.store, &self.gate);
        let asked = Asked { store, gate, request: &request, party: &party, terms: &terms };
        let ticket = search(&self.gamelift, asked, self.config.looks).await?;
        if terms.patience.is_none() && !ticket.news.status.is_end() {
            return Err(pending(&ticket));
        }
        let player = party.caller().id();
        let viewer = Viewer { player, shows_all: party.shows_all() };
        let answer = answer_in_line(&self.store, &ticket, viewer).await?;
        Ok(self.sockets.add_to(answer, player).await)
    }
}
