//! A GameLift with fleets `fleet-0` and `fleet-1`, each at `custom-a` and `custom-b`.

use std::{cmp::Reverse, future::pending, sync::Mutex, time::Duration};

use aws::gamelift::{Found, Search, SearchGameSessions, Target};
use aws_sdk_gamelift::{
    primitives::DateTime,
    types::{GameSession, GameSessionStatus, PlayerSessionCreationPolicy},
};
use matchmaking::search::{Asked, Criteria, Manner, Page, SharedSearch, Sort, page};
use shared::{Error, deadline::Deadline};

/// How long game sessions without players are kept for their creators, and the time for a page.
const HOLD: Duration = Duration::from_secs(25);
const TIME: Duration = Duration::from_secs(12);

/// How many player slots every game session has.
pub(crate) const SLOTS: i32 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) fleet: String,
    pub(crate) location: String,
    pub(crate) created: i64,
    pub(crate) players: i32,
}

impl Session {
    fn to_gamelift(&self) -> GameSession {
        GameSession::builder()
            .game_session_id(&self.id)
            .location(&self.location)
            .status(GameSessionStatus::Active)
            .player_session_creation_policy(PlayerSessionCreationPolicy::AcceptAll)
            .creation_time(DateTime::from_secs(self.created))
            .current_player_session_count(self.players)
            .maximum_player_session_count(SLOTS)
            .build()
    }
}

/// A search: fleet, location and token.
pub(crate) type Searched = (String, Option<String>, Option<String>);

/// Trouble with a fleet's search.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    Fails(Error),
    /// Fails from its second page on.
    FailsLater(Error),
    Hangs,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sessions: Vec<Session>,
    pub(crate) page_size: usize,
    /// Whether sessions that the sort expression leaves equal are in the order of their ids.
    pub(crate) ids_in_order: bool,
    pub(crate) trouble: Vec<(&'static str, Trouble)>,
    pub(crate) searches: Mutex<Vec<Searched>>,
}

impl World {
    pub(crate) fn new(sessions: Vec<Session>) -> Self {
        Self { sessions, page_size: 20, ids_in_order: true, trouble: Vec::new(), searches: Mutex::default() }
    }

    /// A page by a search of its own.
    pub(crate) async fn page(
        &self,
        targets: &[Target],
        criteria: &Criteria,
        limit: usize,
        next_token: Option<&str>,
    ) -> Result<Page, Error> {
        let manner = Manner { hold: HOLD, is_look: false };
        page(self, targets, criteria, manner, limit, next_token, Deadline::after(TIME)).await
    }

    /// A page of a search that is shared.
    pub(crate) async fn page_of(
        &self,
        shared: &SharedSearch,
        targets: &[Target],
        criteria: &Criteria,
        limit: usize,
        next_token: Option<&str>,
    ) -> Result<Page, Error> {
        let asked = Asked { criteria, limit, next_token };
        shared.page(self, targets, asked, HOLD, Deadline::after(TIME)).await
    }
}

impl SearchGameSessions for World {
    async fn search_game_sessions(&self, search: &Search<'_>) -> Result<Found, Error> {
        let fleet = search.fleet;
        let called = (fleet.to_owned(), search.location.map(str::to_owned), search.next_token.map(str::to_owned));
        self.searches.lock().unwrap().push(called);
        match self.trouble.iter().find(|(name, _)| *name == fleet) {
            Some((_, Trouble::Fails(error))) => return Err(error.clone()),
            Some((_, Trouble::FailsLater(error))) if search.next_token.is_some() => return Err(error.clone()),
            Some((_, Trouble::Hangs)) => pending().await,
            _ => {}
        }
        let here = |session: &&Session| {
            session.fleet == fleet && search.location.is_none_or(|location| session.location == location)
        };
        let mut found: Vec<_> = self.sessions.iter().filter(here).collect();
        if self.ids_in_order {
            found.sort_by_key(|session| session.id.clone());
        } else {
            found.sort_by_key(|session| Reverse(session.id.chars().rev().collect::<String>()));
        }
        match search.sort {
            "creationTimeMillis DESC" => found.sort_by_key(|session| Reverse(session.created)),
            "playerSessionCount DESC" => found.sort_by_key(|session| Reverse(session.players)),
            "playerSessionCount ASC" => found.sort_by_key(|session| session.players),
            other => panic!("{other} is no sort expression of ours"),
        }
        let start: usize = search.next_token.map_or(0, |token| token.parse().unwrap());
        let end = start + self.page_size;
        let next_token = (end < found.len()).then(|| end.to_string());
        let page = found.into_iter().skip(start).take(self.page_size);
        Ok(Found { sessions: page.map(Session::to_gamelift).collect(), next_token })
    }
}

/// `count` game sessions of a fleet at `custom-a`, one created a second.
pub(crate) fn sessions(fleet: &str, count: i64) -> Vec<Session> {
    let session = |created| Session {
        id: format!("{fleet}/{created:03}"),
        fleet: fleet.to_owned(),
        location: "custom-a".to_owned(),
        created,
        players: 0,
    };
    (0..count).map(session).collect()
}

/// A target as `LIFTGATE_FLEETS` has it: `fleet-0` or `fleet-0@custom-a`.
pub(crate) fn target(text: &str) -> Target {
    let (fleet, location) = text.split_once('@').map_or((text, None), |(fleet, location)| (fleet, Some(location)));
    Target { fleet: fleet.to_owned(), location: location.map(str::to_owned) }
}

pub(crate) fn criteria(pairs: &[(&str, &str)]) -> Criteria {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Criteria::read(pairs, Sort::Newest).unwrap()
}

pub(crate) fn ids(page: &Page) -> Vec<&str> {
    page.sessions.iter().filter_map(GameSession::game_session_id).collect()
}
