//! Lets a player into a stream: the decision table.

use std::{
    ops::RangeInclusive,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use aws::streams::{
    CONNECT_TIME, ConnectToStreamSession, GetApplication, GetStreamGroup, GetStreamSession, ListStreamSessions,
    StartStreamSession, StreamSession, TerminateStreamSession,
};
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{
    Code, Error,
    deadline::{Deadline, in_turn, persist, within},
    hash::hex_sha256,
    player::Player,
    terms::Terms,
};
use tokio::time::Instant;

use crate::{
    all_of::all_of,
    streams::{
        answer::{Entered, Outcome, Previous, Waiting},
        asked::{Asked, Intent},
        limit, offer,
        own::{self, Live, Search, SessionId},
        places::Places,
        start::{self, Request},
        status,
        terminate::{self, Terminated},
        wait,
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

/// How long after [`limit::UNTIL_SEEN`] the player's streams are counted even if the call waits for nothing else.
const TIME_TO_COUNT: Duration = Duration::from_secs(1);

/// Seconds a fully throttled client waits before it retries; random, to spread the retries.
const WHEN_THROTTLED: RangeInclusive<u64> = 5..=10;

/// How often a connection is tried. An offer that is refused as such may be accepted a moment later, because GameLift
/// Streams does not tell a bad offer from a stream session in the wrong state.
const CONNECTIONS: u8 = 3;
const CONNECTIONS_OF_A_REFUSED_OFFER: u8 = 2;

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
    let visit = Visit {
        streams,
        places,
        asked,
        terms,
        user_id,
        request,
        previous: None,
        own: None,
        offered: Offered::Unknown,
        outcome: Outcome::Resumed,
        seen: None,
        may_start: false,
        uncounted: None,
        starts: 0,
        connections: 0,
        begun: Instant::now(),
        way: None,
    };
    visit.run().await.map_err(without_throttling)
}

/// Reports throttling as a time-out: the client did nothing wrong, and a repeat has the same effect.
fn without_throttling(error: Error) -> Error {
    if error.code() != Code::RateLimited {
        return error;
    }
    let operation = error.upstream().map_or("a call", |upstream| upstream.operation);
    let detail = format!(
        "GameLift Streams throttled {operation} until the call's time was over: the account's calls a second were used up. Send the same request again."
    );
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
    /// When AWS answered this call's start, until the player's streams have been counted after that. A repeat is
    /// answered with the stream session of the first one, which may be up already.
    uncounted: Option<Instant>,
    starts: u8,
    connections: u8,
    begun: Instant,
    /// The time until the call had a stream session to wait for. It is long if the call was throttled.
    way: Option<Duration>,
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
    async fn run(mut self) -> Result<Entered, Error> {
        let mut session = match &self.asked.session {
            Some(id) => Some(self.named(id).await?),
            // A client that wants a new stream and names no other needs no search.
            None if self.asked.intent == Intent::New => None,
            None => self.find_live().await?,
        };
        for _ in 0..TURNS {
            let current = match session {
                Some(session) => session,
                None => self.start().await?,
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
            return self.replace(&session).await;
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
        Search { streams: self.streams, config, wanted, user_id: &self.user_id, deadline: self.early() }
    }

    /// Starts a stream session.
    async fn start(&mut self) -> Result<StreamSession, Error> {
        if self.asked.intent == Intent::Reconnect {
            return Err(Error::new(Code::StreamNotFound, "The player has no stream session that lives."));
        }
        let session = match self.started_before().await? {
            Some(session) => session,
            None => self.start_another().await?,
        };
        self.starts += 1;
        self.own = Some(session.id().to_owned());
        if session.status == Status::Activating {
            self.outcome = Outcome::Started;
        }
        let is_limited = self.places.config().max_streams != 0;
        let was_seen = self.seen.as_ref().is_some_and(|seen| seen.has(session.id()));
        self.uncounted = (is_limited && !was_seen).then(Instant::now);
        Ok(session)
    }

    /// The stream session that the same request has started before, for a player who has as many as are allowed. Once
    /// the player may have another, further starts of the call need no look: each replaces one that has ended.
    async fn started_before(&mut self) -> Result<Option<StreamSession>, Error> {
        let most = self.places.config().max_streams;
        if most == 0 || self.may_start {
            return Ok(None);
        }
        let replaced = self.asked.session.as_ref();
        let refused = (self.user_id.clone(), replaced.map(|id| id.id().to_owned()));
        if let Some(refusal) = self.places.refused().find(|earlier| *earlier == refused) {
            return Err(refusal);
        }
        let live = match self.seen.clone() {
            Some(live) => live,
            None => self.search().live(most + usize::from(replaced.is_some())).await?,
        };
        self.seen = Some(live.clone());
        let is_repeat = |session: &StreamSession| self.is_repeat(session);
        let repeated = limit::check(&self.search(), live.without(replaced), most, is_repeat).await;
        if let Err(refusal) = &repeated
            && refusal.code() == Code::LimitExceeded
        {
            self.places.refused().keep(refused, refusal.clone(), limit::REMEMBERED);
        }
        let repeated = repeated?;
        self.may_start = repeated.is_none();
        Ok(repeated)
    }

    /// Starts a stream session, or finds the one that a request at the same time has started.
    async fn start_another(&mut self) -> Result<StreamSession, Error> {
        let attempt = (&self.request, self.starts);
        let wanted = &self.asked.wanted;
        // A new stream session comes with its answer, so no time is kept for a connection.
        let deadline = self.terms.deadline.keep(TIME_TO_EXPLAIN);
        let started = start::start(self.streams, self.places, wanted, &self.user_id, attempt, deadline).await;
        match started {
            Err(refusal) if start::may_be_about_the_token(&refusal, &self.request, wanted) => {
                self.after_conflict(refusal).await
            }
            started => {
                let session = started?;
                self.offered = Offered::Likely(session.id().to_owned());
                Ok(session)
            }
        }
    }

    /// Handles a conflict: the same request may have started a stream session from another tab. If it had other
    /// locations or another offer, AWS takes it for a different request.
    async fn after_conflict(&mut self, refusal: Error) -> Result<StreamSession, Error> {
        let repeated = match self.find_live().await? {
            Some(session) if self.is_repeat(&session) => Some(session),
            _ => self.repeated_beside_others().await?,
        };
        if let Some(session) = repeated {
            self.request.check(&session)?;
            return Ok(session);
        }
        let says_conflict = refusal.code() == Code::StreamMisconfigured && self.request.has_key();
        let is_reused = says_conflict && self.places.is_active(self.streams).await;
        Err(if is_reused { refusal.with_code(Code::IdempotencyKeyReused, start::REUSED) } else { refusal })
    }

    /// The stream session that the same request has started, for a player who has as many as are allowed by now. If it
    /// is one too many, the other tab's call ends it, and this call is refused as that one is.
    async fn repeated_beside_others(&self) -> Result<Option<StreamSession>, Error> {
        let most = self.places.config().max_streams;
        if most == 0 {
            return Ok(None);
        }
        let live = self.seen.clone().unwrap_or_default().without(self.asked.session.as_ref());
        limit::check(&self.search(), live, most, |session| self.is_repeat(session)).await
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

    /// Waits for a stream session that is starting. If it ends, the client is told instead of waiting for another.
    async fn until_active(&mut self, session: StreamSession) -> Result<Turn, Error> {
        self.own = Some(session.id().to_owned());
        self.way = self.way.or_else(|| Some(self.begun.elapsed()));
        let is_connected_to = !self.has_own_answer(&session) && !self.asked.wanted.has_no_client();
        let end = if is_connected_to { self.early() } else { self.terms.deadline.keep(TIME_TO_EXPLAIN) };
        let group = &self.places.config().stream_group;
        let wait = wait::while_in(self.streams, group, &session, wait::until(end, self.terms.patience), end);
        let seen = match self.uncounted.take() {
            None => wait.await?,
            Some(since) => self.count_meanwhile(wait, &session, since).await?,
        };
        match seen {
            None => self.still_activating(&session).await.map(Turn::Done),
            Some(seen) => match status::end_of(&seen) {
                // An earlier call started it: its end takes longer than this call.
                Some(end) if status::takes_longer_than_a_call(end.code()) => Ok(Turn::Next(Some(seen))),
                Some(end) => Err(end),
                None => Ok(Turn::Next(Some(seen))),
            },
        }
    }

    /// The result of `wait`, during which the player's streams are counted: `session`, which this call started at
    /// `since`, may be one too many. If they cannot be counted, it is kept.
    async fn count_meanwhile(
        &self,
        wait: impl Future<Output = Result<Option<StreamSession>, Error>>,
        session: &StreamSession,
        since: Instant,
    ) -> Result<Option<StreamSession>, Error> {
        let (search, most) = (self.search(), self.places.config().max_streams);
        let (mut wait, mut waited) = (pin!(wait), None);
        let before = self.seen.clone().unwrap_or_default();
        let older = |at| limit::older(&search, session, self.asked.session.as_ref(), &before, at);
        let mut count = pin!(older(since + limit::UNTIL_SEEN));
        let counted = tokio::select! {
            biased;
            counted = &mut count => counted,
            result = &mut wait => {
                if let Ok(Some(seen)) = &result && status::end_of(seen).is_some() {
                    return result;
                }
                // A stream that is up makes nobody wait for the others' to be listed.
                if since.elapsed() < limit::UNTIL_SEEN && !matches!(result, Ok(None)) {
                    count.set(older(Instant::now()));
                }
                waited = Some(result);
                let until = Deadline::after((limit::UNTIL_SEEN + TIME_TO_COUNT).saturating_sub(since.elapsed()));
                within(until.or_before(Some(self.terms.deadline.keep(TIME_TO_EXPLAIN))), count).await
            }
        };
        match counted {
            Ok(older) => {
                if let Some(staying) = search.staying(older, most).await {
                    return Err(self.leave(session, staying).await);
                }
            }
            Err(error) => tracing::warn!(
                stream_session_id = session.id(),
                code = error.code().as_str(),
                "the player's streams could not be counted after a start"
            ),
        }
        match waited {
            Some(result) => result,
            None => wait.await,
        }
    }

    /// Ends the stream session that this call has started, beside those that are `staying`, and gives the refusal.
    async fn leave(&self, session: &StreamSession, staying: Vec<String>) -> Error {
        let (config, id) = (self.places.config(), SessionId::of(session.id()));
        let ended = terminate::end(self.streams, config, &id, &self.user_id, (self.terms.deadline, None)).await;
        let is_ended = matches!(ended, Ok(Terminated::Over(..)));
        tracing::info!(
            stream_session_id = id.id(),
            is_ended,
            "a stream that calls at the same moment started in excess"
        );
        limit::excess(staying, config.max_streams, is_ended)
    }

    /// 202 for a client that said that it can come back; an error that explains how for any other.
    async fn still_activating(&mut self, session: &StreamSession) -> Result<Entered, Error> {
        let soon = self.terms.deadline.or_before(Some(Deadline::after(TIME_TO_EXPLAIN)));
        let capacity = within(soon, async { Ok(self.places.capacity(self.streams, session).await) }).await;
        let waiting = Waiting::new(session, capacity.unwrap_or_default(), self.previous.take());
        let waiting = waiting.not_before(self.way.unwrap_or_default());
        if self.terms.patience.is_some() { Ok(Entered::Activating(waiting)) } else { Err(waiting.timed_out()) }
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
    async fn replace(&mut self, session: &StreamSession) -> Result<Turn, Error> {
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

    /// Connects the player to a stream session that takes connections.
    async fn connect(&mut self, session: StreamSession) -> Result<Turn, Error> {
        if self.has_own_answer(&session) {
            return match (&session.status, session.signal_response.clone()) {
                (Status::Active, Some(response)) => Ok(self.entered(session, Some(response))),
                (Status::Active, None) => Err(Error::new(
                    Code::StreamServiceError,
                    "The stream session is up but gave no answer to the offer. Make a new one.",
                )),
                _ => Err(stale()),
            };
        }
        if matches!(&self.offered, Offered::Seen(id) if id == session.id()) {
            return Err(stale());
        }
        let (group, offer) = (&self.places.config().stream_group, &self.asked.wanted.signal_request);
        let token = hex_sha256(&[session.id().as_bytes(), offer.as_bytes()]);
        self.connections += 1;
        let is_lost = AtomicBool::new(false);
        let connection = || async {
            let connected = self.streams.connect(group, session.id(), &token, offer).await;
            if connected.as_ref().is_err_and(|error| error.code().is_passing() && error.code() != Code::RateLimited) {
                is_lost.store(true, Relaxed);
            }
            connected
        };
        let connected = in_turn(self.terms.deadline, connection).await;
        if is_lost.into_inner() {
            // AWS may have used the offer although the answer was lost.
            self.offered = Offered::Likely(session.id().to_owned());
        }
        match connected {
            Ok(response) => {
                self.outcome = Outcome::Reconnected;
                Ok(self.entered(StreamSession { status: Status::Active, ..session }, Some(response)))
            }
            Err(refusal) if is_about_the_state(&refusal) => self.after_refusal(session, refusal).await,
            Err(error) => Err(error),
        }
    }

    /// Finds the reason of a refused connection: either the stream session has changed, or the offer is bad.
    async fn after_refusal(&mut self, session: StreamSession, refusal: Error) -> Result<Turn, Error> {
        let most = match refusal.code() {
            Code::InvalidSignalRequest => CONNECTIONS_OF_A_REFUSED_OFFER,
            _ => CONNECTIONS,
        };
        let takes_connections =
            |seen: &StreamSession| matches!(seen.status, Status::Active | Status::PendingClientReconnection);
        let is_last = self.connections >= most;
        match self.look_again(&session, refusal.clone()).await? {
            Turn::Next(Some(seen)) if is_last && takes_connections(&seen) => Err(self.refused(&seen, refusal)),
            // Another client was faster.
            Turn::Next(Some(seen)) if seen.status == Status::Connected => Err(status::refusal(&seen)),
            next => Ok(next),
        }
    }

    /// The error of a stream session that refuses a connection although its state allows one. If the offer was used
    /// before, the error says so.
    fn refused(&self, session: &StreamSession, refusal: Error) -> Error {
        match &self.offered {
            Offered::Likely(id) | Offered::Seen(id) if id == session.id() => {
                refusal.with_code(Code::StaleSignalRequest, STALE)
            }
            _ if refusal.code() == Code::InvalidSignalRequest => refusal.with_code(
                Code::InvalidSignalRequest,
                "GameLift Streams refused the offer: it was used before, or is not one that it can use. Make a new RTCPeerConnection and send its offer.",
            ),
            _ => refusal,
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

const STALE: &str = "The stream session has used this offer already, and perhaps another one since. Make a new RTCPeerConnection and send its offer.";

fn stale() -> Error {
    Error::new(Code::StaleSignalRequest, STALE)
}

/// Whether GameLift Streams refused the connection itself, as opposed to failing or throttling.
fn is_about_the_state(refusal: &Error) -> bool {
    matches!(refusal.code(), Code::StreamInUse | Code::InvalidSignalRequest | Code::StreamNotFound)
}
