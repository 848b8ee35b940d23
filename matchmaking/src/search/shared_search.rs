//! One search for the lists of all clients.
//!
//! A client chooses its filter, order and page. If each of them were a search of its own, a client with odd wishes
//! could use up the account's `SearchGameSessions` for everybody. So a warm function reads the open game sessions once
//! a second, as far as the lists of that second need, and makes every list of what it has read.
//!
//! A game can have more open game sessions than are read. Then a list that cannot be made of them is a search of its
//! own after all, by GameLift's filter and order. There are few such searches a second: further lists get what was
//! read, marked as incomplete, and lists without any such game session `RATE_LIMITED`. The list of the newest game
//! sessions without a filter, which the stock client asks for, needs none of these searches.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use aws::gamelift::{SearchGameSessions, Target};
use shared::{
    Code, Error,
    cache::Cache,
    deadline::{Deadline, within},
};
use tokio::time::Instant;

use crate::search::{
    criteria::Criteria,
    hold::Hold,
    merge::{Asked, Manner, Page, TIME_TO_ANSWER, narrow, read_page},
    pool::Pool,
    token::{self, Start},
};

/// How long game sessions are listed again before they are read again.
const FRESH: Duration = Duration::from_secs(1);

/// How many pools are kept: one for every game version that has its own fleets.
const MAX_POOLS: usize = 16;

/// How many searches for one list each are made within [`FRESH`], and the most pages that one reads of a target.
const OWN_SEARCHES: usize = 2;
const OWN_PAGES: usize = 3;

/// How often one call may find that more has to be read: more often than a pool can grow.
const MAX_TURNS: usize = 12;

/// The open game sessions that the calls of a warm function share.
#[derive(Debug)]
pub struct SharedSearch {
    read: Mutex<Vec<Reading>>,
    /// Held by the call that reads. The others wait for its result.
    reader: tokio::sync::Mutex<()>,
    own_pages: Cache<OwnSearch, Page>,
    own_searches: Mutex<Vec<Instant>>,
}

/// The last result of reading a list of targets.
#[derive(Clone, Debug)]
struct Reading {
    targets: Vec<Target>,
    ended: Instant,
    pool: Arc<Pool>,
}

/// A search for one list alone.
#[derive(Clone, Debug, PartialEq)]
struct OwnSearch {
    targets: Vec<Target>,
    criteria: Criteria,
    limit: usize,
    next_token: Option<String>,
}

/// The circumstances of one call.
struct Visit<'a, G> {
    gamelift: &'a G,
    /// All targets, each place once.
    targets: Vec<Target>,
    asked: Asked<'a>,
    hold: Duration,
    arrival: Instant,
    deadline: Deadline,
}

impl Default for SharedSearch {
    fn default() -> Self {
        Self::new()
    }
}

impl SharedSearch {
    /// A search that has read nothing yet.
    pub fn new() -> Self {
        Self {
            read: Mutex::default(),
            reader: tokio::sync::Mutex::default(),
            own_pages: Cache::new(FRESH, OWN_SEARCHES),
            own_searches: Mutex::default(),
        }
    }

    /// Up to `asked.limit` game sessions of all `targets`, as [`page`](super::page) returns them. They are at most a
    /// second old. Game sessions without players are left out until they are older than `hold`.
    ///
    /// [`Page::left_out`] also counts the targets of which too little was read.
    ///
    /// # Errors
    /// As [`page`](super::page); and `RATE_LIMITED` when the page needs a search of its own and there were too many.
    pub async fn page<G: SearchGameSessions>(
        &self,
        gamelift: &G,
        targets: &[Target],
        asked: Asked<'_>,
        hold: Duration,
        deadline: Deadline,
    ) -> Result<Page, Error> {
        let narrowed = narrow(targets, asked.criteria.location.as_deref())?;
        let fingerprint = token::fingerprint(asked.criteria, &narrowed);
        let start = match asked.next_token {
            Some(next_token) => token::read(next_token, &fingerprint, narrowed.len())?,
            None => Start::default(),
        };
        let (targets, arrival) = (narrow(targets, None)?, Instant::now());
        let visit = Visit { gamelift, targets, asked, hold, arrival, deadline };
        if start.positions.is_some() {
            return self.own_page(&visit).await;
        }
        let held = Hold::new(hold, gamelift.now());
        let mut pool = self.pool(&visit, 1).await?;
        for _ in 0..MAX_TURNS {
            let listing = pool.list(asked, start.after.as_ref(), held, &fingerprint)?;
            if listing.is_exact {
                return Ok(listing.page);
            }
            if !pool.may_grow() {
                return match self.own_page(&visit).await {
                    Err(error) if error.code().is_passing() && !listing.page.sessions.is_empty() => Ok(listing.page),
                    own => own,
                };
            }
            pool = self.pool(&visit, pool.depth + 1).await?;
        }
        Err(too_many())
    }

    /// A fresh pool that was read at least to `depth`. One call reads, the others wait for it.
    async fn pool<G: SearchGameSessions>(&self, visit: &Visit<'_, G>, depth: usize) -> Result<Arc<Pool>, Error> {
        let Visit { gamelift, targets, arrival, .. } = visit;
        let deadline = visit.deadline.keep(TIME_TO_ANSWER);
        let known = |reading: Option<Reading>| {
            let reading = reading?;
            let failure = reading.pool.failure().cloned();
            match failure {
                // Only calls that were waiting share a failure.
                Some(error) => (reading.ended > *arrival).then_some(Err(error)),
                None => (reading.pool.depth >= depth).then_some(Ok(reading.pool)),
            }
        };
        if let Some(known) = known(self.fresh(targets, *arrival)) {
            return known;
        }
        let _reader = within(deadline, async { Ok(self.reader.lock().await) }).await?;
        let reading = self.fresh(targets, *arrival);
        if let Some(known) = known(reading.clone()) {
            return known;
        }
        let before = reading.map(|reading| reading.pool).filter(|pool| pool.failure().is_none());
        let before = before.unwrap_or_else(|| Arc::new(Pool::new(targets)));
        if !before.may_grow() {
            return Ok(before);
        }
        let pool = Arc::new(before.grown(*gamelift, deadline).await);
        self.keep(Reading { targets: targets.clone(), ended: Instant::now(), pool: Arc::clone(&pool) });
        pool.failure().map_or(Ok(Arc::clone(&pool)), |error| Err(error.clone()))
    }

    /// The last reading of these targets, if it was fresh when the call came.
    fn fresh(&self, targets: &[Target], arrival: Instant) -> Option<Reading> {
        let is_it = |reading: &&Reading| reading.targets == targets && reading.pool.begun + FRESH > arrival;
        self.read().iter().find(is_it).cloned()
    }

    fn keep(&self, reading: Reading) {
        let mut read = self.read();
        read.retain(|known| known.targets != reading.targets);
        if read.len() >= MAX_POOLS {
            read.remove(0);
        }
        read.push(reading);
    }

    /// The page by a search of its own.
    async fn own_page<G: SearchGameSessions>(&self, visit: &Visit<'_, G>) -> Result<Page, Error> {
        let Visit { gamelift, targets, asked, hold, deadline, .. } = visit;
        let search = OwnSearch {
            targets: targets.clone(),
            criteria: asked.criteria.clone(),
            limit: asked.limit,
            next_token: asked.next_token.map(str::to_owned),
        };
        let manner = Manner { hold: *hold, is_look: false };
        let look_up = || async {
            self.count_own_search()?;
            read_page(*gamelift, targets, *asked, manner, OWN_PAGES, *deadline).await
        };
        self.own_pages.get_or(search, look_up).await
    }

    /// # Errors
    /// `RATE_LIMITED` when there were [`OWN_SEARCHES`] within [`FRESH`].
    fn count_own_search(&self) -> Result<(), Error> {
        let mut searches = self.own_searches.lock().expect("nothing panics while it holds the times");
        searches.retain(|begun| begun.elapsed() < FRESH);
        if searches.len() >= OWN_SEARCHES {
            return Err(too_many());
        }
        searches.push(Instant::now());
        Ok(())
    }

    fn read(&self) -> MutexGuard<'_, Vec<Reading>> {
        self.read.lock().expect("nothing panics while it holds the pools")
    }
}

fn too_many() -> Error {
    Error::new(
        Code::RateLimited,
        "The game has more open game sessions than one search reads, and there are too many different searches. Send the same request again in a second, or one without a filter.",
    )
    .with_retry_after(FRESH)
}
