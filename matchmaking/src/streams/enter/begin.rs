//! Starts the stream session, counts the player's, and waits until it is up.

use std::{mem, pin::pin, time::Duration};

use aws::streams::StreamSession;
use aws_sdk_gameliftstreams::types::StreamSessionStatus as Status;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};
use store::records::slots::Held;
use tokio::time::Instant;

use crate::streams::{
    answer::{Entered, Outcome, Waiting},
    asked::Intent,
    enter::{EnterCalls, Offered, Slot, TIME_TO_EXPLAIN, Turn, Visit},
    limit::{self, Holders},
    own::SessionId,
    slot::StreamSlots,
    start, status,
    terminate::{self, Terminated},
    wait,
};

/// How long after [`limit::UNTIL_SEEN`] the player's streams are counted even if the call waits for nothing else.
const TIME_TO_COUNT: Duration = Duration::from_secs(1);

impl<'a, S> Visit<'a, S>
where
    S: EnterCalls,
{
    /// Starts a stream session.
    pub(super) async fn start_or_repeat(&mut self) -> Result<StreamSession, Error> {
        if self.asked.intent == Intent::Reconnect {
            return Err(Error::new(Code::StreamNotFound, "The player has no stream session that lives."));
        }
        let session = match self.started_before().await? {
            Some(session) => session,
            None => self.start_another().await?,
        };
        self.starts += 1;
        self.own = Some(session.id().to_owned());
        self.places.guesses().keep_own(&self.user_id, session.id());
        if session.status == Status::Activating {
            self.outcome = Outcome::Started;
        }
        self.give_slot(&session).await;
        let is_limited = self.places.config().max_streams != 0 && self.slot != Slot::Of(session.id().to_owned());
        let was_seen = self.seen.as_ref().is_some_and(|seen| seen.has(session.id()));
        self.uncounted = (is_limited && !was_seen).then(Instant::now);
        Ok(session)
    }

    /// The stream session that the same request has started before, for a player who has as many as are allowed. Once
    /// the player may have another, further starts of the call need no look: each replaces one that has ended.
    pub(super) async fn started_before(&mut self) -> Result<Option<StreamSession>, Error> {
        let most = self.places.config().max_streams;
        if most == 0 || self.may_start {
            return Ok(None);
        }
        let refused = (self.user_id.clone(), self.replaced().map(str::to_owned));
        if let Some(refusal) = self.places.refused().find(|earlier| *earlier == refused) {
            return Err(refusal);
        }
        let repeated = Box::pin(self.repeated_if_full(most)).await;
        if let Err(refusal) = &repeated
            && refusal.code() == Code::LimitExceeded
        {
            self.places.refused().keep(refused, refusal.clone(), limit::REMEMBERED);
        }
        let repeated = repeated?;
        self.may_start = repeated.is_none();
        Ok(repeated)
    }

    /// Holds a slot for the start. Without a store, or while it fails, the player's streams are listed. Those that were
    /// listed anyway count too: the store may not know them all.
    async fn repeated_if_full(&mut self, most: usize) -> Result<Option<StreamSession>, Error> {
        let was_listed = self.seen.is_some();
        if was_listed && let Some(repeated) = self.repeated_if_listed(most).await? {
            return Ok(Some(repeated));
        }
        match self.hold_slot().await? {
            Some(repeated) => Ok(Some(repeated)),
            None if self.slot == Slot::None && !was_listed => self.repeated_if_listed(most).await,
            None => Ok(None),
        }
    }

    async fn repeated_if_listed(&mut self, most: usize) -> Result<Option<StreamSession>, Error> {
        let replaced = self.asked.session.as_ref();
        let live = match self.seen.clone() {
            Some(live) => live,
            None => self.search().live(most + usize::from(replaced.is_some())).await?,
        };
        self.seen = Some(live.clone());
        let is_repeat = |session: &StreamSession| self.is_repeat(session);
        limit::check(&self.search(), live.without(replaced), most, is_repeat).await
    }

    /// Holds a slot, if the store can tell. If all are taken, those of ended stream sessions are freed first. The result
    /// is a stream session that the same request has started and that has one.
    async fn hold_slot(&mut self) -> Result<Option<StreamSession>, Error> {
        let Some(slots) = self.slots() else { return Ok(None) };
        for may_try_again in [true, false] {
            let (by, time) = match slots.take_slot(self.request.name(), self.replaced()).await {
                None => return Ok(None),
                Some(Held::Yes) => {
                    self.slot = Slot::Starting;
                    return Ok(None);
                }
                Some(Held::Full { by, until }) => (by, slots.left_until(until)),
            };
            let is_repeat = |session: &StreamSession| self.is_repeat(session);
            let holders = limit::look_at_holders(&self.search(), by, time, is_repeat).await?;
            match holders {
                Holders::Repeated(session) => {
                    self.slot = Slot::Of(session.id().to_owned());
                    return Ok(Some(*session));
                }
                Holders::Others { ended, .. } if may_try_again && !ended.is_empty() => {
                    for id in ended {
                        slots.free_slot_of(&id).await;
                    }
                }
                Holders::Others { refusal, .. } => return Err(refusal),
            }
        }
        Ok(None)
    }

    fn slots(&self) -> Option<StreamSlots<'a>> {
        let places = self.places;
        StreamSlots::of(places.store(), places.config(), self.player)
    }

    /// Gives the call's slot to the stream session that it has started.
    async fn give_slot(&mut self, session: &StreamSession) {
        let Some(slots) = self.slots() else { return };
        let id = session.id();
        let is_given = match &self.slot {
            Slot::None => false,
            Slot::Starting | Slot::Unclear => slots.give_slot_to(self.request.name(), id, &self.asked.wanted).await,
            Slot::Of(known) if known == id => true,
            // That one has ended.
            Slot::Of(ended) => slots.pass_slot_to(ended, id, &self.asked.wanted).await,
        };
        self.slot = if is_given { Slot::Of(id.to_owned()) } else { Slot::None };
    }

    /// Frees the slot of a start that has come to nothing.
    pub(super) async fn settle(&self) {
        let Some(slots) = self.slots().filter(|_| self.slot == Slot::Starting) else { return };
        let lives = |id: &&str| self.previous.as_ref().is_none_or(|previous| previous.id() != *id);
        slots.give_slot_back(self.request.name(), self.replaced().filter(lives), &self.asked.wanted).await;
    }

    /// The stream session that the call puts another in the place of.
    fn replaced(&self) -> Option<&str> {
        self.asked.session.as_ref().map(SessionId::id)
    }

    /// Starts a stream session, or finds the one that a request at the same time has started.
    async fn start_another(&mut self) -> Result<StreamSession, Error> {
        let attempt = (&self.request, self.starts);
        let wanted = &self.asked.wanted;
        // A new stream session comes with its answer, so no time is kept for a connection.
        let deadline = self.terms.deadline.keep(TIME_TO_EXPLAIN);
        let started = start::start(self.streams, self.places, wanted, &self.user_id, attempt, deadline).await;
        self.slot = match (&started, mem::replace(&mut self.slot, Slot::None)) {
            (Err(error), Slot::Starting) if start::may_have_started(error) => Slot::Unclear,
            (_, slot) => slot,
        };
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

    /// Waits for a stream session that is starting. If it ends, the client is told instead of waiting for another.
    pub(super) async fn until_active(&mut self, session: StreamSession) -> Result<Turn, Error> {
        self.own = Some(session.id().to_owned());
        self.way = self.way.or_else(|| Some(self.begun.elapsed()));
        let is_connected_to = !self.has_own_answer(&session) && !self.asked.wanted.has_no_client();
        let end = if is_connected_to { self.early() } else { self.terms.deadline.keep(TIME_TO_EXPLAIN) };
        let place = (self.places.looks(), self.places.config().stream_group.as_str(), self.user_id.as_str());
        let until = wait::until(end, self.terms.patience);
        let wait = Box::pin(wait::while_starting(self.streams, place, &session, until, end));
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
    pub(super) async fn count_meanwhile(
        &self,
        wait: impl Future<Output = Result<Option<StreamSession>, Error>>,
        session: &StreamSession,
        since: Instant,
    ) -> Result<Option<StreamSession>, Error> {
        let (search, most) = (self.search(), self.places.config().max_streams);
        let (mut wait, mut waited) = (pin!(wait), None);
        let before = self.seen.clone().unwrap_or_default();
        let older = |at, is_up| limit::older(&search, session, self.asked.session.as_ref(), &before, (at, is_up));
        let mut count = pin!(older(since + limit::UNTIL_SEEN, false));
        let counted = tokio::select! {
            biased;
            counted = &mut count => counted,
            result = &mut wait => {
                if let Ok(Some(seen)) = &result && status::end_of(seen).is_some() {
                    return result;
                }
                // A stream that is up makes nobody wait for the others' to be listed.
                if since.elapsed() < limit::UNTIL_SEEN && !matches!(result, Ok(None)) {
                    count.set(older(Instant::now(), true));
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
}
