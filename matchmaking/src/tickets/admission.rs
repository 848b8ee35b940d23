//! Admission: tickets wait in a line of Liftgate's until GameLift takes calls for them, so that none is throttled.
//!
//! A [`Gate`] stands before the call that begins a search or a placement, with a token bucket in the store. A newcomer
//! goes through if there is a token and nobody waits. All others come into the line. Nobody has to watch it: whoever
//! waits in it, or comes to it, lets in as many of the first as there are tokens, whoever they belong to, and so does
//! the reconciler. Who lets a ticket in has to send it; one that is let in and never sent is STARTING, as if its sender
//! had died.
//!
//! A ticket takes one token, because it is one call: a party goes through whole. Two tickets that come at the same
//! moment may go through the other way round.
//!
//! A store that has no answer opens the gate ([`fail_open`]): GameLift throttles then as if there were none, and the
//! ticket stays STARTING until it is sent again.

use std::time::Duration;

use futures_util::future::join_all;
use shared::{Error, rate::Rate};
use store::{
    Store,
    fail_open::fail_open,
    records::{
        leases::Lease,
        limits::{Bucket, Pass},
        ticket::Ticket,
    },
};
use uuid::Uuid;

use crate::{
    config::admission::{AdmissionConfig, rate},
    turn::ACCOUNT,
};

/// How long one caller lets others in, while nobody else does: so those who wait do not reach for the same tickets. A
/// bucket holds what comes in twice that time, so a line moves at its rate, up to 1,000 a second.
const TURN: Duration = Duration::from_millis(100);

/// The most tickets that one caller lets in at once. It sends them all.
const MOST_AT_ONCE: u32 = 100;

/// The gate before a call of GameLift's, and the line before the gate.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    line: &'static str,
    rate: Rate,
}

/// What a newcomer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Go through: a token is taken, if there is a limit.
    Through,
    /// Wait in this line.
    Line(&'static str),
}

impl Entry {
    /// The line to wait in, if there is one.
    pub fn line(self) -> Option<&'static str> {
        match self {
            Self::Through => None,
            Self::Line(line) => Some(line),
        }
    }
}

impl Gate {
    /// The gate before `StartMatchmaking`.
    pub fn of_searches(config: &AdmissionConfig) -> Self {
        Self { line: "searches", rate: rate(config.searches) }
    }

    /// The gate before `StartGameSessionPlacement`.
    pub fn of_placements(config: &AdmissionConfig) -> Self {
        Self { line: "placements", rate: rate(config.placements) }
    }

    /// Whether a newcomer goes through. Costs the reading of the line's first place and, if it is empty, a token.
    pub async fn arrive(&self, store: &Store) -> Entry {
        if self.rate == Rate::OFF {
            return Entry::Through;
        }
        let passes = async {
            // Nobody goes past those who wait.
            if self.has_line(store).await? {
                return Ok(false);
            }
            Ok(store.pass(self.line, ACCOUNT, self.rate).await? == Pass::Now)
        };
        if fail_open("admission", passes).await.unwrap_or(true) { Entry::Through } else { Entry::Line(self.line) }
    }

    /// Gives a newcomer's token back that is not used after all.
    pub async fn give_back(&self, store: &Store, entry: Entry) {
        if entry == Entry::Through {
            fail_open("admission", store.give_back(self.bucket(), 1)).await;
        }
    }

    /// Lets in as many of the first in the line as there are tokens, and returns them in their order. The caller is the
    /// one to send them. None if somebody else lets tickets in just now. Costs one reading if so.
    ///
    /// # Errors
    /// Those of the table, before anybody is let in.
    pub async fn let_in(&self, store: &Store) -> Result<Vec<Ticket>, Error> {
        let holder = Uuid::new_v4().simple().to_string();
        if store.lease(&format!("admission {}", self.line), &holder, TURN).await? != Lease::Mine {
            return Ok(Vec::new());
        }
        let most = if self.rate == Rate::OFF { MOST_AT_ONCE } else { self.rate.burst.min(MOST_AT_ONCE) };
        let first = store.first_in_line(self.line, most as usize).await?;
        if first.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = u32::try_from(first.len()).unwrap_or(most);
        let taken = store.take(self.bucket(), wanted).await?.tokens;
        let admitted = join_all(first.iter().take(taken as usize).map(|id| admit(store, id))).await;
        let unused = admitted.iter().filter(|admitted| matches!(admitted, Ok(None))).count();
        fail_open("admission", store.give_back(self.bucket(), u32::try_from(unused).unwrap_or(0))).await;
        Ok(admitted.into_iter().filter_map(|admitted| admitted.ok().flatten()).collect())
    }

    /// Whether somebody waits.
    ///
    /// # Errors
    /// Those of the table.
    pub(crate) async fn has_line(&self, store: &Store) -> Result<bool, Error> {
        Ok(!store.first_in_line(self.line, 1).await?.is_empty())
    }

    fn bucket(&self) -> Bucket<'static> {
        Bucket { scope: self.line, who: ACCOUNT, rate: self.rate }
    }
}

/// Lets a ticket in. `None` if it is in the line no longer. After an error it may be let in: it is STARTING then.
async fn admit(store: &Store, id: &str) -> Result<Option<Ticket>, Error> {
    let report = |error: &Error| tracing::warn!(code = error.code().as_str(), "a ticket may be let in and not be sent");
    let admitted = async { if store.admit(id).await? { store.ticket(id).await } else { Ok(None) } };
    admitted.await.inspect_err(report)
}
