//! The open game sessions of all targets, as far as they were read. Every list is made of them, whatever its filter,
//! order and page.
//!
//! GameLift returns the newest game sessions first. So a part that was read is the beginning of the list by creation.
//! Other orders need all game sessions.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use aws::gamelift::{Search, SearchGameSessions, Target};
use aws_sdk_gamelift::types::GameSession;
use futures_util::{StreamExt as _, stream};
use shared::{
    Error,
    deadline::{Deadline, within},
};
use tokio::time::Instant;

use crate::{
    fleets::shows_staleness,
    search::{
        after::After,
        criteria::{Criteria, Sort},
        hold::Hold,
        merge::{Asked, CONCURRENT_SEARCHES, Page},
        token::{self, Start},
    },
};

/// The most pages that are read of one target, of 20 game sessions each.
const MAX_PAGES: usize = 5;

/// The most pages that are read of all targets together. The first page of each is read in any case.
const MAX_PAGES_OF_ALL: usize = 20;

/// The search that every list is made of: all game sessions with a free slot.
static EVERY: LazyLock<Criteria> = LazyLock::new(|| Criteria::any(Sort::Newest));

/// What was read of the targets.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// When the reading began.
    pub(crate) begun: Instant,
    /// How often every target with more was read.
    pub(crate) depth: usize,
    parts: Vec<Part>,
}

/// What was read of one target.
#[derive(Clone, Debug)]
struct Part {
    target: Target,
    /// In GameLift's order: the newest first.
    sessions: Vec<Arc<GameSession>>,
    pages: usize,
    rest: Rest,
}

/// What was not read of a target.
#[derive(Clone, Debug)]
enum Rest {
    Nothing,
    /// The page with this token, and those behind it.
    From(Option<String>),
    /// A page that could not be read, and those behind it.
    Failed(Error),
}

/// A list that was made of a pool.
pub(crate) struct Listing {
    pub(crate) page: Page,
    /// Whether GameLift has no game session that belongs on the page and is missing. Failed targets do not count.
    pub(crate) is_exact: bool,
}

impl Pool {
    /// A pool of these targets, which have to be different, before anything was read.
    pub(crate) fn new(targets: &[Target]) -> Self {
        let part =
            |target: &Target| Part { target: target.clone(), sessions: Vec::new(), pages: 0, rest: Rest::From(None) };
        Self { begun: Instant::now(), depth: 0, parts: targets.iter().map(part).collect() }
    }

    /// Whether another page of each target may be read, and there is one.
    pub(crate) fn may_grow(&self) -> bool {
        let unread = self.parts.iter().filter(|part| part.is_unread()).count();
        let pages: usize = self.parts.iter().map(|part| part.pages).sum();
        unread > 0 && self.depth < MAX_PAGES && (self.depth == 0 || pages + unread <= MAX_PAGES_OF_ALL)
    }

    /// The pool with another page of each target that has one.
    pub(crate) async fn grown<G: SearchGameSessions>(&self, gamelift: &G, deadline: Deadline) -> Self {
        let mut grown = self.clone();
        grown.depth += 1;
        let unread = grown.parts.iter_mut().filter(|part| part.is_unread());
        let reads: Vec<_> = unread.map(|part| part.read(gamelift, deadline)).collect();
        stream::iter(reads).for_each_concurrent(CONCURRENT_SEARCHES, |read| read).await;
        grown
    }

    /// Why nothing at all could be read, if so. The error that shows that the fleets are stale comes first.
    pub(crate) fn failure(&self) -> Option<&Error> {
        failure_of(&self.parts.iter().collect::<Vec<_>>())
    }

    /// The page that the client asks for, as far as it can be made of the pool.
    ///
    /// # Errors
    /// The error of a target, when none of those asked for could be read.
    pub(crate) fn list(
        &self,
        asked: Asked<'_>,
        after: Option<&After>,
        hold: Hold,
        fingerprint: &str,
    ) -> Result<Listing, Error> {
        let Asked { criteria, limit, .. } = asked;
        let parts: Vec<_> = self.parts.iter().filter(|part| part.may_be_at(criteria.location.as_deref())).collect();
        if let Some(error) = failure_of(&parts) {
            return Err(error.clone());
        }
        let mut found = matching(&parts, criteria, after, hold);
        let has_all = !parts.iter().any(|part| part.is_unread());
        let certain = if has_all {
            found.len()
        } else if criteria.sort == Sort::Newest {
            found.iter().take_while(|session| parts.iter().all(|part| part.has_read_past(session))).count()
        } else {
            0
        };
        let is_exact = has_all || certain >= limit;
        let is_last = found.len() <= limit && (has_all || !is_exact);
        found.truncate(limit);
        let next = || found.last().map(|last| Start { after: Some(After::of(last)), positions: None });
        let next_token = if is_last { None } else { next().and_then(|start| token::write(fingerprint, start)) };
        let is_left_out = |part: &&&Part| part.failure().is_some() || (!is_exact && part.is_unread());
        let left_out = parts.iter().filter(is_left_out).count();
        let sessions = found.into_iter().map(|session| GameSession::clone(session)).collect();
        Ok(Listing { page: Page { sessions, next_token, left_out, ..Page::default() }, is_exact })
    }
}

/// The game sessions of `parts` that belong on the list behind `after`, in its order and without repeats.
fn matching<'a>(
    parts: &[&'a Part],
    criteria: &Criteria,
    after: Option<&After>,
    hold: Hold,
) -> Vec<&'a Arc<GameSession>> {
    let is_behind = after.map(|after| after.is_before(criteria.sort));
    let mut found: Vec<_> = parts
        .iter()
        .flat_map(|part| part.sessions.iter().filter(|session| part.has_at(session, criteria.location.as_deref())))
        .filter(|session| criteria.matches(session) && !hold.keeps(session))
        .filter(|session| is_behind.as_ref().is_none_or(|is_behind| is_behind(session)))
        .collect();
    found.sort_by(|one, other| criteria.sort.compare(one, other));
    let mut ids = HashSet::new();
    found.retain(|session| ids.insert(session.game_session_id()));
    found
}

/// Why none of `parts` could be read, if so.
fn failure_of<'a>(parts: &[&'a Part]) -> Option<&'a Error> {
    let was_read = parts.iter().any(|part| part.pages > 0);
    let failures = parts.iter().filter_map(|part| part.failure()).filter(|_| !was_read);
    failures.min_by_key(|error| !shows_staleness(error.code()))
}

impl Part {
    fn is_unread(&self) -> bool {
        matches!(self.rest, Rest::From(_))
    }

    fn failure(&self) -> Option<&Error> {
        match &self.rest {
            Rest::Failed(error) => Some(error),
            Rest::Nothing | Rest::From(_) => None,
        }
    }

    /// Whether game sessions of the target can be at the location.
    fn may_be_at(&self, location: Option<&str>) -> bool {
        let own = self.target.location.as_deref();
        location.is_none() || own.is_none() || own == location
    }

    /// Whether this game session of the target is at the location. Where the target has one, all of them are there.
    fn has_at(&self, session: &GameSession, location: Option<&str>) -> bool {
        location.is_none() || self.target.location.is_some() || session.location() == location
    }

    /// Whether all game sessions of the target that come before this one were read. GameLift does not order those of
    /// the same time.
    fn has_read_past(&self, session: &GameSession) -> bool {
        let is_newer = |last: &Arc<GameSession>| session.creation_time() > last.creation_time();
        !self.is_unread() || self.sessions.last().is_some_and(is_newer)
    }

    /// Reads the next page.
    async fn read<G: SearchGameSessions>(&mut self, gamelift: &G, deadline: Deadline) {
        let Rest::From(page) = &self.rest else { return };
        let filter = EVERY.filter();
        let search = Search {
            fleet: &self.target.fleet,
            location: self.target.location.as_deref(),
            filter: &filter,
            sort: EVERY.sort.expression(),
            next_token: page.as_deref(),
            is_look: false,
        };
        self.rest = match within(deadline, gamelift.search_game_sessions(&search)).await {
            Ok(found) => {
                self.pages += 1;
                self.sessions.extend(found.sessions.into_iter().map(|session| Arc::new(slim(session))));
                found.next_token.map_or(Rest::Nothing, |token| Rest::From(Some(token)))
            }
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "a fleet or location could not be searched");
                Rest::Failed(error)
            }
        };
    }
}

/// The game session without its large members, which no list shows.
fn slim(mut session: GameSession) -> GameSession {
    session.game_session_data = None;
    session.matchmaker_data = None;
    session
}
