//! Merges the game sessions of all targets into one sorted list that is read page by page.

use std::{collections::HashSet, time::Duration};

use aws::gamelift::{SearchGameSessions, Target};
use aws_sdk_gamelift::types::GameSession;
use futures_util::{StreamExt as _, stream};
use shared::{Code, Error, deadline::Deadline};

use crate::{
    fleets::{at_location, shows_staleness},
    search::{
        criteria::Criteria,
        hold::Hold,
        reader::{Reader, Rules},
        token::{self, Position, Start},
    },
};

/// How many of GameLift's pages one call reads of one target: as many as the longest answer needs. A search that
/// finds little in them goes on with the next call.
const MAX_PAGES: usize = 5;

/// How many searches run at a time. The limit avoids GameLift's throttling of the account.
pub(crate) const CONCURRENT_SEARCHES: usize = 8;

/// Time kept free for the answer, so that a target that hangs does not cost the other targets' game sessions.
pub(crate) const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// A page of game sessions.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The game sessions, sorted and without repeats. There may be fewer than asked for, or none, although more
    /// follow.
    pub sessions: Vec<GameSession>,
    /// The token of the next page, if there is one; at most [`MAX_TOKEN`](super::MAX_TOKEN) characters that need no
    /// escapes in a URL.
    pub next_token: Option<String>,
    /// The new game sessions among those read that match but are kept for the parties that started them.
    pub kept: Vec<GameSession>,
    /// The number of targets that could not be searched and are missing here.
    pub left_out: usize,
    /// Why a target could not be searched to the end: there may be more game sessions than were found.
    pub failure: Option<Error>,
}

/// The page of a list that a client asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Which game sessions the list has, and in which order.
    pub criteria: &'a Criteria,
    /// The most game sessions of the page.
    pub limit: usize,
    /// The token of the page; `None` for the first page.
    pub next_token: Option<&'a str>,
}

/// The kind of search.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How long a game session without players is kept for the party that started it.
    pub hold: Duration,
    /// Whether this is one of several looks that each repeat the one before.
    pub is_look: bool,
}

/// Up to `limit` game sessions of all `targets`, sorted as one list. Successive pages return every game session once,
/// as long as nothing changes meanwhile.
///
/// A target that cannot be searched is counted in [`Page::left_out`] and tried again with the next page. A game
/// session that two aliases lead to is returned once a page.
///
/// # Errors
/// `INVALID_REQUEST` for a `next_token` of another search, or an unknown location; the error of one target when no
/// target can be searched.
pub async fn page<G: SearchGameSessions>(
    gamelift: &G,
    targets: &[Target],
    criteria: &Criteria,
    manner: Manner,
    limit: usize,
    next_token: Option<&str>,
    deadline: Deadline,
) -> Result<Page, Error> {
    let asked = Asked { criteria, limit, next_token };
    read_page(gamelift, targets, asked, manner, MAX_PAGES, deadline).await
}

/// [`page`], by at most `most_pages` of GameLift's pages for each target.
pub(crate) async fn read_page<G: SearchGameSessions>(
    gamelift: &G,
    targets: &[Target],
    asked: Asked<'_>,
    manner: Manner,
    most_pages: usize,
    deadline: Deadline,
) -> Result<Page, Error> {
    let Asked { criteria, next_token, .. } = asked;
    let targets = narrow(targets, criteria.location.as_deref())?;
    let fingerprint = token::fingerprint(criteria, &targets);
    let start = match next_token {
        Some(next_token) => token::read(next_token, &fingerprint, targets.len())?,
        None => Start::default(),
    };
    let starts = start.positions.unwrap_or_else(|| vec![Some(Position::default()); targets.len()]);
    let hold = Hold::new(manner.hold, gamelift.now());
    let is_behind: Box<dyn Fn(&GameSession) -> bool + Send + Sync> = match &start.after {
        Some(after) => Box::new(after.is_before(criteria.sort)),
        None => Box::new(|_| true),
    };
    let rules = Rules { criteria, hold, is_behind, is_look: manner.is_look, most_pages };
    let mut readers: Vec<_> =
        targets.iter().zip(starts).map(|(target, start)| Reader::new(target, &rules, start)).collect();
    let deadline = deadline.keep(TIME_TO_ANSWER);
    let filter = start.after.as_ref().map_or_else(|| criteria.filter(), |after| after.filter(criteria));

    fill(&mut readers, gamelift, &filter, deadline).await;
    check(&readers)?;
    let sessions = merge(&mut readers, gamelift, asked, &filter, deadline).await;
    let there_is_more = readers.iter().any(|reader| reader.failed().is_none() && reader.position().is_some());
    let positions = || Some(readers.iter().map(Reader::position).collect());
    let next = || token::write(&fingerprint, Start { positions: positions(), after: start.after.clone() });
    let next_token = there_is_more.then(next).flatten();
    let left_out = readers.iter().filter(|reader| reader.failed().is_some()).count();
    let failures = readers.iter().filter_map(Reader::failure);
    let failure = failures.min_by_key(|error| (error.code() != Code::RateLimited, !error.code().is_passing())).cloned();
    let kept = readers.into_iter().flat_map(Reader::into_kept).collect();
    Ok(Page { sessions, next_token, kept, left_out, failure })
}

/// Takes the game sessions of a page from the readers, each once.
async fn merge<G: SearchGameSessions>(
    readers: &mut [Reader<'_>],
    gamelift: &G,
    Asked { criteria, limit, .. }: Asked<'_>,
    filter: &str,
    deadline: Deadline,
) -> Vec<GameSession> {
    let mut sessions = Vec::new();
    let mut ids = HashSet::new();
    while sessions.len() < limit {
        fill(readers, gamelift, filter, deadline).await;
        // A target is still unread: its next game session could be the first of all, so the page ends here.
        if readers.iter().any(Reader::is_dry) {
            break;
        }
        let Some(session) = pop_first(readers, criteria) else { break };
        if ids.insert(session.game_session_id().map(str::to_owned)) {
            sessions.push(session);
        }
    }
    for reader in readers {
        while reader.head().is_some_and(|next| ids.contains(&next.game_session_id().map(str::to_owned))) {
            reader.pop();
        }
    }
    sessions
}

/// The targets to search: each place once, and only at `location` if one is given. They are sorted, because the order
/// of a look-up may change between two pages.
pub(crate) fn narrow(targets: &[Target], location: Option<&str>) -> Result<Vec<Target>, Error> {
    let mut narrowed = at_location(targets, location)?;
    narrowed.sort_by(|one, other| (&one.fleet, &one.location).cmp(&(&other.fleet, &other.location)));
    // A whole fleet comes before its locations and includes them.
    narrowed.dedup_by(|other, kept| {
        other.fleet == kept.fleet && (kept.location.is_none() || kept.location == other.location)
    });
    Ok(narrowed)
}

/// Reads until the next game session of every target is known, as far as the limits allow.
async fn fill<G: SearchGameSessions>(readers: &mut [Reader<'_>], gamelift: &G, filter: &str, deadline: Deadline) {
    while readers.iter().any(Reader::may_read) {
        let dry = readers.iter_mut().filter(|reader| reader.may_read());
        let reads: Vec<_> = dry.map(|reader| reader.read(gamelift, filter, deadline)).collect();
        stream::iter(reads).for_each_concurrent(CONCURRENT_SEARCHES, |read| read).await;
    }
}

/// Fails if no target could be searched. A token that GameLift refuses is the client's to correct, whatever the other
/// targets say.
fn check(readers: &[Reader<'_>]) -> Result<(), Error> {
    let failures: Vec<_> = readers.iter().filter_map(Reader::failed).collect();
    let bad_token = |error: &&&Error| error.fields().iter().any(|bad| bad.field() == "next_token");
    if let Some(error) = failures.iter().find(bad_token) {
        return Err((*error).clone());
    }
    if readers.iter().any(Reader::was_read) {
        return Ok(());
    }
    // Prefers the error that makes the caller look the fleets up again.
    let error = failures.iter().min_by_key(|error| !shows_staleness(error.code()));
    error.map_or(Ok(()), |error| Err((*error).clone()))
}

/// Takes the first of all targets' next game sessions.
fn pop_first(readers: &mut [Reader<'_>], criteria: &Criteria) -> Option<GameSession> {
    let heads = readers.iter().enumerate().filter_map(|(index, reader)| Some((index, reader.head()?)));
    let (first, _) = heads.min_by(|(_, one), (_, other)| criteria.sort.compare(one, other))?;
    readers[first].pop()
}
