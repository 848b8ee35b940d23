//! Creates the game session in the first candidate that has a free game server.

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
    wanted::Wanted,
};

/// Kept behind the placement: a game session that is created later would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(8);

/// Kept before that for the last try.
const TIME_TO_CREATE: Duration = Duration::from_secs(2);

/// Kept of that for the answer to a try that was throttled until then.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// How long a creation whose answer was lost may go on before it counts as not made.
const TIME_TO_APPEAR: Duration = Duration::from_secs(3);

/// How many look-ups of one token run at a time: `DescribeGameSessions` is throttled hard.
const CONCURRENT_LOOKS: usize = 4;

/// One placement under way.
struct Placing<'a, G> {
    gamelift: &'a G,
    targets: &'a Targets,
    wanted: &'a Wanted,
    /// One for all targets: GameLift knows a token by its fleet.
    token: &'a str,
    terms: &'a Terms,
    /// When the placement has to be over, and until when it waits for another try.
    deadline: Deadline,
    last_wait: Deadline,
}

/// Where the party has got to.
pub(crate) enum Placed {
    /// A game session of its own.
    New(Box<GameSession>),
    /// In a game session of others; its player sessions.
    Elsewhere(Vec<PlayerSession>),
}

/// What the tries of a placement have shown so far.
struct Tries<'a, E> {
    /// Where else the party may get its slots between two tries.
    elsewhere: &'a mut E,
    /// One rhythm for all of them, throttled or without room: many may wait for few game servers.
    waits: Backoff,
    /// What GameLift has said of the places: that there is no room, else that a fleet is not ACTIVE.
    refusal: Option<Error>,
    /// Whether the token may have been used before.
    may_be_a_repeat: bool,
    /// Whether the log has that a place was passed over.
    has_warned: bool,
}

/// What has come of the wait for another try.
enum Waited {
    /// It is time for it.
    Try,
    /// The party got its slots elsewhere.
    Entered(Vec<PlayerSession>),
    /// There is no time left for it.
    Late,
}

/// Why no target took the game session.
struct Refusal {
    error: Error,
    /// Whether a target was not as the look-ups had it.
    saw_stale: bool,
}

impl<E: Elsewhere> Tries<'_, E> {
    /// Keeps what says most: GameLift may not be heard again before the time is up, by throttling or by a call
    /// that meets the deadline.
    fn keep(&mut self, error: &Error) {
        let says_more =
            error.code() == Code::NoCapacity || (error.code() == Code::FleetNotActive && self.refusal.is_none());
        if says_more {
            self.refusal = Some(error.clone());
        }
    }

    /// Tells the log of a target that is passed over.
    fn warn_once(&mut self, target: &Target, error: &Error) {
        if !std::mem::replace(&mut self.has_warned, true) {
            let Target { fleet, location } = target;
            let code = error.code().as_str();
            tracing::warn!(fleet, location, code, "passed over: it takes no game session");
        }
    }

    /// Waits for the next try: longer where a game session of others is starting, which is better than a new one.
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
    fn new(gamelift: &'a G, targets: &'a Targets, wanted: &'a Wanted, token: &'a str, terms: &'a Terms) -> Self {
        let deadline = terms.deadline.keep(TIME_TO_START);
        let last_wait = deadline.keep(TIME_TO_CREATE);
        Self { gamelift, targets, wanted, token, terms, deadline, last_wait }
    }
}

/// Whether a game session has been created with this token.
pub(crate) async fn is_known<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    token: &str,
    terms: &Terms,
) -> Result<bool, Error>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    let placing = Placing::new(gamelift, targets, wanted, token, terms);
    let known = within(placing.deadline, targets.list(gamelift, wanted.build_id)).await?;
    let narrowed = at_location(&known, wanted.location.as_deref())?;
    Ok(placing.holder(&everywhere(&narrowed, &known)).await?.is_some())
}

/// Tries every target in order, and then again from the first while the time lasts: the stock client
/// hangs after an error, and a game server often becomes free within seconds. So does a slot `elsewhere`, which
/// is looked for between the tries. Where the token has been used before, the game session of that time is given,
/// as it is now.
pub(crate) async fn place<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    token: &str,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Placed, Error>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    let placing = Placing::new(gamelift, targets, wanted, token, terms);
    let may_be_a_repeat = terms.key.is_some();
    let mut tries = Tries { elsewhere, waits: Backoff::polling(), refusal: None, may_be_a_repeat, has_warned: false };
    let mut may_be_stale = true;
    loop {
        let Refusal { error, saw_stale } = match placing.in_first_with_room(&mut tries).await {
            Ok(placed) => return Ok(placed),
            Err(refusal) => refusal,
        };
        // What was known of the fleets may be old news; what is known anew is not.
        let was_old_news = saw_stale && targets.forget() && std::mem::take(&mut may_be_stale);
        let may_pass = matches!(error.code(), Code::NoCapacity | Code::FleetNotActive);
        let is_worth_another = was_old_news || may_pass;
        let waited =
            if is_worth_another { tries.wait(placing.last_wait, placing.deadline).await } else { Waited::Late };
        match waited {
            Waited::Try => {}
            Waited::Entered(seats) => return Ok(Placed::Elsewhere(seats)),
            // So many may ask for the few servers there are that GameLift throttles them in the end.
            Waited::Late => return Err(tries.refusal.filter(|_| error.code().is_passing()).unwrap_or(error)),
        }
    }
}

impl<G> Placing<'_, G>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    /// Creates the game session in the first target that takes it, or says why none does. Errors that
    /// another target could not mend end it at once.
    async fn in_first_with_room(&self, tries: &mut Tries<'_, impl Elsewhere>) -> Result<Placed, Refusal> {
        let known = within(self.deadline, self.targets.list(self.gamelift, self.wanted.build_id)).await?;
        let narrowed = at_location(&known, self.wanted.location.as_deref())?;
        let everywhere = everywhere(&narrowed, &known);
        // A single target is asked by the creation itself.
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
            // The rest of a long list has its turn in another call.
            if failure.is_some() && self.last_wait.remaining().is_zero() {
                break;
            }
            match self.create(target, tries).await {
                Ok(Placed::New(session)) if has_twins => {
                    return Ok(Placed::New(Box::new(self.earliest(*session, &everywhere).await)));
                }
                Ok(placed) => return Ok(placed),
                // Want of room says more than a fleet that is not to be had, and than what passes.
                Err(error) if error.code() == Code::NoCapacity => failure = Some(error),
                Err(error) if error.code().is_passing() => {
                    let error = failure.filter(|failure| failure.code() == Code::NoCapacity).unwrap_or(error);
                    return Err(Refusal { error, saw_stale });
                }
                // Something may be wrong with this target alone.
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
        let error = match failure {
            Some(error) if self.is_elsewhere(&error) => error
                .with_code(Code::InvalidRequest, "GameLift took no game session there. Try another location, or none."),
            failure => failure.unwrap_or_else(nowhere),
        };
        Err(Refusal { error, saw_stale })
    }

    /// The game session that an earlier call with the key has made `everywhere`, which has to be where this one asks
    /// for it.
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
        // GameLift gives the game session back, or says that the first request was another one.
        self.create(&target, tries).await.map(Some)
    }

    /// Whether GameLift did not like the client's location for this target; it may be another one's.
    fn is_elsewhere(&self, error: &Error) -> bool {
        self.wanted.location.is_some() && error.code() == Code::BackendMisconfigured
    }

    /// Creates the game session there. After a passing failure the same target is tried again before any
    /// other: only there does the token lead to what may have been made.
    async fn create(&self, target: &Target, tries: &mut Tries<'_, impl Elsewhere>) -> Result<Placed, Error> {
        let new = NewGameSession {
            idempotency_token: self.token,
            target,
            name: &self.wanted.name,
            maximum_player_session_count: self.wanted.maximum_player_session_count,
            game_properties: &self.wanted.game_properties,
            game_session_data: self.wanted.game_session_data.as_deref(),
        };
        let mut may_have_been_made = false;
        loop {
            let error = match within(self.deadline, self.gamelift.create_game_session(&new)).await {
                Ok(session) => return Ok(Placed::New(Box::new(session))),
                Err(error) => error,
            };
            tries.keep(&error);
            may_have_been_made |= error.code().is_passing() && error.code() != Code::RateLimited;
            // Whoever has only been throttled does not know yet whether there is room, and goes on while the
            // others, who know, give up.
            let last_wait = match error.code() {
                Code::RateLimited if tries.refusal.is_none() => self.deadline.keep(TIME_TO_ANSWER),
                _ => self.last_wait,
            };
            let waited = if !error.code().is_passing() {
                Waited::Late
            } else if may_have_been_made {
                // What may have been made is not left for a slot elsewhere.
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
            // With a key the client comes back for it; anybody else does not know of it.
            if may_have_been_made && self.terms.key.is_none() {
                self.take_back(target).await;
            }
            return Err(match error.code() {
                Code::IdempotencyKeyReused if self.terms.key.is_none() => error
                    .with_code(Code::UpstreamError, "CreateGameSession took a new token for a used one. Try again."),
                _ => error,
            });
        }
    }

    /// Ends what may have been made, though no answer said so. It may also be made only now.
    async fn take_back(&self, target: &Target) {
        let id = self.gamelift.game_session_id(target, self.token);
        let until = self.terms.deadline.or_before(Some(Deadline::after(TIME_TO_APPEAR)));
        let mut waits = Backoff::polling();
        loop {
            match within(self.terms.deadline, self.gamelift.terminate_game_session(&id)).await {
                Ok(()) => return,
                Err(error) if error.code() == Code::SessionNotFound => {}
                Err(error) => {
                    // Someone should look: nobody will be sent to it, and it keeps its server process.
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

    /// The target in which a game session has been created with the token, and that game session as it
    /// is now. Of several, all but one have been ended for its sake.
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

    /// Two calls with one key at the same time may each have found room, in different targets. Both see
    /// at least the older of the two game sessions here, so both go on with that one, and whoever has
    /// made the younger one ends it.
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

/// Whether GameLift has refused the request for what is in it, such as a location that is none of the fleet's, or
/// the function that made it.
fn is_refused(error: &Error) -> bool {
    matches!(error.code(), Code::BackendMisconfigured | Code::BackendNotPermitted)
}

/// Which of the game sessions of one token counts: the first of those that have not ended.
fn precedence(session: &GameSession) -> impl Ord + use<> {
    (has_ended(session), session.creation_time, session.game_session_id.clone())
}

/// The targets of a request, and those of one with the same key that asked for another location.
fn everywhere(narrowed: &[Target], known: &[Target]) -> Vec<Target> {
    let others = known.iter().filter(|target| !narrowed.contains(target));
    narrowed.iter().chain(others).cloned().collect()
}
