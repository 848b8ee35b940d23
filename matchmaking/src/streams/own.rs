//! A player's own stream sessions. Another player's looks like a missing one.

use aws::{
    arns::{arn_parts, last_part},
    streams::{GetStreamSession, ListStreamSessions, ListedStreamSession, StreamSession, StreamSessionPage},
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, persist},
    request::Fields,
};

use crate::{
    config::streams::StreamConfig,
    streams::{status, wanted::Wanted},
};

/// The statuses of a live stream session, in the order of its life: one that moves on during the listing is met in a
/// later status.
const LIVE: [Status; 5] =
    [Status::Activating, Status::Active, Status::Connected, Status::PendingClientReconnection, Status::Reconnecting];

/// The most pages, of 100 each, that are read of a list.
const MAX_PAGES: usize = 5;

/// How many of a player's stream sessions on one page are looked at.
const MOST_LOOKS: usize = 3;

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
        let given = fields.optional_string("stream_session_id", 1..=128)?;
        let parts = arn_parts(&given);
        let id = parts.map_or(given.as_str(), |(_, _, id)| id).to_owned();
        let takes = |character: char| character.is_ascii_alphanumeric() || character == '-';
        if !id.is_empty() && id.len() <= 32 && id.chars().all(takes) {
            return Some(Self { id, arn: parts.is_some().then_some(given) });
        }
        fields.error(
            "stream_session_id",
            "is not a stream session's id; send StreamSessionId as reconnect_stream gave it",
        );
        None
    }

    /// Reads `stream_session_id`, which is required. The result is valid only if `fields` has no errors.
    pub fn required(fields: &mut Fields) -> Self {
        if fields.is_absent("stream_session_id") {
            fields.error("stream_session_id", "is required");
        }
        Self::read(fields).unwrap_or_default()
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
    /// If the client named an application, only its stream sessions count.
    pub(crate) wanted: &'a Wanted,
    pub(crate) user_id: &'a str,
    pub(crate) deadline: Deadline,
}

impl<S: ListStreamSessions + GetStreamSession> Search<'_, S> {
    /// The newest stream session that can be entered; else one that is connected to a client or belongs to another
    /// game session.
    ///
    /// `ListStreamSessions` is the first to be throttled when many players come at once. So a page of all stream
    /// sessions is read before a list of each status: it is usually the only page. If it is not, the next page is
    /// read only if few of its stream sessions have ended.
    ///
    /// # Errors
    /// Those of the calls.
    pub(crate) async fn run(&self) -> Result<Option<StreamSession>, Error> {
        let (mut in_use, mut next_token) = (None, None);
        for _ in 0..MAX_PAGES {
            let page = self.page(None, next_token).await?;
            let is_mostly_over =
                page.sessions.iter().filter(|session| is_over(session)).count() * 2 > page.sessions.len();
            if let Some(session) = self.enterable(page.sessions, &mut in_use).await? {
                return Ok(Some(session));
            }
            next_token = page.next_token;
            if next_token.is_none() {
                return Ok(in_use);
            }
            if is_mostly_over {
                break;
            }
        }
        self.by_status(in_use).await
    }

    /// Searches by status, in up to [`MAX_PAGES`] pages for each.
    async fn by_status(&self, mut in_use: Option<StreamSession>) -> Result<Option<StreamSession>, Error> {
        for status in LIVE {
            let mut next_token = None;
            for number in 1..=MAX_PAGES {
                let page = self.page(Some(status.clone()), next_token).await?;
                if let Some(session) = self.enterable(page.sessions, &mut in_use).await? {
                    return Ok(Some(session));
                }
                next_token = page.next_token;
                if next_token.is_none() {
                    break;
                }
                if number == MAX_PAGES {
                    tracing::warn!(status = status.as_str(), "more stream sessions than are looked at");
                }
            }
        }
        Ok(in_use)
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
            let id = SessionId { id: last_part(&found.arn).to_owned(), arn: None };
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

    fn fits(&self, session: &ListedStreamSession) -> bool {
        let application = session.application_arn.as_deref().map(last_part);
        let is_same = || application == Some(last_part(&self.wanted.application));
        session.user_id.as_deref() == Some(self.user_id) && (!self.wanted.only_this_application || is_same())
    }
}

fn is_over(session: &ListedStreamSession) -> bool {
    matches!(session.status, Some(Status::Terminating | Status::Terminated | Status::Error))
}

pub(crate) fn unknown() -> Error {
    Error::new(Code::StreamNotFound, "No stream session of this player has this id.")
}
