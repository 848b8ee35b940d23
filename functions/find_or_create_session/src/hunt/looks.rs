//! A look at the open game sessions and at those that are starting.

use std::{collections::BTreeSet, time::Duration};

use aws::gamelift::{SearchGameSessions, StartingGameSessions, Target};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus};
use matchmaking::{
    fleets::at_location,
    limits::Slots,
    search::{self, Hold, Manner},
    sessions::{self, Reuse, Sight, reserve_after},
    start::{self, StartCalls},
};
use shared::{
    Error,
    deadline::{Deadline, within},
};
use tokio::time::Instant;

use crate::{
    hunt::memory::{BETWEEN_LOOKS, Hunt, LEFT_ALONE, Stage, Unseen},
    open::{insist, is_lost},
};

/// How many of the best game sessions are considered: one page of GameLift's.
const CHOICE: usize = 20;

/// How many of them are tried. If so many have filled up since the search, a new one is better.
const TRIES: usize = 5;

/// The longest start of a game session. Its creator gives it up after that; one that is ACTIVATING for longer is
/// stuck.
const LONGEST_START: Duration = Duration::from_secs(25);

impl<G: SearchGameSessions + StartingGameSessions + StartCalls> Hunt<'_, G> {
    /// Looks once at the existing game sessions, and reserves slots if there are any.
    pub(crate) async fn sight(&mut self, deadline: Deadline) -> Result<Sight, Unseen> {
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

    /// The game sessions among `kept` that players have had slots in. Their creators have left them, so they are kept
    /// for no party. Those that GameLift cannot tell about are skipped.
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

    /// Looks at the game session that the call waits for; `None` if it is no longer worth waiting for.
    pub(crate) async fn at_awaited(&mut self, id: &str, deadline: Deadline) -> Result<Option<Sight>, Unseen> {
        let session = match within(deadline, self.gamelift.describe_game_session(id)).await {
            Ok(session) => session,
            // Skip this look.
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

    /// Reserves the party's slots in the game session; `None` if others were faster or it has ended.
    async fn enter(&mut self, id: &str, deadline: Deadline) -> Result<Option<Sight>, Unseen> {
        let Self { gamelift, targets, limits, wanted, party, terms, .. } = *self;
        let is_keyed = terms.key.is_some();
        if is_keyed
            && self.stage == Stage::Waited
            && start::has_started(gamelift, targets, wanted, party, terms).await?
        {
            self.stage = Stage::Superseded;
            return Ok(Some(Sight::Nothing));
        }
        let seen = match limits.check_slots(gamelift, targets, party, id, deadline).await? {
            Slots::Free(seen) => seen,
            Slots::TakenHere(_) => {
                self.refusals.push((id.to_owned(), Instant::now()));
                return Ok(None);
            }
        };
        match reserve_after(seen, gamelift, id, party, (Reuse::Reserved, || is_keyed), deadline).await {
            Ok(seats) => Ok(Some(Sight::Entered(seats))),
            Err(lost) if is_lost(&lost) => {
                self.has_lost = true;
                self.refusals.push((id.to_owned(), Instant::now()));
                Ok(None)
            }
            // The party may have a slot already, and a key gets no second one elsewhere.
            Err(error) if is_keyed && sessions::may_be_reserved(&error).is_some() => {
                Ok(insist(gamelift, error, party, terms).await?.map(Sight::Entered))
            }
            Err(error) => Err(sessions::ours(error).into()),
        }
    }

    /// Chooses a starting game session to wait for: the oldest that will have room, so that all waiting calls choose
    /// the same.
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

    /// The ACTIVATING game sessions at the searched locations.
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
            match within(deadline, self.gamelift.starting_game_sessions(fleet, None)).await {
                Ok(found) => {
                    starting
                        .extend(found.sessions.into_iter().filter(|session| stuck.keeps(session) && is_there(session)));
                }
                Err(error) if error.code().is_passing() => return Err(error),
                Err(error) => tracing::warn!(code = error.code().as_str(), "could not see what is starting"),
            }
        }
        Ok(starting)
    }
}
