//! The memory of a call's hunt, and the decisions that need no call to AWS.

use std::time::Duration;

use aws_sdk_gamelift::types::{GameSession, PlayerSession, PlayerSessionCreationPolicy};
use matchmaking::{fleets::Targets, limits::Limits, party::Party, sessions::Sight, wanted::Wanted};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline},
    terms::Terms,
};
use tokio::time::Instant;

use crate::open::Open;

/// Time kept free after the hunt to start a game session.
const TIME_TO_CREATE: Duration = Duration::from_secs(15);

/// Time kept free after failing searches: later, a new game session would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(10);

/// The time over which simultaneous calls spread their new game sessions.
const SPREAD: Duration = Duration::from_millis(300);

/// The least time between two looks. GameLift throttles looks at one resource separately.
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// How often in a row a part of the fleets may fail before the rest is enough.
const PART_TRIES: u32 = 3;

/// How often the starting game session is looked at before the open ones are searched again.
const LOOKS_AT_ONE: u8 = 3;

/// How long a game session without room is left alone. GameLift's search lags by seconds.
pub(crate) const LEFT_ALONE: Duration = Duration::from_secs(3);

/// The party's player sessions, in its order.
pub(crate) type Seats = Vec<PlayerSession>;

/// A call's hunt.
pub(crate) struct Hunt<'a, G> {
    pub(crate) gamelift: &'a G,
    pub(crate) targets: &'a Targets,
    pub(crate) limits: &'a Limits,
    pub(crate) open: &'a Open,
    pub(crate) wanted: &'a Wanted,
    pub(crate) party: &'a Party,
    pub(crate) terms: &'a Terms,
    /// The end of the time in which a starting game session is preferred to a new one.
    pub(crate) until: Deadline,
    /// The end of the searches, after which the call starts a game session or fails.
    pub(crate) deadline: Deadline,
    pub(crate) waits: Backoff,
    /// The game session that the call waits for, and how often it was looked at.
    pub(crate) awaited: Option<(String, u8)>,
    /// When the starting game sessions were last listed.
    pub(crate) listed: Option<Instant>,
    /// The game sessions without room, and when that was seen.
    pub(crate) refusals: Vec<(String, Instant)>,
    /// The game sessions in which no player has had a slot yet, and when that was seen.
    pub(crate) unentered: Vec<(String, Instant)>,
    /// Whether another call took the slot that the last look found.
    pub(crate) has_lost: bool,
    /// How often in a row only a part of the fleets could be searched.
    pub(crate) partial_failures: u32,
    /// Whether simultaneous calls have had time to show. If nothing is found now, a game session is started.
    pub(crate) is_ready: bool,
    pub(crate) stage: Stage,
}

/// The progress of the call, and of other calls with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The call has not waited, so its findings at the start still hold.
    Fresh,
    /// The call has waited, so another call with the same key may have started a game session.
    Waited,
    /// The queue has the call's placement, which is the only one of its key.
    Queued,
    /// Another call with the same key has started a game session. A slot elsewhere cannot replace it.
    Superseded,
}

/// Why a look could not tell whether there is a slot.
pub(crate) struct Unseen {
    pub(crate) error: Error,
    /// Whether a part of the fleets was searched.
    pub(crate) is_partial: bool,
}

impl From<Error> for Unseen {
    fn from(error: Error) -> Self {
        Self { error, is_partial: false }
    }
}

impl<'a, G> Hunt<'a, G> {
    pub(crate) fn new(
        gamelift: &'a G,
        (targets, limits): (&'a Targets, &'a Limits),
        open: &'a Open,
        wanted: &'a Wanted,
        party: &'a Party,
        terms: &'a Terms,
    ) -> Self {
        let until = terms.deadline.keep(TIME_TO_CREATE).or_before(terms.patience);
        Self {
            gamelift,
            targets,
            limits,
            open,
            wanted,
            party,
            terms,
            until,
            deadline: terms.deadline.keep(TIME_TO_START),
            waits: Backoff::polling(),
            awaited: None,
            listed: None,
            refusals: Vec::new(),
            unentered: Vec::new(),
            has_lost: false,
            partial_failures: 0,
            is_ready: until.remaining().is_zero(),
            stage: Stage::Fresh,
        }
    }

    /// Moves on to `stage`. A superseded call stays so.
    pub(crate) fn reach(&mut self, stage: Stage) {
        if self.stage != Stage::Superseded {
            self.stage = stage;
        }
    }

    /// The time to wait before the deciding look, after nothing was found; `None` when it is time to start a game
    /// session.
    pub(crate) fn after_nothing(&mut self) -> Option<Duration> {
        let is_over = self.until.remaining().is_zero();
        if self.has_lost && !is_over {
            // All calls that wanted those slots know that now. One call in as many as a game session has slots starts
            // one.
            self.is_ready = fastrand::i32(0..self.wanted.maximum_player_session_count.max(1)) == 0;
            return (!self.is_ready).then(|| BETWEEN_LOOKS + self.spread());
        }
        if self.is_ready || is_over {
            return None;
        }
        self.is_ready = true;
        Some(self.spread())
    }

    /// A random part of [`SPREAD`], the same for all calls with one key.
    fn spread(&self) -> Duration {
        let key = self.terms.key.as_ref().map(|_| self.terms.token(self.party.caller(), 0));
        let random = key.and_then(|token| u16::from_str_radix(token.get(..4)?, 16).ok()).unwrap_or(fastrand::u16(..));
        SPREAD.mul_f64(f64::from(random) / f64::from(u16::MAX))
    }

    /// The time to wait before the next look, after one failed; `None` if the partial result is enough.
    pub(crate) fn after_failure(&mut self, Unseen { error, is_partial }: Unseen) -> Result<Option<Duration>, Error> {
        if !error.code().is_passing() {
            return Err(error);
        }
        self.partial_failures = if is_partial { self.partial_failures + 1 } else { 0 };
        // A broken location does not stop the others. A throttled one is not broken.
        if self.partial_failures >= PART_TRIES && error.code() != Code::RateLimited {
            tracing::warn!(code = error.code().as_str(), "a part of the fleets could not be searched");
            return Ok(None);
        }
        let wait = self.waits.next().unwrap_or_default();
        if self.deadline.remaining() < wait { Err(error) } else { Ok(Some(wait)) }
    }

    /// The game session that the call waits for, if it is its turn to be looked at.
    pub(crate) fn due(&mut self) -> Option<String> {
        let (id, looks) = self.awaited.as_mut()?;
        *looks = (*looks + 1) % (LOOKS_AT_ONE + 1);
        (*looks > 0).then(|| id.clone())
    }

    /// The result while a game session is starting: it is waited for, but not for ever.
    pub(crate) fn starting(&self) -> Sight {
        if self.awaited.is_some() && !self.until.remaining().is_zero() { Sight::Starting } else { Sight::Nothing }
    }

    /// The ids of the game sessions that the party could enter.
    pub(crate) fn fitting(&self, sessions: &[GameSession]) -> Vec<String> {
        let fits = |session: &&GameSession| self.open.fits(session) && !self.is_left_alone(session);
        sessions.iter().filter(fits).filter_map(GameSession::game_session_id).map(str::to_owned).collect()
    }

    fn is_left_alone(&self, session: &GameSession) -> bool {
        let refused =
            |(id, when): &(String, Instant)| session.game_session_id() == Some(id) && when.elapsed() < LEFT_ALONE;
        self.refusals.iter().any(refused)
    }

    /// Whether the party fits into the game session together with its creator.
    pub(crate) fn will_have_room(&self, session: &GameSession) -> bool {
        let Open { criteria, .. } = self.open;
        let players = session.current_player_session_count().unwrap_or_default().max(1);
        let free = session.maximum_player_session_count().unwrap_or_default() - players;
        free >= criteria.min_free_slots
            && session.player_session_creation_policy() != Some(&PlayerSessionCreationPolicy::DenyAll)
            && criteria.describes(session)
            && self.open.fits(session)
            && !self.is_left_alone(session)
    }
}
