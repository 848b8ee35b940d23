//! Placements in the store: events tell there what became of them, so that nobody has to ask GameLift who waits.
//!
//! A placement is a ticket before GameLift learns of it, so that no event finds nothing to write to. If the store fails
//! before, or for long, the call asks GameLift as it does without a store. An event may be lost; so GameLift is asked
//! once about a placement of which nothing was heard for [`QUIET`], by one of all who wait.

use std::time::Duration;

use aws::{
    gamelift::{DescribePlacement, NewPlacement},
    upstream::{Operation, incomplete},
};
use aws_sdk_gamelift::types::GameSessionPlacement;
use serde_json::json;
use shared::{
    Code, Error,
    deadline::{Deadline, within},
};
use store::{
    Store,
    fail_open::fail_open_within,
    records::{
        news::{Status, Told},
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
        tickets::Heard,
    },
};
use tokio::time::Instant;

use crate::tickets::placement::seen;

/// How long nothing has to be heard of a placement for GameLift to be asked.
const QUIET: Duration = Duration::from_secs(10);

/// How long the store may take to note a placement. Without it, the call asks GameLift again and again.
pub(crate) const TIME_TO_NOTE: Duration = Duration::from_secs(1);

/// How long after others have asked GameLift a call wants to know again whether it may.
const AGAIN: Duration = Duration::from_secs(2);

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
}

impl<'a> Noted<'a> {
    /// Notes the placement before it starts, or reads what an earlier call with the same key has noted. `None` without
    /// a store, or if it fails.
    pub(crate) async fn of(store: Option<&'a Store>, new: &NewPlacement<'_>) -> Option<Self> {
        let store = store?;
        let deadline = Deadline::after(TIME_TO_NOTE);
        // It is not sent again by others: whoever comes back for it does so by its key.
        let request = json!({ "queue": new.queue }).to_string();
        let ticket = NewTicket {
            id: new.id,
            kind: Kind::Placement,
            players: new.players,
            request: &request,
            line: None,
            key: None,
            holder: "",
        };
        let started = fail_open_within(TIME_TO_NOTE, "placement", store.start(&ticket, deadline)).await?;
        match started {
            Started::New(ticket) => {
                Some(Self { store, ticket: *ticket, is_new: true, asks: Instant::now() + QUIET, failures: 0 })
            }
            _ => Self::known(Some(store), new.id).await,
        }
    }

    /// A placement that an earlier call has noted. `None` without a store, or if it fails or knows none.
    pub(crate) async fn known(store: Option<&'a Store>, id: &str) -> Option<Self> {
        let store = store?;
        let ticket = fail_open_within(TIME_TO_NOTE, "placement", store.ticket(id)).await??;
        let is_placement = ticket.kind == Kind::Placement;
        is_placement.then_some(Self { store, ticket, is_new: false, asks: Instant::now(), failures: 0 })
    }

    /// Whether GameLift has heard of it.
    pub(crate) fn is_sent(&self) -> bool {
        self.ticket.news.status != Status::Starting
    }

    /// Whether it has ended without a game session.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.ticket.news.status, Status::Cancelled | Status::Failed | Status::TimedOut)
    }

    /// The id of its game session, once it has one.
    ///
    /// # Errors
    /// `NO_CAPACITY` or `SESSION_FAILED`, once it never will; `UPSTREAM_ERROR` if nothing tells which it is.
    pub(crate) fn session(&self) -> Result<Option<String>, Error> {
        let news = &self.ticket.news;
        match news.status {
            Status::Completed => {
                let placed = news.told.placed.as_ref().map(|placed| placed.game_session_id.clone());
                placed.map(Some).ok_or_else(|| incomplete(Operation::DescribeGameSessionPlacement))
            }
            Status::TimedOut => {
                Err(Error::new(Code::NoCapacity, "The queue found no free game server within its time-out."))
            }
            Status::Failed => {
                Err(Error::new(Code::SessionFailed, "The queue placed a game session, and it failed to start."))
            }
            Status::Cancelled => Err(Error::new(Code::SessionFailed, "The placement was cancelled.")),
            _ => Ok(None),
        }
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
    pub(crate) async fn was_refused(self) {
        let saw = self.store.saw(&self.ticket, Status::Failed, Told::default());
        fail_open_within(TIME_TO_NOTE, "placement", saw).await;
    }

    /// Reads what was heard of it, and asks GameLift where nothing was for long.
    ///
    /// # Errors
    /// Those of [`Self::session`], and those of the call to GameLift.
    pub(crate) async fn look(&mut self, gamelift: &impl DescribePlacement, deadline: Deadline) -> Result<Look, Error> {
        let reading = within(deadline, self.store.ticket(&self.ticket.id));
        match fail_open_within(TIME_TO_NOTE, "placement", reading).await {
            Some(Some(ticket)) => {
                if ticket.news != self.ticket.news {
                    self.asks = Instant::now() + QUIET;
                }
                (self.ticket, self.failures) = (ticket, 0);
            }
            // It fails, or has lost the ticket.
            Some(None) => return Ok(Look::Blind),
            None => {
                self.failures += 1;
                return Ok(if self.failures < FAILURES { Look::Nothing } else { Look::Blind });
            }
        }
        if let Some(id) = self.session()? {
            return Ok(Look::Placed(id));
        }
        if Instant::now() < self.asks {
            return Ok(Look::Nothing);
        }
        // Of all who wait, the store lets one ask.
        self.asks = Instant::now() + AGAIN;
        let may = fail_open_within(TIME_TO_NOTE, "placement", self.store.may_look(&self.ticket.id, QUIET)).await;
        if may != Some(true) {
            return Ok(Look::Nothing);
        }
        let placement = within(deadline, gamelift.describe_placement(&self.ticket.id)).await?;
        self.saw(&placement).await;
        Ok(self.session()?.map_or(Look::Nothing, Look::Placed))
    }
}

/// What a look at a placement in the store saw.
pub(crate) enum Look {
    /// The id of its game session.
    Placed(String),
    /// It has none yet.
    Nothing,
    /// The store cannot tell.
    Blind,
}
