//! Starts a game session for a party: places it, waits for it, and hands it over or takes it back.
//!
//! The steps are awaited in boxes. A future holds those of all that it awaits, and a build without optimization copies
//! it on each stack frame: together they were more than a thread's 2 MiB.

use aws::gamelift::{
    ClaimGameServer, CreateGameSession, CreatePlayerSessions, DescribeGameSession, DescribePlacement,
    DescribePlayerSessions, Fleets, ListGameServers, PlaceGameSession, SearchGameSessions, StartingGameSessions,
    TerminateGameSession, UnstartedGameSessions,
};
use aws_sdk_gamelift::types::{GameSession, PlayerSession};
use shared::{
    Code, Error,
    deadline::{Deadline, within},
    terms::{ATTEMPTS, Terms},
};

use crate::{
    all_of::all_of,
    fleets::Targets,
    game_servers::{claim, hosted::Hosted},
    limits::{
        session_slots::{Left, SessionSlot},
        starts::Limits,
    },
    looks::sharing::Looks,
    ours::ours,
    party::Party,
    sessions::{
        earlier::{has_led_nowhere, is_over},
        elsewhere::Elsewhere,
        ended::has_ended,
        place::{self, Placed},
        queue::{self, Queue, Queued},
        reserve::{Reuse, reserve},
        take_back::{TIME_TO_RESERVE, TIME_TO_TERMINATE, has_strangers, is_empty, take_back, terminate},
        wait::{Waited, enter_when_active},
    },
    tickets::admission::Gate,
    wanted::Wanted,
};

/// How often a game session that ended or filled up before the party got in is replaced.
const REPLACEMENTS: u8 = ATTEMPTS - 1;

/// The result of a start.
#[derive(Clone, Debug)]
pub enum Started {
    /// The party's player sessions in the game session that was started for it, in its order.
    Seated(Vec<PlayerSession>),
    /// The party's player sessions in an existing game session, in its order.
    Joined(Vec<PlayerSession>),
    /// The game session with this id is ACTIVATING, and the client prefers coming back to waiting.
    Activating(String),
    /// The placement with this id is PENDING, and the client prefers coming back to waiting.
    Pending(String),
    /// The placement with this id waits in the line before GameLift's rate, in this place, and the client prefers coming
    /// back to waiting. 1 is the next one; `None` if the table cannot tell.
    Waiting(String, Option<u64>),
    /// The party is on a game server of a FleetIQ group.
    Hosted(Box<Hosted>),
}

all_of! {
    /// The calls that [`start`] may make, wherever game sessions are placed.
    pub StartCalls:
        Fleets
        + SearchGameSessions
        + UnstartedGameSessions
        + StartingGameSessions
        + CreateGameSession
        + DescribeGameSession
        + TerminateGameSession
        + CreatePlayerSessions
        + DescribePlayerSessions
        + PlaceGameSession
        + DescribePlacement
        + ClaimGameServer
        + ListGameServers
}

/// Starts the game session that the party wants, or goes on with the one that an earlier call with the same key has
/// started. While no game server is free, slots `elsewhere` are accepted too.
///
/// # Errors
/// `LIMIT_EXCEEDED` if the caller may not start one; those of placing, waiting and reserving. A game session made by
/// then is terminated, unless the client can resume it; `GameSessionId` or `PlacementId` names it.
pub async fn start<G>(
    gamelift: &G,
    (targets, limits): (&Targets, &Limits),
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Started, Error>
where
    G: StartCalls,
{
    if let Some(group) = &targets.config().game_server_group {
        // A claim that nobody comes for ends by itself within a minute.
        let hosted = Box::pin(claim::start(gamelift, group, wanted, party, terms)).await?;
        return Ok(Started::Hosted(Box::new(hosted)));
    }
    let slot = limits.slot(targets, party, terms);
    let may_start = Box::pin(check(gamelift, (targets, limits), wanted, party, (terms, &slot), 0)).await;
    let started = match may_start {
        Ok(may_start) => {
            let terms = (terms, &slot, may_start);
            Box::pin(start_or_go_on(gamelift, (targets, limits), wanted, party, terms, elsewhere)).await
        }
        Err(error) => Err(error),
    };
    slot.settle_session(left_by(&started)).await;
    started
}

/// Checks that the party may start a game session: returns whether it may. If not, it may go on with a live one that
/// an attempt of its key, this or a later one, has started: a repeat starts nothing.
///
/// # Errors
/// `LIMIT_EXCEEDED` if it may do neither.
async fn check<G>(
    gamelift: &G,
    (targets, limits): (&Targets, &Limits),
    wanted: &Wanted,
    party: &Party,
    (terms, slot): (&Terms, &SessionSlot<'_>),
    attempt: u8,
) -> Result<bool, Error>
where
    G: StartCalls,
{
    let may_start = Box::pin(limits.check_start(gamelift, targets, wanted, party, (terms, slot)));
    let Err(limit) = may_start.await else { return Ok(true) };
    let (player, repeats) = (party.caller(), limits.repeats());
    let Some(key) = terms.key.as_deref().filter(|key| repeats.may_be(player, key)) else { return Err(limit) };
    if is_live(gamelift, targets, wanted, party, terms, attempt).await? {
        return Ok(false);
    }
    repeats.keep_none(player, key);
    Err(limit)
}

/// [`start`] on fleets and queues. Unless the caller may start a game session, it is checked before an attempt
/// replaces one that has ended.
async fn start_or_go_on<G>(
    gamelift: &G,
    (targets, limits): (&Targets, &Limits),
    wanted: &Wanted,
    party: &Party,
    (terms, slot, may_start): (&Terms, &SessionSlot<'_>, bool),
    elsewhere: &mut impl Elsewhere,
) -> Result<Started, Error>
where
    G: StartCalls,
{
    let creator = limits.creator_id(party.caller());
    let mut starting = Starting { gamelift, targets, wanted, party, creator: creator.as_deref(), terms, may_start };
    let mut attempt = 0;
    loop {
        let token = terms.token(party.caller(), attempt);
        let may_be_replaced = attempt < REPLACEMENTS;
        attempt += 1;
        let is_last = terms.key.is_some() && !may_be_replaced;
        let placed = Box::pin(starting.place_or_keep_looking(&token, elsewhere)).await;
        let placed = match placed.map_err(|error| if is_last { of_last_attempt(error) } else { error })? {
            Queued::Placed(session) => *session,
            Queued::Elsewhere(seats) => return Ok(Started::Joined(seats)),
            Queued::Pending => return Ok(Started::Pending(token)),
            Queued::Waiting(place) => return Ok(Started::Waiting(token, place)),
            Queued::Over if may_be_replaced => {
                starting.check_another((limits, slot), attempt).await?;
                continue;
            }
            Queued::Over => {
                let detail =
                    "Every placement of this Idempotency-Key has ended without a game session. Use another key.";
                return Err(Error::new(Code::SessionFailed, detail).without_retry());
            }
        };
        if terms.key.is_some() && has_ended(&placed) && may_be_replaced {
            refuse_if_used(gamelift, &placed, party, terms.deadline).await?;
            starting.check_another((limits, slot), attempt).await?;
            continue;
        }
        let error = match Box::pin(hand_over(gamelift, targets.looks(), &placed, party, terms, elsewhere))
            .await
            .map_err(ours)
        {
            Ok(started) => return Ok(started),
            Err(error) => clean_up(gamelift, &placed, error, party, terms).await,
        };
        if is_last {
            return Err(of_last_attempt(error));
        }
        // Other players filled it first.
        if error.code() != Code::SessionFull || terms.key.is_some() || !may_be_replaced {
            return Err(error);
        }
    }
}

/// The error of a key's last attempt. GameLift leads each repeat to what has ended, so the key has no game session any
/// more. A fleet without a free game server has started nothing under the key: the repeat may find one.
fn of_last_attempt(error: Error) -> Error {
    let is_over = match error.code() {
        Code::SessionFailed => true,
        Code::NoCapacity => error.members().contains_key("PlacementId"),
        _ => false,
    };
    if !is_over {
        return error;
    }
    let detail = format!("{} It was the last attempt of this Idempotency-Key. Use another key.", error.detail());
    error.with_code(Code::SessionFailed, detail).without_retry()
}

/// One start under way.
struct Starting<'a, G> {
    gamelift: &'a G,
    targets: &'a Targets,
    wanted: &'a Wanted,
    party: &'a Party,
    /// The caller as GameLift's `CreatorId`, if that is sent.
    creator: Option<&'a str>,
    terms: &'a Terms,
    /// Whether the party may start a game session. If not, it was only seen to have one under its key.
    may_start: bool,
}

impl<G: StartCalls> Starting<'_, G> {
    /// Checks that the key's attempt with this number may start a game session, or has. The one before has ended, and
    /// an old key is no way around the limits.
    async fn check_another(&mut self, (limits, slot): (&Limits, &SessionSlot<'_>), attempt: u8) -> Result<(), Error> {
        let Self { gamelift, targets, wanted, party, terms, may_start, .. } = *self;
        self.may_start = may_start || check(gamelift, (targets, limits), wanted, party, (terms, slot), attempt).await?;
        Ok(())
    }

    /// [`Self::place_once`]. If it is too late for a new game session, there may still be time for a slot in an
    /// existing one.
    async fn place_or_keep_looking(&self, token: &str, elsewhere: &mut impl Elsewhere) -> Result<Queued, Error> {
        match self.place_once(token, elsewhere).await {
            Err(error) if matches!(error.code(), Code::NoCapacity | Code::RateLimited) => {
                let [deadline, last_look] =
                    [TIME_TO_RESERVE, TIME_TO_TERMINATE].map(|time| self.terms.deadline.keep(time));
                elsewhere.keep_looking(deadline, last_look).await.map(Queued::Elsewhere).ok_or(error)
            }
            placed => placed,
        }
    }

    /// Places the game session on the candidates or through the queue, as configured.
    async fn place_once(&self, token: &str, elsewhere: &mut impl Elsewhere) -> Result<Queued, Error> {
        let Self { gamelift, targets, wanted, party, creator, terms, .. } = *self;
        let placed = match &targets.config().queue {
            Some(queue) => {
                let gate = Gate::of_placements(&targets.config().admission);
                let queue = Queue { name: queue, gate, store: targets.store() };
                return Box::pin(queue::place(gamelift, queue, wanted, party, token, terms, elsewhere)).await;
            }
            None => Box::pin(place::place(gamelift, targets, (wanted, creator), token, terms, elsewhere)).await?,
        };
        Ok(match placed {
            Placed::New(session) => Queued::Placed(session),
            Placed::Elsewhere(seats) => Queued::Elsewhere(seats),
        })
    }
}

/// Goes on with the start of an earlier call with the same key, if there was one. If its game session has ended before
/// the party came, that is a new start.
///
/// # Errors
/// See [`start`].
pub async fn resume<G>(
    gamelift: &G,
    (targets, limits): (&Targets, &Limits),
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Option<Started>, Error>
where
    G: StartCalls,
{
    if !has_started(gamelift, targets, wanted, party, terms).await? {
        return Ok(None);
    }
    let slot = limits.slot(targets, party, terms);
    let terms = (terms, &slot, false);
    let started = Box::pin(start_or_go_on(gamelift, (targets, limits), wanted, party, terms, elsewhere)).await;
    slot.settle_session(left_by(&started)).await;
    started.map(Some)
}

/// What a start has left that may count as an unclaimed game session.
fn left_by(result: &Result<Started, Error>) -> Left {
    let error = match result {
        Ok(Started::Seated(seats)) => {
            let id = seats.first().and_then(PlayerSession::game_session_id);
            return id.map_or(Left::Unclear, |id| Left::Session(id.to_owned()));
        }
        Ok(Started::Activating(id)) => return Left::Session(id.clone()),
        Ok(Started::Pending(id) | Started::Waiting(id, _)) => return Left::Placement(id.clone()),
        Ok(Started::Joined(_) | Started::Hosted(_)) => return Left::Nothing,
        Err(error) => error,
    };
    let member = |name| error.members().get(name).and_then(|id| id.as_str()).map(str::to_owned);
    match error.code() {
        Code::SessionFailed | Code::NoCapacity | Code::LimitExceeded => Left::Nothing,
        code => match (member("GameSessionId"), member("PlacementId")) {
            (Some(id), _) => Left::Session(id),
            (None, Some(id)) => Left::Placement(id),
            (None, None) if may_have_started(code) => Left::Unclear,
            (None, None) => Left::Nothing,
        },
    }
}

/// Whether something may have been started despite a failure with this code. What was throttled was not.
fn may_have_started(code: Code) -> bool {
    matches!(code, Code::UpstreamUnavailable | Code::UpstreamError | Code::ActivationTimeout)
}

/// Whether a call with the same key has started a game session, on any target.
///
/// # Errors
/// Those of the look-up.
pub async fn has_started<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
) -> Result<bool, Error>
where
    G: StartCalls,
{
    let token = |attempt| terms.token(party.caller(), attempt);
    if targets.config().queue.is_none() {
        return Ok(place::made(gamelift, targets, wanted, &token(0), terms).await?.is_some());
    }
    // The store has seen every call with the key of the last day, or has failed then: in that case the placement is
    // found when this call starts one under the same id.
    if !terms.may_be_a_repeat() {
        return Ok(false);
    }
    for attempt in 0..=REPLACEMENTS {
        match is_over(gamelift, targets.store(), &token(attempt), terms).await? {
            // The next attempt may have replaced it.
            Some(true) => {}
            known => return Ok(known.is_some()),
        }
    }
    Ok(false)
}

/// Whether the first game session that has not ended, of the attempts of this key from `attempt` on, is there.
async fn is_live<G>(
    gamelift: &G,
    targets: &Targets,
    wanted: &Wanted,
    party: &Party,
    terms: &Terms,
    attempt: u8,
) -> Result<bool, Error>
where
    G: StartCalls,
{
    for attempt in attempt..=REPLACEMENTS {
        let token = terms.token(party.caller(), attempt);
        let has_ended = match &targets.config().queue {
            Some(_) => has_led_nowhere(gamelift, targets.store(), &token, terms).await?,
            None => place::made(gamelift, targets, wanted, &token, terms).await?.as_ref().map(has_ended),
        };
        match has_ended {
            // The next attempt may have replaced it.
            Some(true) => {}
            known => return Ok(known.is_some()),
        }
    }
    Ok(false)
}

/// Fails if the caller has ever had a player session in this game session, which has ended: see the text on keys in
/// [`sessions`](crate::sessions).
async fn refuse_if_used(
    gamelift: &impl DescribePlayerSessions,
    ended: &GameSession,
    party: &Party,
    deadline: Deadline,
) -> Result<(), Error> {
    let id = ended.game_session_id().unwrap_or_default();
    let ever = within(deadline, gamelift.player_sessions_in(id, None)).await?;
    if ever.is_complete && ever.sessions.iter().all(|session| session.player_id() != Some(party.caller().id())) {
        return Ok(());
    }
    let detail = "The game session of this Idempotency-Key has ended. Send another key for another game session.";
    Err(Error::new(Code::SessionNotJoinable, detail).with_member("GameSessionId", id))
}

/// Waits for the game session and reserves the party's slots in it. If the party gets slots sooner in the game
/// session that the call waited for before, this one is taken back.
async fn hand_over<G>(
    gamelift: &G,
    looks: &Looks,
    placed: &GameSession,
    party: &Party,
    terms: &Terms,
    elsewhere: &mut impl Elsewhere,
) -> Result<Started, Error>
where
    G: DescribeGameSession
        + StartingGameSessions
        + CreatePlayerSessions
        + DescribePlayerSessions
        + TerminateGameSession,
{
    let id = placed.game_session_id().unwrap_or_default();
    let before_the_end = terms.deadline.keep(TIME_TO_TERMINATE);
    let patience = terms.deadline.keep(TIME_TO_RESERVE).or_before(terms.patience);
    let reuse = if terms.key.is_some() { Reuse::Live } else { Reuse::Nothing };
    let reserve = || reserve(gamelift, id, party, reuse, || terms.may_have_twin(), before_the_end);
    let times = (patience, before_the_end);
    match Box::pin(enter_when_active(gamelift, looks, placed, elsewhere, times, reserve)).await? {
        Waited::Here(seats) => Ok(Started::Seated(seats)),
        Waited::Elsewhere(seats) => {
            take_back(gamelift, id, party, terms.deadline).await;
            Ok(Started::Joined(seats))
        }
        Waited::NotYet if terms.patience.is_some() => Ok(Started::Activating(id.to_owned())),
        Waited::NotYet => Err(Error::new(Code::ActivationTimeout, "The game session was not ACTIVE in time.")),
    }
}

/// Ends the game session that `error` keeps from being handed over, and completes the error.
async fn clean_up(
    gamelift: &(impl DescribePlayerSessions + TerminateGameSession),
    placed: &GameSession,
    error: Error,
    party: &Party,
    terms: &Terms,
) -> Error {
    let id = placed.game_session_id().unwrap_or_default();
    let error = error.with_member("GameSessionId", id);
    let timed_out = error.code() == Code::ActivationTimeout;
    match error.code() {
        Code::SessionFailed => error,
        // Other players are in it; or they were, for a moment, and it is now empty.
        Code::SessionFull => {
            if is_empty(gamelift, id, terms.deadline).await {
                terminate(gamelift, id, terms.deadline).await;
            }
            error
        }
        _ if terms.can_resume() && timed_out => error.with_code(
            Code::ActivationTimeout,
            "The game session is not ACTIVE yet. Send the same request with the same Idempotency-Key, or POST /join_session with this GameSessionId, to go on.",
        ),
        _ if terms.can_resume() => error,
        // It has been ACTIVE, so other players may have come meanwhile.
        _ if !timed_out && has_strangers(gamelift, id, party, terms.deadline).await => error,
        _ if terminate(gamelift, id, terms.deadline).await && timed_out => error.with_code(
            Code::ActivationTimeout,
            "The game session was not ACTIVE in time, so it is terminated and cannot be resumed. See why the game server does not call ActivateGameSession.",
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_another_attempt_says_that_it_is_used_up() {
        let of = |code, member: Option<&str>| {
            let error = Error::new(code, "It has ended.");
            of_last_attempt(member.into_iter().fold(error, |error, member| error.with_member(member, "1")))
        };
        for ended in [of(Code::SessionFailed, None), of(Code::NoCapacity, Some("PlacementId"))] {
            assert_eq!(ended.code(), Code::SessionFailed);
            assert_eq!(
                ended.detail(),
                "It has ended. It was the last attempt of this Idempotency-Key. Use another key."
            );
        }
        // Nothing of the key has ended, and a repeat may find a game server or an answer.
        for (code, member) in [(Code::NoCapacity, None), (Code::ActivationTimeout, Some("PlacementId"))] {
            assert_eq!((of(code, member).code(), of(code, member).detail()), (code, "It has ended."));
        }
    }
}
