//! Placements in the store: events tell there what became of them, so that nobody has to ask GameLift who waits.
//!
//! A placement is a ticket before GameLift learns of it, so that no event finds nothing to write to. If the store fails
//! before, or for long, the call asks GameLift as it does without a store. One that comes beyond the gate's rate waits in
//! the line first; whoever lets it in sends it, and this call only if that one has died. An event may be lost; so
//! GameLift is asked once about a placement of which nothing was heard for [`QUIET`], by one of all who wait.

use std::time::Duration;

use aws::gamelift::NewPlacement;
use aws_sdk_gamelift::types::GameSessionPlacement;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};
use store::{
    Store,
    fail_open::{fail_open, fail_open_within},
    records::{
        news::Status,
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
        tickets::Heard,
    },
};
use tokio::time::Instant;

use crate::{
    sessions::{
        moves::{Moves, TIME_TO_NOTE},
        shown::{is_over, session_told},
    },
    tickets::{
        admission::Gate,
        look::{QUIET, is_quiet},
        placement::seen,
        placement_request::PlacementRequest,
        refusal,
    },
};

/// How long after others have asked GameLift a call wants to know again whether it may.
const AGAIN: Duration = Duration::from_secs(2);

/// Why a placement ends that its call does not want any more.
const CALLED_OFF: &str = "The call that wanted it has called it off.";

/// How often in a row the store may fail one who waits, before the call asks GameLift as it does without a store.
const FAILURES: u32 = 5;

/// A placement that the store knows.
#[derive(Debug)]
pub(crate) struct Noted<'a> {
    store: &'a Store,
    ticket: Ticket,
    /// Whether this call has noted it. Otherwise an earlier call with the same key has.
    pub(crate) is_new: bool,
    /// When this call wants to ask GameLift, if nothing is heard by then.
    asks: Instant,
    failures: u32,
    /// Whether this call has seen it in the line.
    has_waited: bool,
}

impl<'a> Noted<'a> {
    /// Notes the placement before it starts, in the line if the gate does not let it through, or reads what an earlier
    /// call with the same key has noted. `ends`: when this call has ended, if its client cannot come back for the
    /// placement. `None` without a store, or if it fails.
    pub(crate) async fn note_placement(
        store: Option<&'a Store>,
        gate: &Gate,
        new: &NewPlacement<'_>,
        ends: Option<Deadline>,
    ) -> Option<Self> {
        let store = store?;
        let until = ends.map(|ends| store.now() + ends.remaining());
        let kept = PlacementRequest::of(new, until).text();
        let (can_wait, mut entry) = (kept.is_some(), None);
        // A request too large to keep skips the line: no other call could send it.
        let line = Box::pin(async { entry.insert(gate.arrive(store).await).line().filter(|_| can_wait) });
        let (request, deadline) = (kept.unwrap_or_default(), Deadline::after(TIME_TO_NOTE));
        let ticket = NewTicket {
            id: new.id,
            kind: Kind::Placement,
            players: new.players,
            request: &request,
            line: None,
            key: None,
            holder: "",
        };
        let started = Box::pin(store.start_in_turn(&ticket, Duration::ZERO, deadline, line));
        let started = fail_open_within(TIME_TO_NOTE, "placement", started).await?;
        match started {
            Started::New(ticket) => {
                Some(Self { is_new: true, asks: Instant::now() + QUIET, ..Self::noted_before(store, *ticket) })
            }
            _ => {
                if let Some(entry) = entry {
                    gate.give_back(store, entry).await;
                }
                Self::known(Some(store), new.id).await
            }
        }
    }

    /// A placement that an earlier call has noted. `None` without a store, or if it fails or knows none.
    pub(crate) async fn known(store: Option<&'a Store>, id: &str) -> Option<Self> {
        let store = store?;
        let ticket = fail_open_within(TIME_TO_NOTE, "placement", store.ticket(id)).await??;
        let is_placement = ticket.kind == Kind::Placement;
        is_placement.then(|| Self::noted_before(store, ticket))
    }

    fn noted_before(store: &'a Store, ticket: Ticket) -> Self {
        let has_waited = ticket.news.status == Status::Waiting;
        Self { store, ticket, is_new: false, asks: Instant::now(), failures: 0, has_waited }
    }

    /// Whether GameLift has heard of it, or somebody else sends it: whoever lets it in.
    pub(crate) fn is_sent(&self) -> bool {
        self.has_waited || self.ticket.news.status != Status::Starting
    }

    /// Whether it waits in the line.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ticket.news.status == Status::Waiting
    }

    /// Whether GameLift has not heard of it, as far as the store knows.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self.ticket.news.status, Status::Waiting | Status::Starting)
    }

    /// Whether it goes on without the call that has noted it: GameLift has heard of it, or others can send it.
    pub(crate) fn is_under_way(&self) -> bool {
        self.is_sent() || PlacementRequest::of_text(&self.ticket.request).is_ok_and(|request| request.is_awaited())
    }

    /// Whether GameLift has refused it, as far as the store knows.
    pub(crate) fn is_refused(&self) -> bool {
        self.ticket.news.told.refused.is_some()
    }

    /// Whether it has ended without a game session, or is about to.
    pub(crate) fn has_ended(&self) -> bool {
        let status = self.ticket.news.status;
        is_over(status) || (self.ticket.is_to_stop && status != Status::Completed)
    }

    /// Fails if an earlier call with the same key has asked for something else, as far as the store has kept that.
    ///
    /// # Errors
    /// `IDEMPOTENCY_KEY_REUSED`.
    pub(crate) fn check_request(&self, new: &NewPlacement<'_>) -> Result<(), Error> {
        match PlacementRequest::of_text(&self.ticket.request) {
            Ok(known) if !known.is_the_same(&PlacementRequest::of(new, None)) => {
                Err(Error::new(Code::IdempotencyKeyReused, "Use another key for another request."))
            }
            _ => Ok(()),
        }
    }

    /// Its place in the line: 1 is the next one. `None` if the store cannot tell.
    pub(crate) async fn place(&self) -> Option<u64> {
        Some(fail_open("place", self.store.place_in_line(&self.ticket)).await?? + 1)
    }

    /// Moves the line on, until `until` at the latest, and lets the store know that somebody waits for this placement.
    /// Reads it again then. Does nothing for one that does not wait in the line.
    pub(crate) async fn move_on(&mut self, moves: &impl Moves, until: Deadline, deadline: Deadline) {
        if !self.is_waiting() {
            return;
        }
        moves.let_placements_in(self.store, until).await;
        if Instant::now() >= self.asks {
            self.asks = Instant::now() + QUIET;
            fail_open_within(TIME_TO_NOTE, "placement", self.store.may_look(&self.ticket.id, QUIET)).await;
        }
        let reading = within(deadline, self.store.ticket(&self.ticket.id));
        if let Some(Some(ticket)) = fail_open_within(TIME_TO_NOTE, "placement", reading).await {
            self.ticket = ticket;
        }
    }

    /// Sees to it that nobody sends the placement any more. Returns whether nobody has: otherwise it has to be stopped in
    /// GameLift too, and whoever sends it just now does that.
    pub(crate) async fn call_off(&mut self) -> bool {
        if self.is_waiting() {
            let withdrawn = self.store.withdraw(&self.ticket.id, CALLED_OFF);
            if fail_open_within(TIME_TO_NOTE, "placement", withdrawn).await == Some(true) {
                return true;
            }
        }
        if self.is_unsent() {
            fail_open_within(TIME_TO_NOTE, "placement", self.store.ask_stop(&self.ticket.id)).await;
        }
        false
    }

    /// The id of its game session, once it has one.
    ///
    /// # Errors
    /// Those of [`session_told`].
    pub(crate) fn session(&self) -> Result<Option<String>, Error> {
        session_told(self.ticket.news.status, &self.ticket.news.told)
    }

    /// Notes what GameLift says of it, so that all who wait know.
    pub(crate) async fn saw(&mut self, placement: &GameSessionPlacement) {
        let Some((status, told)) = seen(placement) else { return };
        self.asks = Instant::now() + QUIET;
        let saw = self.store.saw(&self.ticket, status, told);
        match fail_open_within(TIME_TO_NOTE, "placement", saw).await {
            Some(Heard::New(ticket) | Heard::Same(ticket) | Heard::Old(ticket)) => self.ticket = ticket,
            Some(Heard::Unknown) | None => {}
        }
    }

    /// Notes that GameLift has refused it, so it will never be placed.
    pub(crate) async fn was_refused(self, error: &Error) {
        let saw = self.store.saw(&self.ticket, Status::Failed, refusal::told(error));
        fail_open_within(TIME_TO_NOTE, "placement", saw).await;
    }

    /// Reads what was heard of it, and asks GameLift where nothing was for long. Others are let in for as long as the
    /// client waits, until `patience`.
    ///
    /// # Errors
    /// Those of [`Self::session`], and those of the call to GameLift.
    pub(crate) async fn look(
        &mut self,
        moves: &impl Moves,
        patience: Deadline,
        deadline: Deadline,
    ) -> Result<Seen, Error> {
        if self.is_waiting() {
            self.move_on(moves, patience, deadline).await;
            return Ok(self.session()?.map_or(Seen::Nothing, Seen::Placed));
        }
        let reading = within(deadline, self.store.ticket(&self.ticket.id));
        match fail_open_within(TIME_TO_NOTE, "placement", reading).await {
            Some(Some(ticket)) => {
                if ticket.news != self.ticket.news {
                    self.asks = Instant::now() + QUIET;
                }
                (self.ticket, self.failures) = (ticket, 0);
            }
            // It fails, or has lost the ticket.
            Some(None) => return Ok(Seen::Blind),
            None => {
                self.failures += 1;
                return Ok(if self.failures < FAILURES { Seen::Nothing } else { Seen::Blind });
            }
        }
        if let Some(id) = self.session()? {
            return Ok(Seen::Placed(id));
        }
        // One that this call may not send is left to those who may: a look would put them off.
        let may_ask = Instant::now() >= self.asks && is_quiet(self.store, &self.ticket);
        if !may_ask || (self.is_unsent() && !moves.may_send()) {
            return Ok(Seen::Nothing);
        }
        // Of all who wait, the store lets one ask.
        self.asks = Instant::now() + AGAIN;
        let may = fail_open_within(TIME_TO_NOTE, "placement", self.store.may_look(&self.ticket.id, QUIET)).await;
        if may != Some(true) {
            return Ok(Seen::Nothing);
        }
        let now = moves.ask_of_placement(self.store, &self.ticket, deadline).await?;
        (self.ticket, self.asks) = (now, Instant::now() + QUIET);
        Ok(self.session()?.map_or(Seen::Nothing, Seen::Placed))
    }
}

/// What a look at a placement in the store saw.
pub(crate) enum Seen {
    /// The id of its game session.
    Placed(String),
    /// It has none yet.
    Nothing,
    /// The store cannot tell.
    Blind,
}
