//! The hunt for a slot in a game session of others: before a new one is started, and again whenever the call waits
//! for a free game server.
//!
//! GameLift is asked for the open ones (`SearchGameSessions`), and for those that are starting
//! (`DescribeGameSessions`): one that fits and will have room is waited for rather than that a second one is started.
//! Calls that come at the same moment would not see one another, so each waits for a random part of [`SPREAD`] before
//! it starts one. Of those that wait for more slots than there are, some lose; of these, about as many start game
//! sessions as there are needed, and the others wait for those.

use std::{collections::BTreeSet, time::Duration};

use aws::gamelift::{SearchGameSessions, StartingGameSessions, Target};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSession, PlayerSessionCreationPolicy};
use matchmaking::{
    fleets::{Targets, at_location, shows_staleness},
    party::Party,
    search::{self, Hold, Manner},
    sessions::{self, Elsewhere, Reuse, Sight, reserve},
    start::{self, StartCalls},
    wanted::Wanted,
};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, within},
    terms::Terms,
};
use tokio::time::{Instant, sleep};

use crate::open::{Open, insist, is_lost};

/// Kept behind the hunt to start a game session.
const TIME_TO_CREATE: Duration = Duration::from_secs(15);

/// Kept behind searches that fail: later, a new game session would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(10);

/// Kept behind the last look for the slots, and of that to answer.
const TIME_TO_RESERVE: Duration = Duration::from_secs(4);
const TIME_TO_ANSWER: Duration = Duration::from_secs(2);

/// Calls at the same moment start new game sessions over this time.
const SPREAD: Duration = Duration::from_millis(300);

/// GameLift throttles looks at one resource by themselves, so none follows another sooner.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// How many of the best game sessions are looked at, which is one page of GameLift's.
const CHOICE: usize = 20;

/// How many of them are tried. When so many filled up while they were looked at, a new one is better.
const TRIES: usize = 5;

/// How often in a row only a part of the fleets can be searched before the rest has to do.
const PART_TRIES: u32 = 3;

/// How often the one that is starting is looked at before the open ones are searched again.
const LOOKS_AT_ONE: u8 = 3;

/// How long a game session that had no room is left alone: GameLift's search lags by seconds.
const LEFT_ALONE: Duration = Duration::from_secs(3);

/// Whoever starts a game session gives it up after that long. One that is ACTIVATING for longer is stuck.
const LONGEST_START: Duration = Duration::from_secs(25);

/// The slots of the party, in its order.
pub(crate) type Seats = Vec<PlayerSession>;

/// A call's hunt.
pub(crate) struct Hunt<'a, G> {
    gamelift: &'a G,
    targets: &'a Targets,
    open: &'a Open,
    wanted: &'a Wanted,
    party: &'a Party,
    terms: &'a Terms,
    /// Until when a game session that others are starting is preferred to a new one.
    until: Deadline,
    /// Until when it is found out whether there is one, before one is started.
    deadline: Deadline,
    waits: Backoff,
    /// The one that is waited for, and how often it was looked at.
    awaited: Option<(String, u8)>,
    /// When the ones that are starting were last asked for.
    listed: Option<Instant>,
    /// Those that had no room, and when.
    refusals: Vec<(String, Instant)>,
    /// Those that nobody has had a slot in yet, and when that was seen.
    unentered: Vec<(String, Instant)>,
    /// Whether the last look found a slot that somebody else was faster to take.
    has_lost: bool,
    /// How often in a row only a part of the fleets could be searched.
    partial_failures: u32,
    /// Whether calls at the same moment have had time to show: if nothing is found now, a game session is started.
    is_ready: bool,
    stage: Stage,
}

/// How far the call has come, and with it the others that have its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not waited: what was known when it began is still so.
    Fresh,
    /// It has waited, so that another one with the same key may have started a game session.
    Waited,
    /// The queue has its placement, which is the only one of its key.
    Queued,
    /// A call with the same key has started a game session, for which there is no substitute.
    Superseded,
}

/// Why a look does not show whether there is a slot.
struct Unseen {
    error: Error,
    /// Whether a part of the fleets was seen.
    is_partial: bool,
}

impl From<Error> for Unseen {
    fn from(error: Error) -> Self {
        Self { error, is_partial: false }
    }
}

impl<'a, G> Hunt<'a, G> {
    pub(crate) fn new(
        gamelift: &'a G,
        targets: &'a Targets,
        open: &'a Open,
        wanted: &'a Wanted,
        party: &'a Party,
        terms: &'a Terms,
    ) -> Self {
        let until = terms.deadline.keep(TIME_TO_CREATE).or_before(terms.patience);
        Self {
            gamelift,
            targets,
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

    /// The call has waited; a game session of its key stays where it is.
    fn reach(&mut self, stage: Stage) {
        if self.stage != Stage::Superseded {
            self.stage = stage;
        }
    }

    /// How long to wait before a look that decides, when nothing was found; `None` when it is time to start one.
    fn after_nothing(&mut self) -> Option<Duration> {
        let is_over = self.until.remaining().is_zero();
        if self.has_lost && !is_over {
            // All who wanted those slots know it now, and as many as their new game sessions have slots start one.
            self.is_ready = fastrand::i32(0..self.wanted.maximum_player_session_count.max(1)) == 0;
            return (!self.is_ready).then(|| BETWEEN_LOOKS + self.spread());
        }
        if self.is_ready || is_over {
            return None;
        }
        self.is_ready = true;
        Some(self.spread())
    }

    /// A random part of [`SPREAD`]; for calls with one key the same.
    fn spread(&self) -> Duration {
        let key = self.terms.key.as_ref().map(|_| self.terms.token(self.party.caller(), 0));
        let random = key.and_then(|token| u16::from_str_radix(token.get(..4)?, 16).ok()).unwrap_or(fastrand::u16(..));
        SPREAD.mul_f64(f64::from(random) / f64::from(u16::MAX))
    }

    /// How long to wait before the next look after one that failed; `None` when what was seen has to do.
    fn after_failure(&mut self, Unseen { error, is_partial }: Unseen) -> Result<Option<Duration>, Error> {
        if !error.code().is_passing() {
            return Err(error);
        }
        self.partial_failures = if is_partial { self.partial_failures + 1 } else { 0 };
        // One place that is out of order does not stop the others. One that is throttled is in order.
        if self.partial_failures >= PART_TRIES && error.code() != Code::RateLimited {
            tracing::warn!(code = error.code().as_str(), "a part of the fleets could not be searched");
            return Ok(None);
        }
        let wait = self.waits.next().unwrap_or_default();
        if self.deadline.remaining() < wait { Err(error) } else { Ok(Some(wait)) }
    }

    /// The one that is waited for, when it is its turn to be looked at.
    fn due(&mut self) -> Option<String> {
        let (id, looks) = self.awaited.as_mut()?;
        *looks = (*looks + 1) % (LOOKS_AT_ONE + 1);
        (*looks > 0).then(|| id.clone())
    }

    /// What it means that one is starting: it is waited for, but not for ever.
    fn starting(&self) -> Sight {
        if self.awaited.is_some() && !self.until.remaining().is_zero() { Sight::Starting } else { Sight::Nothing }
    }

    /// The ids of those that the party could enter.
    fn fitting(&self, sessions: &[GameSession]) -> Vec<String> {
        let fits = |session: &&GameSession| self.open.fits(session) && !self.is_left_alone(session);
        sessions.iter().filter(fits).filter_map(GameSession::game_session_id).map(str::to_owned).collect()
    }

    fn is_left_alone(&self, session: &GameSession) -> bool {
        let refused =
            |(id, when): &(String, Instant)| session.game_session_id() == Some(id) && when.elapsed() < LEFT_ALONE;
        self.refusals.iter().any(refused)
    }

    /// Whether the party fits in beside whoever is starting the game session.
    fn will_have_room(&self, session: &GameSession) -> bool {
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

impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Hunt<'_, G> {
    /// Slots in a game session that is open or starting; `None` when it is time to start one.
    ///
    /// # Errors
    /// The failure of searches that lasted until there was no time left to start a game session: nobody knows then
    /// whether one is open.
    pub(crate) async fn before_a_start(&mut self) -> Result<Option<Seats>, Error> {
        let mut may_be_stale = true;
        loop {
            let wait = match self.sight(self.deadline).await {
                Ok(Sight::Entered(seats)) => return Ok(Some(seats)),
                Ok(Sight::Starting) => self.waits.next(),
                Ok(Sight::Nothing) => self.after_nothing(),
                // What was known of the fleets may be old news. If it is not, the start says what it makes of it.
                Err(Unseen { error, .. }) if shows_staleness(error.code()) => {
                    let was_known = self.targets.forget();
                    (was_known && std::mem::take(&mut may_be_stale)).then_some(Duration::ZERO)
                }
                Err(unseen) => match self.after_failure(unseen) {
                    Err(error) if error.code() == Code::RateLimited => {
                        // Too late to start one, and not to find one.
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

    /// Looks once at what is there.
    async fn sight(&mut self, deadline: Deadline) -> Result<Sight, Unseen> {
        self.has_lost = false;
        if self.stage == Stage::Superseded {
            return Ok(Sight::Nothing);
        }
        if let Some(id) = self.due()
            && let Some(sight) = self.at_awaited(&id, deadline).await?
        {
            return Ok(sight);
        }
        let known = within(deadline, self.targets.list(self.gamelift, self.wanted.build_id)).await?;
        let manner = Manner { hold: self.targets.config().creator_time, is_look: true };
        let page = search::page(self.gamelift, &known, &self.open.criteria, manner, CHOICE, None, deadline).await?;
        let mut choice = self.fitting(&page.sessions);
        if choice.is_empty() {
            choice = self.left(&page.kept, deadline).await;
        }
        for id in choice.iter().take(TRIES) {
            if let Some(sight) = self.enter(id, deadline).await? {
                return Ok(sight);
            }
        }
        if let Some(error) = page.failure.filter(|error| error.code().is_passing()) {
            return Err(Unseen { error, is_partial: true });
        }
        self.partial_failures = 0;
        self.choose(&known, page.kept, deadline).await
    }

    /// Of the new ones without players, those that players have had slots in: whoever started one has left it, so
    /// it is kept for nobody. As far as GameLift says.
    async fn left(&mut self, kept: &[GameSession], deadline: Deadline) -> Vec<String> {
        let mut left = Vec::new();
        for id in self.fitting(kept).into_iter().take(TRIES) {
            self.unentered.retain(|(_, when)| when.elapsed() < LEFT_ALONE);
            if self.unentered.iter().any(|(unentered, _)| *unentered == id) {
                continue;
            }
            match within(deadline, self.gamelift.player_sessions_in(&id, None)).await {
                Ok(known) if !known.sessions.is_empty() => left.push(id),
                Ok(_) => self.unentered.push((id, Instant::now())),
                Err(error) => tracing::warn!(code = error.code().as_str(), "could not see who was in a game session"),
            }
        }
        left
    }

    /// Looks at the one that is waited for; `None` when it is none any more.
    async fn at_awaited(&mut self, id: &str, deadline: Deadline) -> Result<Option<Sight>, Unseen> {
        let session = match within(deadline, self.gamelift.describe_game_session(id)).await {
            Ok(session) => session,
            // A look less.
            Err(error) if error.code().is_passing() => return Ok(Some(self.starting())),
            Err(_) => {
                self.awaited = None;
                return Ok(None);
            }
        };
        let hold = Hold::new(self.targets.config().creator_time, self.gamelift.now());
        let is_starting = session.status() == Some(&GameSessionStatus::Activating) || hold.keeps(&session);
        if is_starting && self.will_have_room(&session) {
            return Ok(Some(self.starting()));
        }
        self.awaited = None;
        if self.open.criteria.matches(&session) { self.enter(id, deadline).await } else { Ok(None) }
    }

    /// Reserves the party's slots there; `None` when somebody else was faster, or it is over.
    async fn enter(&mut self, id: &str, deadline: Deadline) -> Result<Option<Sight>, Unseen> {
        let Self { gamelift, targets, wanted, party, terms, .. } = *self;
        let is_keyed = terms.key.is_some();
        if is_keyed
            && self.stage == Stage::Waited
            && start::has_started(gamelift, targets, wanted, party, terms).await?
        {
            self.stage = Stage::Superseded;
            return Ok(Some(Sight::Nothing));
        }
        match reserve(gamelift, id, party, Reuse::Reserved, is_keyed, deadline).await {
            Ok(seats) => Ok(Some(Sight::Entered(seats))),
            Err(lost) if is_lost(&lost) => {
                self.has_lost = true;
                self.refusals.push((id.to_owned(), Instant::now()));
                Ok(None)
            }
            // It may have a slot already, and a key gets no second one elsewhere.
            Err(error) if is_keyed && sessions::may_be_reserved(&error).is_some() => {
                Ok(insist(gamelift, error, party, terms).await?.map(Sight::Entered))
            }
            Err(error) => Err(sessions::ours(error).into()),
        }
    }

    /// Chooses the oldest of those that are starting and will have room, to wait for it: all who wait choose the same.
    async fn choose(&mut self, known: &[Target], kept: Vec<GameSession>, deadline: Deadline) -> Result<Sight, Unseen> {
        if self.awaited.is_none() && !self.until.remaining().is_zero() {
            let mut starting = kept;
            if self.stage != Stage::Fresh && self.listed.is_none_or(|listed| listed.elapsed() >= BETWEEN_LOOKS) {
                match self.activating(known, deadline).await {
                    Ok(activating) => starting.extend(activating),
                    // There may be one.
                    Err(error) if error.code().is_passing() => return Ok(Sight::Starting),
                    Err(error) => return Err(error.into()),
                }
            }
            let fits = starting.into_iter().filter(|session| self.will_have_room(session));
            let oldest = fits.min_by_key(|session| (session.creation_time, session.game_session_id.clone()));
            self.awaited = oldest.and_then(|session| session.game_session_id).map(|id| (id, 0));
        }
        Ok(self.starting())
    }

    /// The game sessions that are ACTIVATING where the search would find them.
    async fn activating(&mut self, known: &[Target], deadline: Deadline) -> Result<Vec<GameSession>, Error> {
        self.listed = Some(Instant::now());
        let targets = at_location(known, self.open.criteria.location.as_deref())?;
        let fleets: BTreeSet<_> = targets.iter().map(|target| target.fleet.as_str()).collect();
        let stuck = Hold::new(LONGEST_START, self.gamelift.now());
        let mut starting = Vec::new();
        for fleet in fleets {
            let is_there = |session: &GameSession| {
                let mut there = targets.iter().filter(|target| target.fleet == fleet);
                there.any(|target| target.location.is_none() || target.location.as_deref() == session.location())
            };
            match within(deadline, self.gamelift.starting_game_sessions(fleet)).await {
                Ok(found) => {
                    starting.extend(found.into_iter().filter(|session| stuck.keeps(session) && is_there(session)));
                }
                Err(error) if error.code().is_passing() => return Err(error),
                Err(error) => tracing::warn!(code = error.code().as_str(), "could not see what is starting"),
            }
        }
        Ok(starting)
    }
}

impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Hunt<'_, G> {
    /// The stage of a call that is starting a game session.
    fn of_a_start(&self) -> Stage {
        if self.targets.config().queue.is_some() { Stage::Queued } else { Stage::Waited }
    }

    /// Looks once, in a call that has come to `stage`. A look that fails is a look less.
    async fn look_once(&mut self, stage: Stage, deadline: Deadline) -> Sight {
        self.reach(stage);
        self.sight(deadline).await.unwrap_or_else(|Unseen { error, .. }| {
            tracing::warn!(code = error.code().as_str(), "could not look for an open game session");
            self.starting()
        })
    }

    /// Looks until there is a slot, or the time is up.
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

impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Elsewhere for Hunt<'_, G> {
    async fn look(&mut self, deadline: Deadline) -> Sight {
        self.look_once(self.of_a_start(), deadline).await
    }

    async fn look_at_awaited(&mut self, deadline: Deadline) -> Option<Seats> {
        // A key has one game session.
        let (id, _) = self.awaited.clone().filter(|_| self.terms.key.is_none())?;
        match self.at_awaited(&id, deadline).await {
            Ok(Some(Sight::Entered(seats))) => Some(seats),
            _ => None,
        }
    }

    async fn keep_looking(&mut self, deadline: Deadline, last_look: Deadline) -> Option<Seats> {
        self.keep_on(self.of_a_start(), deadline, last_look).await
    }
}
