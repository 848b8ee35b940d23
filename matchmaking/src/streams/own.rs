//! A player's own stream sessions. Another player's looks like a missing one.

use std::{mem, time::Duration};

use aws::{
    arns::{arn_parts, last_part},
    streams::{GetStreamSession, ListStreamSessions, ListedStreamSession, StreamSession, StreamSessionPage},
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use aws_smithy_types::DateTime;
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, in_turn, persist},
    request::{Fields, Member, members::Text},
};

use crate::{
    config::streams::StreamConfig,
    looks::{
        list::List,
        sharing::Looks,
        waiter::{Told, Waiter},
    },
    streams::{
        listed::{self, LIVE, Living, MAX_PAGES, Starting, is_over},
        status,
        wanted::Wanted,
    },
};

/// How many of a player's stream sessions on one page are looked at.
pub(crate) const MOST_LOOKS: usize = 3;

/// How long a search waits for a list that calls share, before it lists for itself: two sweeps of the ten pages of 500
/// stream sessions, and some more. The first may have begun before the search.
const SHARED_TIME: Duration = Duration::from_secs(12);

/// How long one of the looks may take that confirm that another stream session lives.
const LOOK_TIME: Duration = Duration::from_millis(500);

/// The member that names a stream session.
pub const SESSION_ID: Member<Text> =
    Member::text("stream_session_id", 1..=128, "A stream session of the player: its id or its ARN.");

/// A stream session as the client names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionId {
    id: String,
    /// The whole ARN, if that is what the client sent.
    arn: Option<String>,
}

impl SessionId {
    /// Reads `stream_session_id`: an id or an ARN. `fields` collects the errors.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        Self::read_as(&SESSION_ID, fields)
    }

    fn read_as(member: &Member<Text>, fields: &mut Fields) -> Option<Self> {
        let given = fields.string(member)?;
        let parts = arn_parts(&given);
        let id = parts.map_or(given.as_str(), |(_, _, id)| id).to_owned();
        let takes = |character: char| character.is_ascii_alphanumeric() || character == '-';
        if !id.is_empty() && id.len() <= 32 && id.chars().all(takes) {
            return Some(Self { id, arn: parts.is_some().then_some(given) });
        }
        fields.error(member.name, "is not a stream session's id; send StreamSessionId as reconnect_stream gave it");
        None
    }

    /// Reads `stream_session_id`, which is required. The result is valid only if `fields` has no errors.
    pub fn required(fields: &mut Fields) -> Self {
        Self::read_as(&SESSION_ID.required(), fields).unwrap_or_default()
    }

    /// The stream session with this bare id.
    pub(crate) fn of(id: &str) -> Self {
        Self { id: id.to_owned(), arn: None }
    }

    /// The bare id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the ARN that the client sent, if any, is the session's.
    fn is_of(&self, session: &StreamSession) -> bool {
        self.arn.as_ref().is_none_or(|arn| *arn == session.arn)
    }
}

/// The player's stream session `id`, live or ended.
///
/// # Errors
/// `STREAM_NOT_FOUND`, the same for a missing one and another player's; or the error of the look.
pub(crate) async fn owned(
    streams: &impl GetStreamSession,
    config: &StreamConfig,
    id: &SessionId,
    user_id: &str,
    deadline: Deadline,
) -> Result<StreamSession, Error> {
    if id.arn.as_ref().is_some_and(|arn| !config.may_hold(arn)) {
        return Err(unknown());
    }
    match persist(deadline, || streams.get_stream_session(&config.stream_group, &id.id)).await {
        Ok(session) if session.user_id.as_deref() == Some(user_id) && id.is_of(&session) => Ok(session),
        Ok(_) => Err(unknown()),
        // AWS's message is dropped: it would tell the two cases apart.
        Err(error) if error.code() == Code::StreamNotFound => Err(unknown()),
        Err(error) => Err(error),
    }
}

/// The search for a player's live stream session.
pub(crate) struct Search<'a, S> {
    pub(crate) streams: &'a S,
    pub(crate) config: &'a StreamConfig,
    pub(crate) looks: &'a Looks,
    /// If the client named an application, only its stream sessions count.
    pub(crate) wanted: &'a Wanted,
    pub(crate) user_id: &'a str,
    pub(crate) deadline: Deadline,
}

impl<S: ListStreamSessions + GetStreamSession> Search<'_, S> {
    /// The newest stream session that can be entered; else one that is connected to a client or belongs to another
    /// game session. `live` gets the player's live ones that were seen, of whichever application: all of them when
    /// none can be entered.
    ///
    /// # Errors
    /// Those of the calls.
    pub(crate) async fn run(&self, live: &mut Live) -> Result<Option<StreamSession>, Error> {
        let (mut in_use, mut pages) = (None, Pages::new(self));
        while let Some(listed) = pages.next().await? {
            live.add(&listed, self.user_id);
            let listed = self.without_excess(listed, live).await;
            if let Some(session) = self.enterable(listed, &mut in_use).await? {
                return Ok(Some(session));
            }
        }
        Ok(in_use)
    }

    /// The player's live stream sessions, of whichever application; only `enough` of them if there are more.
    ///
    /// # Errors
    /// Those of the calls.
    pub(crate) async fn live(&self, enough: usize) -> Result<Live, Error> {
        let (mut live, mut pages) = (Live::default(), Pages::new(self));
        while live.ids.len() < enough
            && let Some(listed) = pages.next().await?
        {
            live.add(&listed, self.user_id);
        }
        Ok(live)
    }

    /// Lists the player's live stream sessions, of whichever application, until `id` is among them. `live` gets those
    /// that were seen.
    ///
    /// # Errors
    /// Those of the calls.
    pub(crate) async fn until_seen(&self, id: &str, live: &mut Live) -> Result<(), Error> {
        let mut pages = Pages::new(self);
        while !live.has(id)
            && let Some(listed) = pages.next().await?
        {
            live.add(&listed, self.user_id);
        }
        Ok(())
    }

    /// The player's live stream sessions a moment after `before`, by one list. Where one page did not hold all
    /// stream sessions, only the ACTIVATING ones are listed and those of `before` are added. So they are where looks are
    /// shared, unless a stream session of that moment `is_up` already: those who wait have that list read anyway. If this
    /// search has to list for itself after all, one page shows all.
    ///
    /// # Errors
    /// Those of the list.
    pub(crate) async fn soon_after(&self, before: &Live, is_up: bool) -> Result<Live, Error> {
        let are_listed = before.pages > 0 && !is_up && self.looks.are_shared();
        let (mut live, status) = if before.pages > 1 || are_listed {
            (before.clone(), Some(Status::Activating))
        } else {
            (Live::default(), None)
        };
        let shared = match status {
            Some(_) => Box::pin(self.shared(self.starting().waiter(self.looks), &self.starting())).await,
            None => Box::pin(self.shared(self.living().waiter(self.looks), &self.living())).await,
        };
        if let Some((listed, _)) = shared {
            live.add(&listed, self.user_id);
            return Ok(live);
        }
        // A list of its own shows those too that have come up since.
        let (mut live, status) = if before.pages > 1 { (live, status) } else { (Live::default(), None) };
        let mut next_token = None;
        for _ in 0..MAX_PAGES {
            let page = self.page(status.clone(), next_token.take()).await?;
            live.add(&page.sessions, self.user_id);
            next_token = page.next_token;
            if next_token.is_none() {
                break;
            }
        }
        Ok(live)
    }

    fn living(&self) -> Living<'_, S> {
        Living { streams: self.streams, group: &self.config.stream_group }
    }

    fn starting(&self) -> Starting<'_, S> {
        Starting { streams: self.streams, group: &self.config.stream_group }
    }

    /// The player's stream sessions in a list that began after this call and that all calls share, and how many pages it
    /// had; `None` if this search has to list for itself.
    async fn shared(&self, waiter: Option<Waiter>, list: &impl List) -> Option<(Vec<ListedStreamSession>, usize)> {
        let mut waiter = waiter?;
        let (until, mut waits) =
            (self.deadline.or_before(Some(Deadline::after(SHARED_TIME))), Backoff::polling_shared());
        loop {
            match waiter.ask(self.user_id, list).await {
                Ok(Told::Seen(sight)) if sight.began >= waiter.since() => {
                    return Some((listed::sessions(&sight, self.user_id), sight.pages));
                }
                Ok(Told::Alone) => return None,
                // A list that fails or is throttled is read by the next one whose turn it is.
                Ok(_) | Err(_) => {}
            }
            if !until.sleep(waits.next().unwrap_or_default()).await {
                return None;
            }
        }
    }

    async fn page(&self, status: Option<Status>, next_token: Option<String>) -> Result<StreamSessionPage, Error> {
        let group = &self.config.stream_group;
        in_turn(self.deadline, || self.streams.list_stream_sessions(group, status.clone(), next_token.clone())).await
    }

    /// The newest of `listed` that is the player's and can be entered. One that is connected to a client or belongs
    /// to another game session becomes `in_use`.
    async fn enterable(
        &self,
        mut listed: Vec<ListedStreamSession>,
        in_use: &mut Option<StreamSession>,
    ) -> Result<Option<StreamSession>, Error> {
        listed.retain(|session| self.fits(session) && !is_over(session));
        listed.sort_by_key(|session| session.created_at.map(|time| (time.secs(), time.subsec_nanos())));
        // One connected stream session is enough.
        let (connected, others): (Vec<_>, Vec<_>) =
            listed.into_iter().rev().partition(|session| session.status == Some(Status::Connected));
        let connected = connected.into_iter().take(usize::from(in_use.is_none()));
        for found in others.into_iter().take(MOST_LOOKS).chain(connected) {
            let id = SessionId::of(last_part(&found.arn));
            match owned(self.streams, self.config, &id, self.user_id, self.deadline).await {
                Ok(session) if session.status == Status::Connected => *in_use = Some(session),
                // It has ended since the listing.
                Ok(session) if status::end_of(&session).is_some() => {}
                Ok(session) if self.wanted.is_for_another_game(&session) => *in_use = Some(session),
                Ok(session) => return Ok(Some(session)),
                Err(error) if error.code() == Code::StreamNotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Without the new ones that are more than a player may have: the calls that have started them end them. `live` are
    /// the player's. A list may be stale, so those that stay are looked at first: an ended one hides no other.
    async fn without_excess(&self, mut listed: Vec<ListedStreamSession>, live: &Live) -> Vec<ListedStreamSession> {
        let (most, newest_first) = (self.config.max_streams, live.clone().without(None));
        if most == 0 || newest_first.len() <= most {
            return listed;
        }
        let oldest_first = newest_first.iter().rev().cloned().collect();
        let Some(staying) = self.staying(oldest_first, most).await else { return listed };
        let excess: Vec<_> = newest_first.into_iter().take_while(|id| staying.last() != Some(id)).collect();
        let is_new = |one: &ListedStreamSession| matches!(one.status, Some(Status::Activating | Status::Active));
        listed.retain(|one| !(is_new(one) && excess.iter().any(|id| id == last_part(&one.arn))));
        listed
    }

    /// The `most` of the stream sessions `older` that stay, if there are so many: then the player's next one is too many.
    /// A list may be stale, so the oldest are looked at; one that cannot be looked at counts as live.
    pub(crate) async fn staying(&self, older: Vec<String>, most: usize) -> Option<Vec<String>> {
        if older.len() < most {
            return None;
        }
        let mut staying = Vec::new();
        for (looks, id) in older.into_iter().enumerate() {
            let is_live = match looks {
                0..MOST_LOOKS => match self.look(&id).await {
                    Ok(session) => status::end_of(&session).is_none(),
                    Err(error) => error.code() != Code::StreamNotFound,
                },
                _ => true,
            };
            if is_live {
                staying.push(id);
            }
            if staying.len() == most {
                return Some(staying);
            }
        }
        None
    }

    /// A look at a listed stream session of the player's, for [`LOOK_TIME`] at most.
    pub(crate) async fn look(&self, id: &str) -> Result<StreamSession, Error> {
        let until = self.deadline.or_before(Some(Deadline::after(LOOK_TIME)));
        owned(self.streams, self.config, &SessionId::of(id), self.user_id, until).await
    }

    fn fits(&self, session: &ListedStreamSession) -> bool {
        let application = session.application_arn.as_deref().map(last_part);
        let is_same = || application == Some(last_part(&self.wanted.application));
        session.user_id.as_deref() == Some(self.user_id) && (!self.wanted.only_this_application || is_same())
    }
}

/// The lists in which a player's stream session can be.
///
/// `ListStreamSessions` is the first to be throttled when many players come at once. So a page of all stream sessions
/// is read before a list of each status: it is usually the only page. If it is not, the next page is read only if few
/// of its stream sessions have ended. Each list is read in up to [`MAX_PAGES`] pages.
struct Pages<'a, S> {
    search: &'a Search<'a, S>,
    /// The statuses whose lists come after the present one.
    statuses: std::slice::Iter<'static, Status>,
    /// The present list; `None` at the end.
    list: Option<OwnList>,
    /// The list that all calls share, until it has been read or cannot be.
    shared: Option<Waiter>,
    /// Whether the shared list had several pages. The second one is empty then: there is nothing behind the first.
    has_second: bool,
}

#[derive(Default)]
struct OwnList {
    /// `None`: all stream sessions.
    status: Option<Status>,
    pages_read: usize,
    next_token: Option<String>,
}

impl<'a, S: ListStreamSessions + GetStreamSession> Pages<'a, S> {
    fn new(search: &'a Search<'a, S>) -> Self {
        let (shared, list) = (search.living().waiter(search.looks), Some(OwnList::default()));
        Self { search, statuses: LIVE.iter(), list, shared, has_second: false }
    }

    /// The stream sessions of the next page.
    async fn next(&mut self) -> Result<Option<Vec<ListedStreamSession>>, Error> {
        if mem::take(&mut self.has_second) {
            return Ok(Some(Vec::new()));
        }
        let shared = self.shared.take();
        if let Some((listed, pages)) = Box::pin(self.search.shared(shared, &self.search.living())).await {
            (self.list, self.has_second) = (None, pages > 1);
            return Ok(Some(listed));
        }
        let Some(mut list) = self.list.take() else { return Ok(None) };
        let page = self.search.page(list.status.clone(), list.next_token.take()).await?;
        list.pages_read += 1;
        list.next_token = page.next_token;
        let is_whole = list.next_token.is_none();
        let is_mostly_over = page.sessions.iter().filter(|session| is_over(session)).count() * 2 > page.sessions.len();
        let is_enough = list.pages_read == MAX_PAGES || (list.status.is_none() && is_mostly_over);
        if let Some(status) = list.status.as_ref().filter(|_| is_enough && !is_whole) {
            tracing::warn!(status = status.as_str(), "more stream sessions than are looked at");
        }
        self.list = match list.status {
            // All stream sessions were read.
            None if is_whole => None,
            _ if is_whole || is_enough => {
                self.statuses.next().map(|status| OwnList { status: Some(status.clone()), ..OwnList::default() })
            }
            _ => Some(list),
        };
        Ok(Some(page.sessions))
    }
}

/// A player's live stream sessions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    /// Their ids and creation times, each once.
    ids: Vec<(String, Option<DateTime>)>,
    /// How many pages were read to find them.
    pages: usize,
}

impl Live {
    /// Adds those of a page.
    fn add(&mut self, listed: &[ListedStreamSession], user_id: &str) {
        self.pages += 1;
        for session in listed.iter().filter(|one| one.user_id.as_deref() == Some(user_id) && !is_over(one)) {
            let id = last_part(&session.arn);
            if !self.ids.iter().any(|(known, _)| known == id) {
                self.ids.push((id.to_owned(), session.created_at));
            }
        }
    }

    /// Whether the stream session is among them.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.iter().any(|(known, _)| known == id)
    }

    /// The ids, the newest first, without that of a stream session which is being replaced.
    pub(crate) fn without(mut self, replaced: Option<&SessionId>) -> Vec<String> {
        self.ids.sort_by_key(|(id, created)| std::cmp::Reverse(age(id, *created)));
        let ids = self.ids.into_iter().map(|(id, _)| id);
        ids.filter(|id| replaced.is_none_or(|replaced| replaced.id != *id)).collect()
    }

    /// The ids of those that are older than `session`, the oldest first, without that of one which is being replaced.
    /// Of two that were created at the same time, the one with the lesser id counts as the older.
    pub(crate) fn before(&self, session: &StreamSession, replaced: Option<&SessionId>) -> Vec<String> {
        // AWS may round the time of the list in another way than that of the start.
        let listed = self.ids.iter().find(|(id, _)| id == session.id()).and_then(|(_, created)| *created);
        let own = age(session.id(), listed.or(session.created_at));
        let mut ids = self.clone().without(replaced);
        ids.reverse();
        ids.retain(|id| self.ids.iter().any(|(known, created)| known == id && age(id, *created) < own));
        ids
    }
}

/// Sorts stream sessions by their creation: the order is the same for all calls.
fn age(id: &str, created_at: Option<DateTime>) -> (Option<(i64, u32)>, String) {
    (created_at.map(|time| (time.secs(), time.subsec_nanos())), id.to_owned())
}

pub(crate) fn unknown() -> Error {
    Error::new(Code::StreamNotFound, "No stream session of this player has this id.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(id: &str, second: Option<i64>) -> StreamSession {
        StreamSession {
            arn: format!("arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/{id}"),
            user_id: None,
            status: Status::Activating,
            status_reason: None,
            application_arn: None,
            location: None,
            signal_request: None,
            signal_response: None,
            connection_timeout_seconds: None,
            mark: None,
            game: None,
            created_at: second.map(DateTime::from_secs),
            last_updated_at: None,
        }
    }

    #[test]
    fn the_older_ones_are_those_created_before_and_of_the_same_time_those_with_a_lesser_id() {
        let ids = [("c", Some(5)), ("e", Some(7)), ("b", Some(7)), ("d", Some(7)), ("a", Some(9)), ("f", None)];
        let ids = ids.map(|(id, second)| (id.to_owned(), second.map(DateTime::from_secs))).to_vec();
        let live = Live { ids, pages: 1 };
        // The list's time counts, not that of the start.
        assert_eq!(live.before(&started("d", Some(1)), None), ["f", "c", "b"]);
        assert_eq!(live.before(&started("bb", Some(7)), None), ["f", "c", "b"], "it is not listed yet");
        assert_eq!(live.before(&started("a", None), Some(&SessionId::of("c"))), ["f", "b", "d", "e"]);
        assert_eq!(live.before(&started("f", None), None), [""; 0]);
    }
}
