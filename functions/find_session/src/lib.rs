//! `GET /find_session`: the game sessions that a player can enter. Those of all fleets and locations, or of the
//! FleetIQ game server group, make one list: a bare array. All calls of a warm function share one search of them
//! ([`matchmaking::search::SharedSearch`]).

mod query;

use std::time::Duration;

use aws::gamelift::{Fleets, ListGameServers, SearchGameSessions};
use lambda_http::http::{HeaderName, HeaderValue};
use matchmaking::{
    config::FleetConfig,
    fleets::{Targets, shows_staleness},
    game_servers, present,
    search::{Asked, Page, SharedSearch},
};
use serde_json::Value;
use shared::{
    Answer, Call, Error, Route, RouteId,
    deadline::{Deadline, within},
};

use crate::query::Query;

pub use self::query::MEMBERS;

/// The answer's header for the token of the next page.
pub const NEXT_TOKEN_HEADER: &str = "liftgate-next-token";
const NEXT_TOKEN: HeaderName = HeaderName::from_static(NEXT_TOKEN_HEADER);

/// The answer's header for the number of fleets and locations that could not be searched, if any.
pub const LEFT_OUT_HEADER: &str = "liftgate-left-out";
const LEFT_OUT: HeaderName = HeaderName::from_static(LEFT_OUT_HEADER);

/// The route, on any GameLift.
#[derive(Debug)]
pub struct FindSession<G> {
    gamelift: G,
    targets: Targets,
    search: SharedSearch,
}

impl<G> FindSession<G> {
    /// Creates the route for the fleets that `fleets` names.
    pub fn new(gamelift: G, fleets: FleetConfig) -> Self {
        Self { gamelift, targets: Targets::new(fleets), search: SharedSearch::new() }
    }
}

impl<G: Fleets + SearchGameSessions + ListGameServers + 'static> Route for FindSession<G> {
    const ID: RouteId = RouteId::FindSession;
    /// The stock client abandons a search after 15 s.
    const BUDGET: Duration = Duration::from_secs(12);

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let query = Query::read(call.query(), self.targets.config())?;
        self.search(&query, call.deadline).await
    }
}

impl<G: Fleets + SearchGameSessions + ListGameServers> FindSession<G> {
    /// See [`matchmaking::fleets::Targets::warm_up`].
    pub async fn warm_up(&self) {
        self.targets.warm_up(&self.gamelift).await;
    }

    /// The answer to `query`. Cached fleets may be stale: they are looked up once more before it fails.
    async fn search(&self, query: &Query, deadline: Deadline) -> Result<Answer, Error> {
        let page = match self.page(query, deadline).await {
            Err(error) if shows_staleness(error.code()) && self.targets.forget() => self.page(query, deadline).await?,
            result => result?,
        };
        let listed = |session| match &self.targets.config().game_server_group {
            Some(group) => present::hosted_game_session(session, group),
            None => present::game_session(session),
        };
        let mut answer = Answer::ok(page.sessions.iter().map(listed).collect::<Vec<Value>>().into());
        if let Some(token) = page.next_token {
            let token = HeaderValue::try_from(token).expect("a token needs no escapes");
            answer.headers.insert(NEXT_TOKEN, token);
        }
        if page.left_out > 0 {
            answer.headers.insert(LEFT_OUT, page.left_out.into());
        }
        Ok(answer)
    }

    async fn page(&self, query: &Query, deadline: Deadline) -> Result<Page, Error> {
        let Query { criteria, limit, .. } = query;
        let asked = Asked { criteria, limit: *limit, next_token: query.next_token.as_deref() };
        let hold = self.targets.config().creator_time;
        if let Some(group) = &self.targets.config().game_server_group {
            return game_servers::page(&self.search, &self.gamelift, group, asked, hold, deadline).await;
        }
        let targets = within(deadline, self.targets.list(&self.gamelift, query.build_id)).await?;
        self.search.page(&self.gamelift, &targets, asked, hold, deadline).await
    }
}
