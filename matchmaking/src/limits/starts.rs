//! What a start of a game session asks, and a join.

use std::{pin::Pin, time::Duration};

use aws::gamelift::{DescribePlayerSessions, Fleets};
use shared::{
    Code, Error,
    deadline::{Deadline, within},
    player::Player,
    terms::Terms,
};
use tokio::join;

use crate::{
    config::limits::LimitConfig,
    fleets::{Targets, at_location},
    limits::{
        calls::CheckCalls,
        creator::creator_id,
        repeats::Repeats,
        reservation::whole_seconds,
        session_slots::{Seen, SessionSlot, Wish},
        slots::{self, Slots},
        unclaimed::{Limit, MEMORY, MOST_REMEMBERED, Unclaimed, refused},
        unentered::first_fleets,
    },
    party::Party,
    wanted::Wanted,
};

/// How long a start waits for the answer whether the player may start one. Then it goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// The limits of a deployment.
#[derive(Debug)]
pub struct Limits {
    config: LimitConfig,
    unclaimed: Unclaimed,
    /// What was seen of the game sessions that have slots in the store.
    slotted: Seen,
    repeats: Repeats,
}

impl Limits {
    /// The limits that `config` sets.
    pub fn new(config: LimitConfig) -> Self {
        Self {
            config,
            unclaimed: Unclaimed::new(),
            slotted: Seen::new(MEMORY, MOST_REMEMBERED),
            repeats: Repeats::new(),
        }
    }

    /// The settings behind the limits.
    pub fn config(&self) -> &LimitConfig {
        &self.config
    }

    /// The player as GameLift's `CreatorId`, if GameLift is to limit the game sessions per player.
    pub(crate) fn creator_id(&self, player: &Player) -> Option<String> {
        self.config.creator_id.then(|| creator_id(player))
    }

    /// A slot for the party's start, which it does not hold yet.
    pub(crate) fn slot<'a>(&self, targets: &'a Targets, party: &'a Party, terms: &Terms) -> SessionSlot<'a> {
        let is_shown = self.config.creator_id && targets.config().queue.is_none();
        SessionSlot::of(targets, self.config.max_unclaimed_sessions, is_shown, party, terms)
    }

    /// What is known of the keys of refused starts.
    pub(crate) fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    /// Checks that the party's caller may start another game session, and take the others along. If GameLift cannot
    /// tell, they may: a limit is not worth a game that does not start.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` if not.
    pub(crate) async fn check_start(
        &self,
        gamelift: &impl CheckCalls,
        targets: &Targets,
        wanted: &Wanted,
        party: &Party,
        (terms, slot): (&Terms, &SessionSlot<'_>),
    ) -> Result<(), Error> {
        let deadline = terms.deadline.or_before(Some(Deadline::after(PATIENCE)));
        let unclaimed = self.check_unclaimed(gamelift, targets, wanted, (party, slot), deadline);
        let taken_along = async {
            match self.config.max_unused_slots {
                0 => Ok(()),
                most => slots::check_taken_along(gamelift, targets, party, most, deadline).await,
            }
        };
        let (unclaimed, taken_along) = join!(unclaimed, taken_along);
        unclaimed.and(taken_along)
    }

    async fn check_unclaimed(
        &self,
        gamelift: &impl CheckCalls,
        targets: &Targets,
        wanted: &Wanted,
        (party, slot): (&Party, &SessionSlot<'_>),
        deadline: Deadline,
    ) -> Result<(), Error> {
        let most = self.config.max_unclaimed_sessions;
        if most == 0 {
            return Ok(());
        }
        let unseen = |error: &Error| {
            tracing::warn!(code = error.code().as_str(), "could not see which game sessions the player has started");
        };
        if targets.store().is_some() {
            // Its type is left out: the compiler gives up at futures inside one another any deeper.
            let hold: Pin<Box<dyn Future<Output = _> + Send + '_>> =
                Box::pin(self.hold_slot(gamelift, targets, (party, slot), deadline));
            match within(deadline, hold).await {
                Ok(false) => {}
                Err(error) if error.code() != Code::LimitExceeded => {
                    unseen(&error);
                    return Ok(());
                }
                held => return held.map(drop),
            }
        }
        let early = deadline.or_before(Some(Deadline::after(PATIENCE / 2)));
        let looked_at = match self.looked_at(gamelift, targets, wanted, early).await {
            Ok(fleets) => fleets,
            // The player's own slots show game sessions too.
            Err(error) if error.code().is_passing() => {
                unseen(&error);
                Vec::new()
            }
            // Without a place for it the game session is not started, and the start says so.
            Err(_) => return Ok(()),
        };
        let limit = Limit { most, most_slots: self.config.max_unused_slots, fleets: looked_at };
        let check = Box::pin(self.unclaimed.check(gamelift, targets, party, &limit, deadline));
        match within(deadline, check).await {
            Err(error) if error.code() != Code::LimitExceeded => {
                unseen(&error);
                Ok(())
            }
            checked => checked,
        }
    }

    /// Holds a slot for the start, if there is a store that can tell. Returns whether it has one.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` if all are taken by game sessions that count, with one of them as `GameSessionId`, or by starts;
    /// or if the player has too many slots in use; else the failure of a look.
    async fn hold_slot(
        &self,
        gamelift: &impl CheckCalls,
        targets: &Targets,
        (party, slot): (&Party, &SessionSlot<'_>),
        deadline: Deadline,
    ) -> Result<bool, Error> {
        let most = self.config.max_unclaimed_sessions;
        let in_use = async {
            let most = self.config.max_unused_slots;
            if most == 0 {
                return Ok(());
            }
            let known = within(deadline, gamelift.player_sessions_of(party.caller().id())).await?;
            slots::check_all_seen(&known, targets, party, true)?;
            slots::check_in_use(&known, targets, most)
        };
        let (wish, in_use) = join!(Box::pin(slot.wish(gamelift, &self.slotted)), in_use);
        in_use.or_else(|error| if error.code() == Code::LimitExceeded { Err(error) } else { Ok(()) })?;
        match wish? {
            Wish::Granted => Ok(true),
            Wish::Unknown => Ok(false),
            Wish::Full(Some(id), wait) => Err(refused(most, &id, wait.min(MEMORY))),
            Wish::Full(None, wait) => {
                let detail = format!(
                    "The player is starting game sessions, and LIFTGATE_MAX_UNCLAIMED_SESSIONS allows {most} that no other player has come to. Wait for the answers."
                );
                Err(Error::new(Code::LimitExceeded, detail).with_retry_after(whole_seconds(wait.min(MEMORY))))
            }
        }
    }

    /// The fleets whose game sessions show the player who created them, as far as a start of `wanted` looks at them.
    /// Queues do not tell GameLift who creates.
    async fn looked_at(
        &self,
        gamelift: &impl Fleets,
        targets: &Targets,
        wanted: &Wanted,
        deadline: Deadline,
    ) -> Result<Vec<String>, Error> {
        if targets.config().queue.is_some() {
            return Ok(Vec::new());
        }
        let known = within(deadline, targets.list(gamelift, wanted.build_id)).await?;
        let narrowed = at_location(&known, wanted.location.as_deref())?;
        Ok(if self.config.creator_id { first_fleets(&known, &narrowed) } else { Vec::new() })
    }

    /// Checks that the party may reserve slots in the game session `id`, which others may have started.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` if a player has too many in other game sessions.
    pub async fn check_slots(
        &self,
        gamelift: &impl DescribePlayerSessions,
        targets: &Targets,
        party: &Party,
        id: &str,
        deadline: Deadline,
    ) -> Result<Slots, Error> {
        match self.config.max_unused_slots {
            0 => Ok(Slots::Free(None)),
            most => slots::check(gamelift, targets, party, id, most, deadline).await,
        }
    }
}
