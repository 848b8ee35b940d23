//! A player's own stream sessions. Somebody else's looks like none.

use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;

use super::{GetStreamSession, ListStreamSessions, ListedStreamSession, StreamSession, Wanted};
use crate::{
    config::{StreamConfig, arn_parts, last_part},
    deadline::{Deadline, persist, within},
    error::{Code, Error},
    request::Fields,
};

/// The statuses of a stream session that lives, in the order of its life: one that moves on while they are
/// listed is met again.
const LIVE: [Status; 5] =
    [Status::Activating, Status::Active, Status::Connected, Status::PendingClientReconnection, Status::Reconnecting];

/// How many pages of 100 are read for a status.
const MAX_PAGES: usize = 5;

/// A stream session as the client names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionId {
    id: String,
    /// The whole ARN, if that is what the client sent.
    arn: Option<String>,
}

impl SessionId {
    /// Reads `stream_session_id`: an id or an ARN. `fields` keeps what is wrong with it.
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

    /// Reads `stream_session_id`, which has to be there; the result is of use only if `fields` is right.
    pub fn required(fields: &mut Fields) -> Self {
        if fields.is_absent("stream_session_id") {
            fields.error("stream_session_id", "is required");
        }
        Self::read(fields).unwrap_or_default()
    }

    /// The id by itself.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole ARN, if the client sent it, is the session's.
    fn is_of(&self, session: &StreamSession) -> bool {
        self.arn.as_ref().is_none_or(|arn| *arn == session.arn)
    }
}

/// The player's stream session `id`, alive or not.
///
/// # Errors
/// `STREAM_NOT_FOUND`, the same for one that is not there and one of somebody else; or the look's own.
pub(super) async fn owned(
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
        // Without what AWS said, which would tell the two apart.
        Err(error) if error.code() == Code::StreamNotFound => Err(unknown()),
        Err(error) => Err(error),
    }
}

/// A stream session of the player's that lives; of the application that the client named, if it named one.
///
/// At most one list a status, of up to [`MAX_PAGES`] pages: five calls where there is none. The first one
/// found will do, unless a client is connected to it or it is of another game session; then one that can be
/// entered is looked for further.
///
/// # Errors
/// Those of the calls.
pub(super) async fn find_live(
    streams: &(impl ListStreamSessions + GetStreamSession),
    config: &StreamConfig,
    wanted: &Wanted,
    user_id: &str,
    deadline: Deadline,
) -> Result<Option<StreamSession>, Error> {
    let mut in_use = None;
    for status in LIVE {
        let Some(found) = first_of(streams, config, status.clone(), wanted, user_id, deadline).await? else { continue };
        let id = SessionId { id: last_part(&found.arn).to_owned(), arn: None };
        match owned(streams, config, &id, user_id, deadline).await {
            // Over since.
            Ok(session) if super::status::end_of(&session).is_some() => {}
            Ok(session) if session.status == Status::Connected || wanted.is_for_another_game(&session) => {
                in_use = Some(session);
            }
            Ok(session) => return Ok(Some(session)),
            Err(error) if error.code() == Code::StreamNotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(in_use)
}

/// The newest of the player's on the first page that has any.
async fn first_of(
    streams: &impl ListStreamSessions,
    config: &StreamConfig,
    status: Status,
    wanted: &Wanted,
    user_id: &str,
    deadline: Deadline,
) -> Result<Option<ListedStreamSession>, Error> {
    let application =
        |session: &ListedStreamSession| session.application_arn.as_deref().map(last_part).map(str::to_owned);
    let fits = |session: &ListedStreamSession| {
        let is_same = || application(session).as_deref() == Some(last_part(&wanted.application));
        session.user_id.as_deref() == Some(user_id) && (!wanted.only_this_application || is_same())
    };
    let mut next_token = None;
    for _ in 0..MAX_PAGES {
        let page = streams.list_stream_sessions(&config.stream_group, status.clone(), next_token);
        let page = within(deadline, page).await?;
        let found = page.sessions.into_iter().filter(fits);
        let newest = found.max_by_key(|session| session.created_at.map(|time| (time.secs(), time.subsec_nanos())));
        if newest.is_some() || page.next_token.is_none() {
            return Ok(newest);
        }
        next_token = page.next_token;
    }
    tracing::warn!(status = status.as_str(), "more stream sessions than are looked at");
    Ok(None)
}

pub(super) fn unknown() -> Error {
    Error::new(Code::StreamNotFound, "No stream session of this player has this id.")
}
