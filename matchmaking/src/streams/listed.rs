//! A stream group's stream sessions, listed for all who wait: those that are starting, and all that live. They are looked
//! up by their players' `UserId`.

use std::time::Duration;

use aws::{
    arns::last_part,
    streams::{ListStreamSessions, ListedStreamSession, StreamSessionPage},
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use aws_smithy_types::DateTime;
use shared::{Error, deadline::Backoff};

use crate::looks::{
    list::{List, Page, Thing},
    sharing::Looks,
    sweep::Sight,
    waiter::Waiter,
};

/// The statuses of a live stream session, in the order of its life: one that moves on during the listing is met in a
/// later status.
pub(crate) static LIVE: [Status; 5] =
    [Status::Activating, Status::Active, Status::Connected, Status::PendingClientReconnection, Status::Reconnecting];

/// The most pages, of 100 each, that are read of a list.
pub(crate) const MAX_PAGES: usize = 5;

/// The shortest time between two pages of either list, of one sweep or of two. So both lists of a group have four calls a
/// second together, however many stream sessions live. AWS allows an account 20: the rest is for starts, for looks at one
/// stream session, and for other groups.
const PER_PAGE: Duration = Duration::from_millis(500);

/// A stream group's ACTIVATING stream sessions.
pub(crate) struct Starting<'a, S> {
    pub(crate) streams: &'a S,
    pub(crate) group: &'a str,
}

/// A stream group's live stream sessions: by a page of all, and if that is not the only one by a list of each status.
pub(crate) struct Living<'a, S> {
    pub(crate) streams: &'a S,
    pub(crate) group: &'a str,
}

impl<S> Starting<'_, S> {
    /// A call that waits for a stream session that is starting.
    pub(crate) fn waiter(&self, looks: &Looks) -> Option<Waiter> {
        looks.waiter(&format!("starting streams {}", self.group), Backoff::polling_streams())
    }
}

impl<S> Living<'_, S> {
    /// A call that searches for a player's stream sessions.
    pub(crate) fn waiter(&self, looks: &Looks) -> Option<Waiter> {
        looks.waiter(&format!("streams {}", self.group), Backoff::polling_streams())
    }
}

impl<S: ListStreamSessions> List for Starting<'_, S> {
    const PAGES: usize = 1;
    const PER_PAGE: Duration = PER_PAGE;
    const SHORTEST: Duration = PER_PAGE;

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        let page = self.streams.list_stream_sessions(self.group, Some(Status::Activating), token).await?;
        Ok(Page { things: things(&page), next_token: page.next_token })
    }
}

impl<S: ListStreamSessions> List for Living<'_, S> {
    const PAGES: usize = 1;
    const PER_PAGE: Duration = PER_PAGE;
    const SHORTEST: Duration = PER_PAGE;

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        let Some(mut place) = token.as_deref().map(Place::read) else {
            let page = self.streams.list_stream_sessions(self.group, None, None).await?;
            let next_token = page.next_token.is_some().then(|| Place::default().write());
            return Ok(Page { things: things(&page), next_token });
        };
        let status = LIVE.get(place.status).cloned();
        let page = self.streams.list_stream_sessions(self.group, status, place.token.take()).await?;
        let things = things(&page);
        place.page += 1;
        place.token = page.next_token.filter(|_| place.page < MAX_PAGES);
        if place.token.is_none() {
            place = Place { status: place.status + 1, ..Place::default() };
        }
        Ok(Page { things, next_token: (place.status < LIVE.len()).then(|| place.write()) })
    }
}

/// The next page of the lists of each status.
#[derive(Default)]
struct Place {
    /// The index of the status.
    status: usize,
    /// How many pages of its list have been read.
    page: usize,
    token: Option<String>,
}

impl Place {
    fn write(&self) -> String {
        format!("{} {} {}", self.status, self.page, self.token.as_deref().unwrap_or_default())
    }

    fn read(token: &str) -> Self {
        let mut parts = token.splitn(3, ' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
        let (status, page) = (number(), number());
        Self { status, page, token: parts.next().filter(|token| !token.is_empty()).map(str::to_owned) }
    }
}

/// What is remembered of those that live.
fn things(page: &StreamSessionPage) -> Vec<Thing> {
    let live = page.sessions.iter().filter(|session| !is_over(session));
    let thing = |session: &ListedStreamSession| {
        let (id, status) = (last_part(&session.arn), session.status.as_ref().map_or("", Status::as_str));
        let application = session.application_arn.as_deref().map_or("", last_part);
        let (seconds, nanos) =
            session.created_at.map_or((String::new(), 0), |at| (at.secs().to_string(), at.subsec_nanos()));
        let text = format!("{id},{status},{application},{seconds},{nanos}");
        Some(Thing { key: session.user_id.clone()?, text })
    };
    live.filter_map(thing).collect()
}

/// The stream sessions of the player `user_id` that were seen, each once, as it was seen last. Their ARNs are their ids.
pub(crate) fn sessions(sight: &Sight, user_id: &str) -> Vec<ListedStreamSession> {
    let mut sessions = Vec::<ListedStreamSession>::new();
    for session in sight.texts.iter().filter_map(|text| session(text, user_id)) {
        sessions.retain(|known| known.arn != session.arn);
        sessions.push(session);
    }
    sessions
}

fn session(text: &str, user_id: &str) -> Option<ListedStreamSession> {
    let mut parts = text.split(',');
    let mut part = || parts.next().map(|part| Some(part).filter(|part| !part.is_empty()));
    let (arn, status, application, seconds, nanos) = (part()??, part()?, part()?, part()?, part()??);
    let created_at =
        seconds.and_then(|seconds| Some(DateTime::from_secs_and_nanos(seconds.parse().ok()?, nanos.parse().ok()?)));
    Some(ListedStreamSession {
        arn: arn.to_owned(),
        user_id: Some(user_id.to_owned()),
        status: status.map(Status::from),
        application_arn: application.map(str::to_owned),
        created_at,
    })
}

/// Whether a listed stream session has ended or is ending.
pub(crate) fn is_over(session: &ListedStreamSession) -> bool {
    matches!(session.status, Some(Status::Terminating | Status::Terminated | Status::Error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_of_a_stream_session_is_what_a_search_needs() {
        let listed = ListedStreamSession {
            arn: "arn:aws:gameliftstreams:us-west-2:111122223333:streamsession/sg-1/abc".to_owned(),
            user_id: Some("p".to_owned()),
            status: Some(Status::PendingClientReconnection),
            application_arn: Some("arn:aws:gameliftstreams:us-west-2:111122223333:application/a-1".to_owned()),
            created_at: Some(DateTime::from_secs_and_nanos(7, 5)),
        };
        let unknown = ListedStreamSession { application_arn: None, created_at: None, ..listed.clone() };
        let over = ListedStreamSession { status: Some(Status::Terminated), ..listed.clone() };
        let nobodys = ListedStreamSession { user_id: None, ..listed.clone() };
        let page = StreamSessionPage { sessions: vec![listed.clone(), over, nobodys], next_token: None };
        let [thing] = things(&page).try_into().unwrap();
        assert_eq!((thing.key.as_str(), thing.text.as_str()), ("p", "abc,PENDING_CLIENT_RECONNECTION,a-1,7,5"));
        let read = session(&thing.text, "p").unwrap();
        assert_eq!((read.arn.as_str(), read.application_arn.as_deref()), ("abc", Some("a-1")));
        assert_eq!((read.status, read.created_at, read.user_id), (listed.status, listed.created_at, listed.user_id));
        let [thing] = things(&StreamSessionPage { sessions: vec![unknown], next_token: None }).try_into().unwrap();
        let read = session(&thing.text, "p").unwrap();
        assert_eq!((read.arn.as_str(), read.application_arn, read.created_at), ("abc", None, None));
    }

    #[test]
    fn a_place_in_the_lists_is_read_as_it_was_written() {
        let place = Place { status: 3, page: 2, token: Some("a b".to_owned()) };
        let read = Place::read(&place.write());
        assert_eq!((read.status, read.page, read.token.as_deref()), (3, 2, Some("a b")));
        assert_eq!(Place::read(&Place::default().write()).token, None);
    }
}
