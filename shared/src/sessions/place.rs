//! Creates the game session in the first candidate that has a free game server.

use std::time::Duration;

use aws_sdk_gamelift::types::GameSession;
use futures_util::future::join_all;

use super::Wanted;
use crate::{
    deadline::{Backoff, Deadline, persist, within},
    error::{Code, Error},
    fleets::{Target, Targets, at_location, shows_staleness},
    gamelift::{CreateGameSession, DescribeGameSession, Fleets, NewGameSession, TerminateGameSession},
    terms::Terms,
};

/// Kept behind the placement: a game session that is created later would have no time to start.
const TIME_TO_START: Duration = Duration::from_secs(8);

/// Kept before that for the last try.
const TIME_TO_CREATE: Duration = Duration::from_secs(2);

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

impl<'a, G> Placing<'a, G> {
    fn new(gamelift: &'a G, targets: &'a Targets, wanted: &'a Wanted, token: &'a str, terms: &'a Terms) -> Self {
        let deadline = terms.deadline.keep(TIME_TO_START);
        let last_wait = terms.deadline.keep(TIME_TO_START + TIME_TO_CREATE);
        Self { gamelift, targets, wanted, token, terms, deadline, last_wait }
    }
}

/// Whether a game session has been created with this token.
pub(super) async fn is_known<G>(
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
    Ok(!placing.holders(&everywhere(narrowed, known)).await?.is_empty())
}

/// Tries every target in order, and then again from the first while the time lasts: the stock client
/// hangs after an error, and a game server often becomes free within seconds. Where the token has been
/// used before, the game session of that time is given, as it is now.
pub(super) async fn place<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    token: &str,
    terms: &Terms,
) -> Result<GameSession, Error>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    let placing = Placing::new(gamelift, targets, wanted, token, terms);
    let mut may_be_a_repeat = terms.key.is_some();
    let mut waits = Backoff::polling();
    let mut want_of_room = None;
    loop {
        let error = match placing.in_first_with_room(&mut may_be_a_repeat).await {
            Ok(session) => return Ok(session),
            // So many ask for the few servers there are that GameLift throttles them.
            Err(error) if error.code() == Code::RateLimited => return Err(want_of_room.unwrap_or(error)),
            Err(error) => error,
        };
        // What was known of the fleets may be old news; what is known anew is not.
        let was_old_news = shows_staleness(error.code()) && targets.forget();
        let may_pass = matches!(error.code(), Code::NoCapacity | Code::FleetNotActive);
        let wait = waits.next().unwrap_or_default();
        if !(was_old_news || may_pass) || !placing.last_wait.sleep(wait).await {
            return Err(error);
        }
        want_of_room = Some(error).filter(|error| error.code() == Code::NoCapacity).or(want_of_room);
    }
}

impl<G> Placing<'_, G>
where
    G: Fleets + CreateGameSession + DescribeGameSession + TerminateGameSession,
{
    /// Creates the game session in the first target that takes it, or says why none does. Errors that
    /// another target could not mend end it at once.
    async fn in_first_with_room(&self, may_be_a_repeat: &mut bool) -> Result<GameSession, Error> {
        let known = within(self.deadline, self.targets.list(self.gamelift, self.wanted.build_id)).await?;
        let narrowed = at_location(&known, self.wanted.location.as_deref())?;
        // A single target is asked by the creation itself.
        let has_choice = known.len() > 1;
        if *may_be_a_repeat && has_choice {
            let everywhere = everywhere(narrowed.clone(), known);
            if let Some((target, _)) = self.holders(&everywhere).await?.into_iter().next() {
                // GameLift gives the game session back, or says that the first request was another one.
                return self.create(&target).await;
            }
            *may_be_a_repeat = false;
        }
        let mut failure = None;
        for target in &narrowed {
            match self.create(target).await {
                Ok(session) if has_choice && self.terms.key.is_some() => {
                    return Ok(self.earliest(session, &narrowed).await);
                }
                Ok(session) => return Ok(session),
                // Want of room says more than a fleet that is not to be had.
                Err(error) if error.code() == Code::NoCapacity => failure = Some(error),
                Err(error) if shows_staleness(error.code()) => {
                    self.targets.forget();
                    failure = failure.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or_else(|| Error::new(Code::NoFleet, "There is no fleet to place game sessions on.")))
    }

    /// Creates the game session there. After a passing failure the same target is tried again before any
    /// other: only there does the token lead to what may have been made.
    async fn create(&self, target: &Target) -> Result<GameSession, Error> {
        let new = NewGameSession {
            idempotency_token: self.token,
            target,
            name: &self.wanted.name,
            maximum_player_session_count: self.wanted.maximum_player_session_count,
            game_properties: &self.wanted.game_properties,
            game_session_data: self.wanted.game_session_data.as_deref(),
        };
        let mut waits = Backoff::polling();
        let mut may_have_been_made = false;
        let error = loop {
            let error = match within(self.deadline, self.gamelift.create_game_session(&new)).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            may_have_been_made |= error.code().is_passing() && error.code() != Code::RateLimited;
            if !error.code().is_passing() || !self.last_wait.sleep(waits.next().unwrap_or_default()).await {
                break error;
            }
        };
        if may_have_been_made && !self.terms.can_resume() {
            self.take_back(target).await;
        }
        Err(match error.code() {
            Code::BackendMisconfigured if self.wanted.location.is_some() => error
                .with_code(Code::InvalidRequest, "GameLift took no game session there. Try another location, or none."),
            _ => error,
        })
    }

    /// Ends what may have been made, though no answer said so.
    async fn take_back(&self, target: &Target) {
        for id in self.gamelift.game_session_ids(target, self.token) {
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
        }
    }

    /// The targets in which a game session has been created with the token, with what it is now.
    async fn holders(&self, targets: &[Target]) -> Result<Vec<(Target, GameSession)>, Error> {
        let looks = targets.iter().map(|target| async move { Ok((target, self.held_by(target).await?)) });
        let looked: Vec<(_, _)> = join_all(looks).await.into_iter().collect::<Result<_, Error>>()?;
        Ok(looked.into_iter().filter_map(|(target, session)| Some((target.clone(), session?))).collect())
    }

    async fn held_by(&self, target: &Target) -> Result<Option<GameSession>, Error> {
        for id in self.gamelift.game_session_ids(target, self.token) {
            match persist(self.last_wait, || self.gamelift.describe_game_session(&id)).await {
                Ok(session) => return Ok(Some(session)),
                Err(error) if matches!(error.code(), Code::SessionNotFound | Code::InvalidRequest) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Two calls with one key at the same time may each have found room, in different targets. Both see
    /// at least the older of the two game sessions here, so both go on with that one, and whoever has
    /// made the younger one ends it.
    async fn earliest(&self, own: GameSession, targets: &[Target]) -> GameSession {
        let holders = match self.holders(targets).await {
            Ok(holders) => holders,
            Err(error) => {
                tracing::warn!(code = error.code().as_str(), "could not look for a twin of the game session");
                return own;
            }
        };
        let age = |session: &GameSession| (session.creation_time, session.game_session_id.clone());
        let living = holders.into_iter().map(|(_, session)| session).filter(|session| !super::has_ended(session));
        match living.min_by_key(age) {
            Some(first) if first.game_session_id != own.game_session_id && age(&first) < age(&own) => {
                let id = own.game_session_id().unwrap_or_default();
                super::start::terminate(self.gamelift, id, self.terms.deadline).await;
                first
            }
            _ => own,
        }
    }
}

/// The targets of a request, and those of one with the same key that asked for another location.
fn everywhere(narrowed: Vec<Target>, known: Vec<Target>) -> Vec<Target> {
    let others: Vec<_> = known.into_iter().filter(|target| !narrowed.contains(target)).collect();
    [narrowed, others].concat()
}
