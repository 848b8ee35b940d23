//! Creates the game session on the first candidate that has a free game server.

use std::time::Duration;

use aws::gamelift::{CreateGameSession, DescribeGameSession, Fleets, NewGameSession, Target, TerminateGameSession};
use aws_sdk_gamelift::types::{GameSession, PlayerSession};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, persist, within},
    terms::Terms,
};

use crate::{
    fleets::{Targets, at_location, shows_staleness},
    sessions::{
        elsewhere::{Elsewhere, Sight},
        ended::has_ended,
        take_back::terminate,
    },
    tickets::refusal,
    wanted::Wanted,
};

/// Time kept free after the placement: a game session that is created later would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(8);

/// Time kept free for the last try, before [`TIME_TO_START`].
const TIME_TO_CREATE: Duration = Duration::from_secs(2);

/// The part of it kept free for the answer to a try that was throttled until then.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// How long a creation whose answer was lost may take to appear, before it counts as not made.
const TIME_TO_APPEAR: Duration = Duration::from_secs(3);

/// The time in which GameLift lets one creator create one game session in a fleet that has no policy.
const LIMIT_WITHOUT_POLICY: Duration = Duration::from_secs(1);

/// The time to look up a fleet's policy, so that a refused player need not wait for it.
const TIME_TO_LOOK_UP: Duration = Duration::from_secs(2);

const LIMIT_OF_A_CREATOR: &str = "The player has created as many game sessions as the fleet allows one player at a time. Join one of them, or try again after the time in retry_after_ms.";

/// How many look-ups of one token run at a time. `DescribeGameSessions` has a low rate limit.
const CONCURRENT_LOOKS: usize = 4;

/// One placement under way.
struct Placing<'a, G> {
    gamelift: &'a G,
    targets: &'a Targets,
    wanted: &'a Wanted,
    /// The caller as GameLift's `CreatorId`, if that is sent.
    creator: Option<&'a str>,
    /// The same token for all targets: GameLift distinguishes tokens by fleet.
    token: &'a str,
    terms: &'a Terms,
    /// The end of the placement; `last_wait` is the end of the waits for another try.
    deadline: Deadline,
    last_wait: Deadline,
}

/// The result of a placement.
pub(crate) enum Placed {
    /// A new game session.
    New(Box<GameSession>),
    /// The party has slots in an existing game session: its player sessions.
    Elsewhere(Vec<PlayerSession>),
}

/// The results of a placement's tries so far.
struct Tries<'a, E> {
    /// The alternative slots that are looked for between two tries.
    elsewhere: &'a mut E,
    /// One rhythm for all tries, throttled or without room: many calls may wait for few game servers.
    waits: Backoff,
    /// GameLift's most telling refusal: that there is no room, else that a fleet is not ACTIVE.
    refusal: Option<Error>,
    /// Whether the token may have been used before.
    may_be_a_repeat: bool,
    /// Whether GameLift's limit of one game session per creator and second was waited for.
    has_waited_for_limit: bool,
    /// Whether a warning about a passed-over target was logged.
    has_warned: bool,
}

/// The result of the wait for another try.
enum Waited {
    /// It is time for another try.
    Try,
    /// The party got its slots elsewhere.
    Entered(Vec<PlayerSession>),
    /// There is no time left for another try.
    Late,
}

/// Why no target took the game session.
struct Refusal {
    error: Error,
    /// Whether a look-up turned out to be stale.
    saw_stale: bool,
}

impl<E: Elsewhere> Tries<'_, E> {
    /// Keeps the most telling refusal. Later answers may be missing, because of throttling or because a call meets
    /// the deadline.
    fn keep(&mut self, error: &Error) {
        let says_more =
            error.code() == Code::NoCapacity || (error.code() == Code::FleetNotActive && self.refusal.is_none());
        if says_more {
            self.refusal = Some(error.clone());
        }
    }

    /// Logs the first target that is passed over.
    fn warn_once(&mut self, target: &Target, error: &Error) {
        if !std::mem::replace(&mut self.has_warned, true) {
            let Target { fleet, location } = target;
            let code = error.code().as_str();
            tracing::warn!(fleet, location, code, "passed over: it takes no game session");
        }
    }

    /// Waits for the next try. It waits on while an existing game session is starting, because a slot there is better
    /// than a new game session.
    async fn wait(&mut self, last_wait: Deadline, deadline: Deadline) -> Waited {
        loop {
            if !last_wait.sleep(self.waits.next().unwrap_or_default()).await {
                return Waited::Late;
            }
            match self.elsewhere.look(deadline).await {
                Sight::Entered(seats) => return Waited::Entered(seats),
                Sight::Starting => {}
                Sight::Nothing => return Waited::Try,
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { saw_stale: shows_staleness(error.code()), error }
    }
}

impl<'a, G> Placing<'a, G> {
    fn new(
        gamelift: &'a G,
        targets: &'a Targets,
        (wanted, creator): (&'a Wanted, Option<&'a str>),
        token: &'a str,
        terms: &'a Terms,
    ) -> Self {
        let deadline = terms.deadline.keep(TIME_TO_START);
        let last_wait = deadline.keep(TIME_TO_CREATE);
        Self { gamelift, targets, wanted, creator, token, terms, deadline, last_wait }
    }
}

/// The game session that has been created with this token, in its present state.
pub(crate) async fn made<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    token: &str,
    terms: &Terms,
) -> Result<Option<GameSession>, Error>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    let placing = Placing::new(gamelift, targets, (wanted, None), token, terms);
    let known = within(placing.deadline, targets.list(gamelift, wanted.build_id)).await?;
    let narrowed = at_location(&known, wanted.location.as_deref())?;
    Ok(placing.holder(&everywhere(&narrowed, &known)).await?.map(|(_, session)| session))
}

/// Tries every target in order, and again from the first while the time lasts. The stock client hangs after an error,
/// and a game server often becomes free within seconds. A slot `elsewhere` may become free too, so it is looked for
/// between the tries. If the token has been used before, the result is its game session in its present state.
pub(crate) async fn place<G>(
    gamelift: &G,
    targets: &Targets,
    (wanted, creator): (&Wanted, Option<&str>),
    token: &str,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Placed, Error>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    let placing = Placing::new(gamelift, targets, (wanted, creator), token, terms);
    let mut tries = Tries {
        elsewhere,
        waits: Backoff::polling(),
        refusal: None,
        may_be_a_repeat: terms.key.is_some(),
        has_waited_for_limit: false,
        has_warned: false,
    };
    let mut may_be_stale = true;
    loop {
        let Refusal { error, saw_stale } = match Box::pin(placing.in_first_with_room(&mut tries)).await {
            Ok(placed) => return Ok(placed),
            Err(refusal) => refusal,
        };
        // Cached fleets may be stale: look them up once more before failing.
        let was_old_news = saw_stale && targets.forget() && std::mem::take(&mut may_be_stale);
        let may_pass = matches!(error.code(), Code::NoCapacity | Code::FleetNotActive);
        let is_worth_another = was_old_news || may_pass;
        let waited =
            if is_worth_another { tries.wait(placing.last_wait, placing.deadline).await } else { Waited::Late };
        match waited {
            Waited::Try => {}
            Waited::Entered(seats) => return Ok(Placed::Elsewhere(seats)),
            // Many callers for few game servers can end in throttling, so the earlier refusal is the better reason.
            Waited::Late => return Err(tries.refusal.filter(|_| error.code().is_passing()).unwrap_or(error)),
        }
    }
}

impl<G> Placing<'_, G>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    /// Creates the game session on the first target that takes it, or returns why none does. Errors that another
    /// target could not avoid end it at once.
    async fn in_first_with_room(&self, tries: &mut Tries<'_, impl Elsewhere>) -> Result<Placed, Refusal> {
        let known = within(self.deadline, self.targets.list(self.gamelift, self.wanted.build_id)).await?;
        let narrowed = at_location(&known, self.wanted.location.as_deref())?;
        let everywhere = everywhere(&narrowed, &known);
        // A single target needs no look: the creation itself finds the token.
        let has_twins = self.terms.key.is_some() && everywhere.len() > 1;
        if tries.may_be_a_repeat && has_twins {
            if let Some(placed) = self.again(&everywhere, &narrowed, tries).await? {
                return Ok(placed);
            }
            tries.may_be_a_repeat = false;
        }
        let mut failure: Option<Error> = None;
        let mut saw_stale = false;
        for target in &narrowed {
            // The rest of a long list is left to another call.
            if failure.is_some() && self.last_wait.remaining().is_zero() {
                break;
            }
            match Box::pin(self.create(target, tries)).await {
                Ok(Placed::New(session)) if has_twins => {
                    return Ok(Placed::New(Box::new(Box::pin(self.earliest(*session, &everywhere)).await)));
                }
                Ok(placed) => return Ok(placed),
                // Want of room is a better reason than an unusable fleet or a passing failure.
                Err(error) if error.code() == Code::NoCapacity => failure = Some(error),
                Err(error) if error.code().is_passing() => {
                    let error = failure.filter(|failure| failure.code() == Code::NoCapacity).unwrap_or(error);
                    return Err(Refusal { error, saw_stale });
                }
                // The trouble may be with this target alone.
                Err(error) if shows_staleness(error.code()) || is_refused(&error) => {
                    saw_stale |= shows_staleness(error.code());
                    if narrowed.len() > 1 {
                        tries.warn_once(target, &error);
                    }
                    failure = failure.or(Some(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let nowhere = || Error::new(Code::NoFleet, "There is no fleet to place game sessions on.");
        let error = failure.unwrap_or_else(nowhere);
        let error = refusal::of_location(error, self.wanted.location.as_deref());
        Err(Refusal { error, saw_stale })
    }

    /// The game session that an earlier call with the key has created in one of `everywhere`. It has to be in one of
    /// `narrowed`, where this call asks for it.
    async fn again(
        &self,
        everywhere: &[Target],
        narrowed: &[Target],
        tries: &mut Tries<'_, impl Elsewhere>,
    ) -> Result<Option<Placed>, Error> {
        let Some((target, _)) = self.holder(everywhere).await? else { return Ok(None) };
        if !narrowed.contains(&target) {
            let detail = "The key's game session is at another location. Use another key for another request.";
            return Err(Error::new(Code::IdempotencyKeyReused, detail));
        }
        // GameLift returns the game session, or reports that the first request was a different one.
        self.create(&target, tries).await.map(Some)
    }

    /// Creates the game session on this target. After a passing failure the same target is tried again before any
    /// other: only there does the token find what may have been made.
    async fn create(&self, target: &Target, tries: &mut Tries<'_, impl Elsewhere>) -> Result<Placed, Error> {
        let new = NewGameSession {
            idempotency_token: self.token,
            target,
            name: &self.wanted.name,
            maximum_player_session_count: self.wanted.maximum_player_session_count,
            game_properties: &self.wanted.game_properties,
            game_session_data: self.wanted.game_session_data.as_deref(),
            creator_id: self.creator,
        };
        let mut may_have_been_made = false;
        loop {
            let error = match within(self.deadline, self.gamelift.create_game_session(&new)).await {
                Ok(session) => return Ok(Placed::New(Box::new(session))),
                Err(error) => error,
            };
            if error.code() == Code::LimitExceeded && self.creator.is_some() {
                match self.at_the_limit(error, target, may_have_been_made, tries).await {
                    Ok(Some(made)) => return Ok(Placed::New(Box::new(made))),
                    Ok(None) => continue,
                    Err(error) => return Err(self.given_up(error, target, may_have_been_made).await),
                }
            }
            tries.keep(&error);
            may_have_been_made |= error.code().is_passing() && error.code() != Code::RateLimited;
            // A call that was only throttled does not know yet whether there is room. It goes on while calls that
            // know give up.
            let last_wait = match error.code() {
                Code::RateLimited if tries.refusal.is_none() => self.deadline.keep(TIME_TO_ANSWER),
                _ => self.last_wait,
            };
            let waited = if !error.code().is_passing() {
                Waited::Late
            } else if may_have_been_made {
                // A game session that may have been made is not abandoned for a slot elsewhere.
                let is_time = last_wait.sleep(tries.waits.next().unwrap_or_default()).await;
                if is_time { Waited::Try } else { Waited::Late }
            } else {
                tries.wait(last_wait, self.deadline).await
            };
            match waited {
                Waited::Try => continue,
                Waited::Entered(seats) => return Ok(Placed::Elsewhere(seats)),
                Waited::Late => {}
            }
            return Err(self.given_up(error, target, may_have_been_made).await);
        }
    }

    /// The error of a creation that is given up. What may have been made is taken back, unless the client can come
    /// back for it: with a key it can, without one it cannot.
    async fn given_up(&self, error: Error, target: &Target, may_have_been_made: bool) -> Error {
        if may_have_been_made && self.terms.key.is_none() {
            self.take_back(target).await;
        }
        match error.code() {
            Code::IdempotencyKeyReused if self.terms.key.is_none() => {
                error.with_code(Code::UpstreamError, "CreateGameSession took a new token for a used one. Try again.")
            }
            _ => error,
        }
    }

    /// Handles GameLift's refusal to create more game sessions of one creator. GameLift does not say whether it counts
    /// repeats of a token, so the token's game session is looked for first. `None` when it is time for another try:
    /// without a policy on the fleet the limit is one a second, which passes within the call. The stock client could
    /// not repeat it. A call waits for that once.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`. No other target is tried: the limit is the player's, not the fleet's want of room.
    async fn at_the_limit(
        &self,
        refusal: Error,
        target: &Target,
        may_have_been_made: bool,
        tries: &mut Tries<'_, impl Elsewhere>,
    ) -> Result<Option<GameSession>, Error> {
        if (self.terms.key.is_some() || may_have_been_made)
            && let Some(made) = self.held_by(target).await?
        {
            return Ok(Some(made));
        }
        let until = self.deadline.or_before(Some(Deadline::after(TIME_TO_LOOK_UP)));
        let period = match within(until, self.targets.creation_period(self.gamelift, &target.fleet)).await {
            Ok(period) => period.unwrap_or(LIMIT_WITHOUT_POLICY),
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "could not see the fleet's limit a creator");
                return Err(refusal.with_code(Code::LimitExceeded, LIMIT_OF_A_CREATOR));
            }
        };
        let is_short = period <= LIMIT_WITHOUT_POLICY;
        if is_short && !std::mem::replace(&mut tries.has_waited_for_limit, true) {
            // Not all at once: of several calls of the player only one gets in.
            let spread = Duration::from_millis(fastrand::u64(0..250));
            if self.last_wait.sleep(period + spread).await {
                return Ok(None);
            }
        }
        Err(refusal.with_code(Code::LimitExceeded, LIMIT_OF_A_CREATOR).with_retry_after(period))
    }

    /// Terminates a game session that may have been created without an answer. The creation may still be under way.
    async fn take_back(&self, target: &Target) {
        let id = self.gamelift.game_session_id(target, self.token);
        let until = self.terms.deadline.or_before(Some(Deadline::after(TIME_TO_APPEAR)));
        let mut waits = Backoff::polling();
        loop {
            match within(self.terms.deadline, self.gamelift.terminate_game_session(&id)).await {
                Ok(()) => return,
                Err(error) if error.code() == Code::SessionNotFound => {}
                Err(error) => {
                    // An operator should look: no player will be sent to it, and it keeps its server process.
                    let (alarm, code) = ("maybe_orphaned_game_session", error.code().as_str());
                    tracing::error!(alarm, game_session_id = id, code, "no answer to CreateGameSession");
                    return;
                }
            }
            if !until.sleep(waits.next().unwrap_or_default()).await {
                return;
            }
        }
    }

    /// The target on which a game session was created with the token, and that game session in its present state. Of
    /// several, the one with precedence; the others were terminated in its favour.
    async fn holder(&self, targets: &[Target]) -> Result<Option<(Target, GameSession)>, Error> {
        let looks: Vec<_> = targets.iter().map(|target| self.held_by(target)).collect();
        let held: Vec<_> = stream::iter(looks).buffered(CONCURRENT_LOOKS).try_collect().await?;
        let holders = targets.iter().zip(held).filter_map(|(target, session)| Some((target.clone(), session?)));
        Ok(holders.min_by_key(|(_, session)| precedence(session)))
    }

    async fn held_by(&self, target: &Target) -> Result<Option<GameSession>, Error> {
        let id = self.gamelift.game_session_id(target, self.token);
        match persist(self.last_wait, || self.gamelift.describe_game_session(&id)).await {
            Ok(session) => Ok(Some(session)),
            Err(error) if matches!(error.code(), Code::SessionNotFound | Code::InvalidRequest) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Resolves a race of two calls with one key that each found room, on different targets. Both see at least the
    /// older game session here and go on with it; the call that made the younger one terminates it.
    async fn earliest(&self, own: GameSession, targets: &[Target]) -> GameSession {
        let first = match self.holder(targets).await {
            Ok(Some((_, first))) => first,
            Ok(None) => return own,
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "could not look for a twin of the game session");
                return own;
            }
        };
        if first.game_session_id == own.game_session_id || precedence(&first) >= precedence(&own) {
            return own;
        }
        let id = own.game_session_id().unwrap_or_default();
        terminate(self.gamelift, id, self.terms.deadline).await;
        first
    }
}

/// Whether GameLift has refused the request for its content, such as an unknown location, or for the function's
/// missing permission.
fn is_refused(error: &Error) -> bool {
    matches!(error.code(), Code::BackendMisconfigured | Code::BackendNotPermitted)
}

/// The precedence among the game sessions of one token: the first that has not ended.
fn precedence(session: &GameSession) -> impl Ord + use<> {
    (has_ended(session), session.creation_time, session.game_session_id.clone())
}

/// The targets of a request, then those of a request with the same key for another location.
fn everywhere(narrowed: &[Target], known: &[Target]) -> Vec<Target> {
    let others = known.iter().filter(|target| !narrowed.contains(target));
    narrowed.iter().chain(others).cloned().collect()
}
