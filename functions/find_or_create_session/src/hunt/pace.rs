//! The times of the looks: until the call starts a game session, and while it waits for a game server.

use std::time::Duration;

use aws::gamelift::{SearchGameSessions, StartingGameSessions};
use matchmaking::{
    fleets::shows_staleness,
    sessions::{Elsewhere, Sight},
    start::StartCalls,
};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline},
};
use tokio::time::sleep;

use crate::hunt::memory::{Hunt, Seats, Stage, Unseen};

/// Time kept free after the last look for the slots, and the part of it for the answer.
const TIME_TO_RESERVE: Duration = Duration::from_secs(4);
const TIME_TO_ANSWER: Duration = Duration::from_secs(2);

impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Hunt<'_, G> {
    /// Hunts for slots in an open or starting game session; `None` when it is time to start one.
    ///
    /// # Errors
    /// The failure of searches that lasted until there was no time left to start a game session: whether one is open
    /// is then unknown.
    pub(crate) async fn before_a_start(&mut self) -> Result<Option<Seats>, Error> {
        let mut may_be_stale = true;
        loop {
            let wait = match self.sight(self.deadline).await {
                Ok(Sight::Entered(seats)) => return Ok(Some(seats)),
                Ok(Sight::Starting) => self.waits.next(),
                Ok(Sight::Nothing) => self.after_nothing(),
                // Cached fleets may be stale: look them up once more. If they are not, the start reports the error.
                Err(Unseen { error, .. }) if shows_staleness(error.code()) => {
                    let was_known = self.targets.forget();
                    (was_known && std::mem::take(&mut may_be_stale)).then_some(Duration::ZERO)
                }
                Err(unseen) => match self.after_failure(unseen) {
                    Err(error) if error.code() == Code::RateLimited => {
                        // It is too late to start a game session, but not to find one.
                        let [deadline, last_look] =
                            [TIME_TO_RESERVE, TIME_TO_ANSWER].map(|time| self.terms.deadline.keep(time));
                        return self.keep_on(Stage::Waited, deadline, last_look).await.map(Some).ok_or(error);
                    }
                    wait => wait?,
                },
            };
            let Some(wait) = wait else { return Ok(None) };
            let is_before = !self.until.remaining().is_zero();
            sleep(if is_before { wait.min(self.until.remaining()) } else { wait }).await;
            self.reach(Stage::Waited);
        }
    }

    /// The stage of a call that starts a game session.
    fn of_a_start(&self) -> Stage {
        if self.targets.config().queue.is_some() { Stage::Queued } else { Stage::Waited }
    }

    /// Looks once, in a call that has come to `stage`. A look that fails is skipped.
    async fn look_once(&mut self, stage: Stage, deadline: Deadline) -> Sight {
        self.reach(stage);
        self.sight(deadline).await.unwrap_or_else(|Unseen { error, .. }| {
            tracing::warn!(code = error.code().as_str(), "could not look for an open game session");
            self.starting()
        })
    }

    /// Looks until the party has slots or the time is up.
    async fn keep_on(&mut self, stage: Stage, deadline: Deadline, last_look: Deadline) -> Option<Seats> {
        let mut waits = Backoff::polling();
        while deadline.sleep(waits.next().unwrap_or_default()).await {
            if let Sight::Entered(seats) = self.look_once(stage, last_look).await {
                return Some(seats);
            }
        }
        None
    }
}

/// In boxes, as the steps of [`matchmaking::start`]: a look is a search and a reservation.
impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Elsewhere for Hunt<'_, G> {
    async fn look(&mut self, deadline: Deadline) -> Sight {
        Box::pin(self.look_once(self.of_a_start(), deadline)).await
    }

    async fn look_at_awaited(&mut self, deadline: Deadline) -> Option<Seats> {
        // A key has only one game session.
        let (id, _) = self.awaited.clone().filter(|_| self.terms.key.is_none())?;
        match Box::pin(self.at_awaited(&id, deadline)).await {
            Ok(Some(Sight::Entered(seats))) => Some(seats),
            _ => None,
        }
    }

    async fn keep_looking(&mut self, deadline: Deadline, last_look: Deadline) -> Option<Seats> {
        Box::pin(self.keep_on(self.of_a_start(), deadline, last_look)).await
    }
}
