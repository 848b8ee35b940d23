//! Lets a player into a stream: the decision table. `begin` has the steps of a start, `connect` those of a connection.

mod begin;
mod connect;

use std::{ops::RangeInclusive, time::Duration};

use aws::streams::{
    CONNECT_TIME, ConnectToStreamSession, GetApplication, GetStreamGroup, GetStreamSession, ListStreamSessions,
    StartStreamSession, StreamSession, TerminateStreamSession,
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, persist},
    player::Player,
    terms::Terms,
};
use tokio::time::Instant;

use crate::{
    all_of::all_of,
    streams::{
        answer::{Entered, Outcome, Previous},
        asked::{Asked, Intent},
        offer,
        own::{self, Live, Search, SessionId},
        places::Places,
        start::Request,
        status, wait,
    },
};

/// How long a departed client may still look connected. GameLift Streams does not tell a client that has just left
/// from one that is there, so a reloaded page waits until its own departure is noticed.
const UNTIL_GONE: Duration = Duration::from_secs(10);

/// The same for a client that does not say that it was in the stream session. Usually it is a second tab, which wants
/// a quick answer; but a properly closed connection is noticed within this time.
const UNTIL_TOLD: Duration = Duration::from_secs(2);

/// How long another client's connection under way may take.
const UNTIL_RECONNECTED: Duration = Duration::from_secs(5);

/// The pause between a refusal and the look at the changed state.
const BEFORE_A_LOOK: Duration = Duration::from_millis(500);

/// Time kept free at the end of a wait to look up what the client waits for.
const TIME_TO_EXPLAIN: Duration = Duration::from_millis(1500);

/// Seconds a fully throttled client waits before it retries; random, to spread the retries.
const WHEN_THROTTLED: RangeInclusive<u64> = 5..=10;

/// The most stream sessions that one call starts: the first, and those in place of ended ones. After that it gives up.
const STARTS: u8 = 4;

/// How often a stream session may turn out to have changed its state since the last look.
const TURNS: usize = 12;

all_of! {
    /// The calls that [`enter`] may make.
    pub EnterCalls:
        StartStreamSession
        + GetStreamSession
        + ListStreamSessions
        + ConnectToStreamSession
        + TerminateStreamSession
        + GetStreamGroup
        + GetApplication
}

/// Starts a stream for the player, or connects to the player's existing one.
///
/// # Errors
/// `STREAM_NOT_FOUND`, `RATE_LIMITED` after several of these, `STREAM_IN_USE`, `RECONNECT_IN_PROGRESS`,
/// `STALE_SIGNAL_REQUEST`, `ACTIVATION_TIMEOUT`, also for throttling; the code of an end after which no other stream is
/// started; and those of the calls.
/// `StreamSessionId` names the stream session.
pub async fn enter<S>(
    streams: &S,
    places: &Places,
    asked: &Asked,
    player: &Player,
    terms: &Terms,
) -> Result<Entered, Error>
where
    S: EnterCalls,
{
    let user_id = player.stream_user_id();
    if let Some(id) = &asked.session {
        places.guesses().check(streams, places.config(), &user_id, id).await?;
    }
    let group = &places.config().stream_group;
    let replaced = asked.session.as_ref().map(|session| session.id());
    let request = Request::new(&user_id, group, terms.key.as_deref(), &asked.wanted, replaced);
    let mut visit = Visit {
        streams,
        places,
        asked,
        terms,
        player: player.id(),
        user_id,
        request,
        previous: None,
        own: None,
        offered: Offered::Unknown,
        outcome: Outcome::Resumed,
        seen: None,
        may_start: false,
        slot: Slot::None,
        uncounted: None,
        starts: 0,
        connections: 0,
        begun: Instant::now(),
        way: None,
    };
    let entered = Box::pin(visit.find_way()).await;
    visit.settle().await;
    entered.map_err(without_throttling)
}

/// Reports throttling as a time-out: the client did nothing wrong, and a repeat has the same effect.
fn without_throttling(error: Error) -> Error {
    if error.code() != Code::RateLimited {
        return error;
    }
    let detail = match error.upstream() {
        Some(upstream) => format!(
            "GameLift Streams throttled {} until the call's time was over: the account's calls a second were used up. Send the same request again.",
            upstream.operation
        ),
        None => format!("{} Send the same request again.", error.detail()),
    };
    error
        .with_code(Code::ActivationTimeout, detail)
        .with_retry_after(Duration::from_secs(fastrand::u64(WHEN_THROTTLED)))
}

/// One player's way into a stream.
struct Visit<'a, S> {
    streams: &'a S,
    places: &'a Places,
    asked: &'a Asked,
    terms: &'a Terms,
    player: &'a str,
    user_id: String,
    request: Request,
    /// The stream session that ended last.
    previous: Option<Previous>,
    /// The stream session that this call has started, or waited for since its start. It is not replaced.
    own: Option<String>,
    /// Which stream session has had the client's offer already.
    offered: Offered,
    outcome: Outcome,
    /// The player's live stream sessions, once they have been searched for.
    seen: Option<Live>,
    /// Whether the player is known to have fewer than are allowed.
    may_start: bool,
    /// The call's slot in the store.
    slot: Slot,
    /// When AWS answered this call's start, until the player's streams have been counted after that. A repeat is
    /// answered with the stream session of the first one, which may be up already.
    uncounted: Option<Instant>,
    starts: u8,
    connections: u8,
    begun: Instant,
    /// The time until the call had a stream session to wait for. It is long if the call was throttled.
    way: Option<Duration>,
}

/// The slot for the stream session that a call starts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    /// None, so lists count the player's streams.
    None,
    /// The request holds one for its start.
    Starting,
    /// It is for a stream session that may have been started, though no answer said so.
    Unclear,
    /// The stream session with this id has it.
    Of(String),
}

/// Whether the client's offer has been used. Each offer works for one connection.
enum Offered {
    /// The offer is new, as far as this call knows.
    Unknown,
    /// The stream session with this id was started under this request's token. If AWS compares the requests of a
    /// token, it was started with this offer.
    Likely(String),
    /// The stream session with this id shows the offer or has its mark.
    Seen(String),
}

/// The next step.
enum Turn {
    /// The call is answered.
    Done(Entered),
    /// Decide about this stream session, or about none.
    Next(Option<StreamSession>),
}

impl<S> Visit<'_, S>
where
    S: EnterCalls,
{
    async fn find_way(&mut self) -> Result<Entered, Error> {
        let mut session = match &self.asked.session {
            Some(id) => Some(self.named(id).await?),
            // A client that wants a new stream and names no other needs no search.
            None if self.asked.intent == Intent::New => None,
            None => self.find_live().await?,
        };
        for _ in 0..TURNS {
            let current = match session {
                Some(session) => session,
                None => self.start_or_repeat().await?,
            };
            let id = current.id().to_owned();
            let turn = self.decide(current).await;
            match turn.map_err(|error| about(error, id))? {
                Turn::Done(entered) => return Ok(entered),
                Turn::Next(next) => session = next,
            }
        }
        Err(Error::new(Code::ReconnectInProgress, "The stream session changes all the time. Try again in a moment."))
    }

    /// Decides by the stream session's state: the decision table.
    async fn decide(&mut self, session: StreamSession) -> Result<Turn, Error> {
        self.request.check(&session)?;
        if self.has_own_answer(&session) || self.request.is_of_offer(&session) {
            self.offered = Offered::Seen(session.id().to_owned());
        }
        if let Some(end) = status::end_of(&session) {
            return self.after_end(&session, end).await;
        }
        if self.is_of_another_game(&session) {
            return Err(status::of_another_game());
        }
        if session.status == Status::Activating {
            return self.until_active(session).await;
        }
        // The same request has started it before, and the list did not show it.
        if let Some(since) = self.uncounted.take().filter(|_| session.status == Status::Active) {
            self.count_meanwhile(async { Ok(Some(session.clone())) }, &session, since).await?;
        }
        if self.is_to_be_replaced(&session) {
            return self.put_next_in_place(&session).await;
        }
        if self.asked.wanted.has_no_client() {
            return Ok(self.entered(session, None));
        }
        match session.status {
            Status::Active | Status::PendingClientReconnection => self.connect(session).await,
            Status::Connected => {
                let limit = if self.may_be_its_own() { UNTIL_GONE } else { UNTIL_TOLD };
                self.until_changed(session, limit).await
            }
            Status::Reconnecting => self.until_changed(session, UNTIL_RECONNECTED).await,
            _ => Err(status::refusal(&session)),
        }
    }

    /// The player's stream session that the client names.
    async fn named(&self, id: &SessionId) -> Result<StreamSession, Error> {
        let found = own::owned(self.streams, self.places.config(), id, &self.user_id, self.early()).await;
        self.places.guesses().note(&self.user_id, id, &found);
        found
    }

    /// Searches for a live stream session of the player.
    async fn find_live(&mut self) -> Result<Option<StreamSession>, Error> {
        let mut live = Live::default();
        let found = self.search().run(&mut live).await;
        self.seen = Some(live);
        found
    }

    fn search(&self) -> Search<'_, S> {
        let (config, wanted) = (self.places.config(), &self.asked.wanted);
        let (looks, user_id) = (self.places.looks(), &self.user_id);
        Search { streams: self.streams, config, looks, wanted, user_id, deadline: self.early() }
    }

    /// The step after a stream session that has ended or is ending.
    async fn after_end(&mut self, session: &StreamSession, end: Error) -> Result<Turn, Error> {
        let is_own = self.own.as_deref() == Some(session.id());
        let is_automatic = is_own || self.asked.intent == Intent::Auto;
        let is_used_up = self.request.is_of_key(session) && !status::was_never_used(session);
        let is_refused = self.asked.intent == Intent::Reconnect || (is_automatic && status::would_end_again(session));
        if is_refused || is_used_up || self.starts >= STARTS {
            return Err(end);
        }
        self.previous = Some(Previous::ended(session));
        self.another().await
    }

    /// The player's live stream session, if it has not been searched for yet; else none.
    async fn another(&mut self) -> Result<Turn, Error> {
        let is_looked_for = self.asked.intent == Intent::Auto && self.seen.is_none();
        Ok(Turn::Next(if is_looked_for { self.find_live().await? } else { None }))
    }

    /// Whether the stream session belongs to another game session and cannot be replaced: an ACTIVATING one cannot be
    /// ended.
    fn is_of_another_game(&self, session: &StreamSession) -> bool {
        let is_own = self.own.as_deref() == Some(session.id());
        let may_go = self.is_to_be_replaced(session) && session.status != Status::Activating;
        !is_own && !may_go && self.asked.wanted.is_for_another_game(session)
    }

    /// Whether the connected client may be the caller, from before a reload: the caller names the stream session or
    /// wants to reconnect. A stream session that this call has waited for cannot have had the caller.
    fn may_be_its_own(&self) -> bool {
        let says_so = self.asked.session.is_some() || self.asked.intent == Intent::Reconnect;
        says_so && self.own.is_none()
    }

    /// Whether the client wants another stream instead of this one, and has not got it yet.
    fn is_to_be_replaced(&self, session: &StreamSession) -> bool {
        let is_own = self.own.as_deref() == Some(session.id());
        self.asked.intent == Intent::New && !is_own && !self.is_repeat(session)
    }

    /// Whether the same request, sent before, has led to the stream session.
    fn is_repeat(&self, session: &StreamSession) -> bool {
        self.request.is_of_key(session) || self.has_same_offer(session)
    }

    /// Ends the stream session that the client named, if the player may have another one.
    async fn put_next_in_place(&mut self, session: &StreamSession) -> Result<Turn, Error> {
        if let Some(repeated) = self.started_before().await? {
            return Ok(Turn::Next(Some(repeated)));
        }
        let group = &self.places.config().stream_group;
        match in_turn(self.early(), || self.streams.terminate_stream_session(group, session.id())).await {
            Ok(()) => {
                self.previous = Some(Previous::terminated(session));
                Ok(Turn::Next(None))
            }
            Err(refusal) if refusal.code() == Code::StreamNotFound => Ok(Turn::Next(None)),
            Err(refusal) if refusal.code() == Code::ReconnectInProgress => self.look_again(session, refusal).await,
            Err(error) => Err(error),
        }
    }

    /// Looks again at a stream session that was not in the expected state. If it is gone, the step is to take
    /// another.
    async fn look_again(&mut self, session: &StreamSession, refusal: Error) -> Result<Turn, Error> {
        if !self.terms.deadline.sleep(BEFORE_A_LOOK).await {
            return Err(refusal);
        }
        let group = &self.places.config().stream_group;
        let look = persist(self.terms.deadline, || self.streams.get_stream_session(group, session.id()));
        match look.await {
            Ok(seen) => Ok(Turn::Next(Some(seen))),
            Err(error) if error.code() == Code::StreamNotFound && self.asked.intent != Intent::Reconnect => {
                self.another().await
            }
            Err(error) => Err(error),
        }
    }

    /// Waits a short time until the stream session leaves its status.
    async fn until_changed(&mut self, session: StreamSession, limit: Duration) -> Result<Turn, Error> {
        let end = self.early();
        let until = end.or_before(Some(Deadline::after(limit))).or_before(self.terms.patience);
        let group = &self.places.config().stream_group;
        match wait::while_in(self.streams, group, &session, until, end).await? {
            Some(seen) => Ok(Turn::Next(Some(seen))),
            None => Err(status::refusal(&session)),
        }
    }

    /// Whether the stream session's answer belongs to the client's offer.
    fn has_own_answer(&self, session: &StreamSession) -> bool {
        let is_started = self.outcome == Outcome::Started && self.own.as_deref() == Some(session.id());
        self.has_same_offer(session) || (is_started && session.signal_request.is_none())
    }

    fn has_same_offer(&self, session: &StreamSession) -> bool {
        let wanted = &self.asked.wanted;
        let is_same = |known: &str| offer::is_same(known, &wanted.signal_request);
        !wanted.has_no_client() && session.signal_request.as_deref().is_some_and(is_same)
    }

    fn entered(&mut self, session: StreamSession, response: Option<String>) -> Turn {
        Turn::Done(Entered::ready(self.outcome, session, response, self.previous.take()))
    }

    /// The deadline for everything before a connection.
    fn early(&self) -> Deadline {
        self.terms.deadline.keep(CONNECT_TIME)
    }
}

/// The error with the stream session `id`, unless it names one: a refusal by the limit names one to enter.
fn about(error: Error, id: String) -> Error {
    let name = "StreamSessionId";
    if error.members().contains_key(name) { error } else { error.with_member(name, id) }
}
