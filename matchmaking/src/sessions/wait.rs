//! Waits until a game server has activated a game session, and lets the party in.
//!
//! Where looks are shared, one call lists the game sessions of the fleet that are starting, for all who wait. One that
//! has left this list is ACTIVE or has ended, and a reservation tells which of them: `CreatePlayerSessions` is allowed ten
//! times as often as `DescribeGameSessions`. Only a call that is refused looks for itself. What all share may be a second
//! old, or not be there yet; so a call whose time is up tries a reservation before it gives up.

use std::time::Duration;

use aws::{
    arns::fleet_of,
    gamelift::{DescribeGameSession, StartingGameSessions},
};
use aws_sdk_gamelift::types::{GameSession, GameSessionStatus, PlayerSession};
use shared::{
    Code, Error,
    deadline::{Backoff, Deadline, persist, poll_at},
};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    looks::{
        list::{List, Page, Thing},
        sharing::Looks,
        waiter::{Told, Waiter},
    },
    sessions::{elsewhere::Elsewhere, ended::has_ended},
};

/// How soon a new game session is taken to be listed. GameLift does not say; one that was listed once has no such time.
const UNTIL_LISTED: Duration = Duration::from_millis(500);

/// What came of waiting for a game session.
#[derive(Clone, Debug)]
pub enum Waited {
    /// The party has its slots in it.
    Here(Vec<PlayerSession>),
    /// The party has its slots in the game session that the call waited for before.
    Elsewhere(Vec<PlayerSession>),
    /// It was not ACTIVE in time.
    NotYet,
}

/// Waits until the game session is ACTIVE, and lets the party in by `reserve`; until `deadline`, or until the party has
/// its slots `elsewhere`. The last look may take until `last_look`.
///
/// # Errors
/// `SESSION_FAILED` once it will never be ACTIVE; those of `reserve`; else see [`poll_at`].
pub async fn enter_when_active<G, R>(
    gamelift: &G,
    looks: &Looks,
    session: &GameSession,
    elsewhere: &mut impl Elsewhere,
    (deadline, last_look): (Deadline, Deadline),
    reserve: impl Fn() -> R,
) -> Result<Waited, Error>
where
    G: DescribeGameSession + StartingGameSessions,
    R: Future<Output = Result<Vec<PlayerSession>, Error>>,
{
    if is_active(session)? {
        return reserve().await.map(Waited::Here);
    }
    let mut wait = Wait::new(gamelift, looks, session);
    loop {
        match wait.until_active(elsewhere, deadline, last_look).await? {
            None if wait.has_only_shared_looks() => {
                return match reserve().await {
                    Err(refusal) if refusal.code() == Code::SessionNotJoinable => Ok(Waited::NotYet),
                    entered => entered.map(Waited::Here),
                };
            }
            None => return Ok(Waited::NotYet),
            Some(Found::Elsewhere(seats)) => return Ok(Waited::Elsewhere(seats)),
            Some(Found::Active) => return reserve().await.map(Waited::Here),
            Some(Found::Unlisted) => match reserve().await {
                Err(refusal) if refusal.code() == Code::SessionNotJoinable => {
                    if wait.has_become_active(last_look).await? {
                        return reserve().await.map(Waited::Here);
                    }
                }
                entered => return entered.map(Waited::Here),
            },
        }
    }
}

/// The end of a wait.
enum Found {
    /// The game session is ACTIVE.
    Active,
    /// The game session is no longer listed among those that are starting.
    Unlisted,
    /// The party has its slots in the game session that the call waited for before.
    Elsewhere(Vec<PlayerSession>),
}

/// A wait for one game session.
struct Wait<'a, G> {
    gamelift: &'a G,
    id: &'a str,
    looks: Mutex<Shared>,
}

/// What a call has to do with the looks that it shares.
struct Shared {
    /// `None`: the call looks for itself.
    waiter: Option<Waiter>,
    /// Whether the call has looked at all: one that does not wait has not.
    has_looked: bool,
    /// Whether the game session was listed among those that are starting.
    was_listed: bool,
    /// When a look elsewhere is due, which is each call's own.
    elsewhere_at: Instant,
    elsewhere_waits: Backoff,
}

impl<'a, G: DescribeGameSession + StartingGameSessions> Wait<'a, G> {
    fn new(gamelift: &'a G, looks: &Looks, session: &'a GameSession) -> Self {
        let id = session.game_session_id().unwrap_or_default();
        let waiter = fleet_of(id).and_then(|fleet| looks.waiter(&format!("fleet {fleet}"), Backoff::polling()));
        let (elsewhere_at, elsewhere_waits) = (Instant::now(), Backoff::polling());
        let looks = Mutex::new(Shared { waiter, has_looked: false, was_listed: false, elsewhere_at, elsewhere_waits });
        Self { gamelift, id, looks }
    }

    async fn until_active(
        &mut self,
        elsewhere: &mut impl Elsewhere,
        deadline: Deadline,
        last_look: Deadline,
    ) -> Result<Option<Found>, Error> {
        let is_shared = self.looks.get_mut().waiter.is_some();
        let waits = if is_shared { Backoff::polling_shared() } else { Backoff::polling() };
        let elsewhere = Mutex::new(elsewhere);
        let look = || async {
            if let Some(found) = self.look().await? {
                return Ok(Some(found));
            }
            if !self.looks.lock().await.is_due_elsewhere() {
                return Ok(None);
            }
            let seats = elsewhere.lock().await.look_at_awaited(last_look).await;
            Ok(seats.map(Found::Elsewhere))
        };
        poll_at(waits, deadline, last_look, look).await
    }

    async fn look(&self) -> Result<Option<Found>, Error> {
        let Shared { waiter, has_looked, was_listed, .. } = &mut *self.looks.lock().await;
        *has_looked = true;
        let told = match waiter {
            Some(waiter) => waiter.ask(self.id, &Starting { gamelift: self.gamelift, id: self.id }).await?,
            None => Told::Alone,
        };
        match (told, waiter) {
            (Told::Seen(sight), _) if !sight.texts.is_empty() => *was_listed = true,
            (Told::Seen(sight), Some(waiter)) => {
                let from = if *was_listed { waiter.since() } else { waiter.since() + UNTIL_LISTED };
                return Ok((sight.began >= from).then_some(Found::Unlisted));
            }
            (Told::Alone, _) => {
                let is_active = is_active(&self.gamelift.describe_game_session(self.id).await?)?;
                return Ok(is_active.then_some(Found::Active));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Whether the call has waited, and knows what it knows from the list for all.
    fn has_only_shared_looks(&mut self) -> bool {
        let looks = self.looks.get_mut();
        looks.has_looked && looks.waiter.is_some()
    }

    /// Whether the game session, which is not listed and takes no players, is ACTIVE by now. If not, the list is wrong,
    /// and the call looks for itself from now on.
    async fn has_become_active(&mut self, last_look: Deadline) -> Result<bool, Error> {
        self.looks.get_mut().waiter = None;
        is_active(&persist(last_look, || self.gamelift.describe_game_session(self.id)).await?)
    }
}

impl Shared {
    fn is_due_elsewhere(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.waiter.is_none() || self.elsewhere_at <= now;
        if is_due {
            self.elsewhere_at = now + self.elsewhere_waits.next().unwrap_or_default();
        }
        is_due
    }
}

/// The game sessions of a fleet that are starting.
pub(crate) struct Starting<'a, G> {
    gamelift: &'a G,
    /// A game session of the fleet.
    id: &'a str,
}

impl<G: StartingGameSessions> List for Starting<'_, G> {
    // Four a second, evenly, of the 20 that all fleets share.
    const PAGES: usize = 1;
    const PER_PAGE: Duration = Duration::from_millis(250);
    const SHORTEST: Duration = Duration::from_millis(250);

    async fn page(&self, token: Option<String>) -> Result<Page, Error> {
        let page = self.gamelift.starting_game_sessions(fleet_of(self.id).unwrap_or_default(), token).await?;
        let ids = page.sessions.into_iter().filter_map(|session| session.game_session_id);
        let things = ids.map(|key| Thing { key, text: String::new() }).collect();
        Ok(Page { things, next_token: page.next_token })
    }
}

fn is_active(session: &GameSession) -> Result<bool, Error> {
    if has_ended(session) {
        let status = session.status().map_or("", |status| status.as_str());
        let reason = session.status_reason().map_or("no reason is given", |reason| reason.as_str());
        let detail =
            format!("The game session went to {status} while it started ({reason}). See the game server's log.");
        return Err(Error::new(Code::SessionFailed, detail));
    }
    // The status is ACTIVATING, or one that GameLift may add: wait on.
    Ok(session.status() == Some(&GameSessionStatus::Active))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use aws::gamelift::GameSessionPage;
    use shared::clock::Clock;
    use store::Store;

    use super::*;
    use crate::sessions::elsewhere::Nowhere;

    const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/gs-1";

    /// A GameLift that has one game session, which starts for some time and then has a status.
    struct Scripted {
        active_at: Instant,
        then: GameSessionStatus,
        /// Whether the list shows it.
        is_listed: bool,
        /// How long the list still shows it as starting.
        lag: Duration,
        /// Whether the list has an end.
        has_end: bool,
        lists: AtomicUsize,
        looks: AtomicUsize,
        reservations: AtomicUsize,
    }

    impl Scripted {
        fn new(seconds: u64, then: GameSessionStatus, is_listed: bool) -> Self {
            let count = || AtomicUsize::new(0);
            let active_at = Instant::now() + Duration::from_secs(seconds);
            let (lag, has_end) = (Duration::ZERO, true);
            Self { active_at, then, is_listed, lag, has_end, lists: count(), looks: count(), reservations: count() }
        }

        fn session(&self) -> GameSession {
            self.session_at(Instant::now())
        }

        fn session_at(&self, time: Instant) -> GameSession {
            let is_starting = time < self.active_at;
            let status = if is_starting { GameSessionStatus::Activating } else { self.then.clone() };
            GameSession::builder().game_session_id(SESSION).status(status).build()
        }

        async fn reserve(&self) -> Result<Vec<PlayerSession>, Error> {
            self.reservations.fetch_add(1, Relaxed);
            match self.session().status() {
                Some(GameSessionStatus::Active) => Ok(vec![PlayerSession::builder().build()]),
                _ => Err(Error::new(Code::SessionNotJoinable, "Scripted.")),
            }
        }

        async fn wait(&self, has_store: bool) -> Result<Waited, Error> {
            self.wait_for(20, has_store).await
        }

        async fn wait_for(&self, seconds: u64, has_store: bool) -> Result<Waited, Error> {
            let clock = Clock::with_tokio(Duration::from_secs(1_800_000_000));
            let looks = Looks::new(has_store.then(|| Store::in_memory(clock)));
            let times = [seconds, seconds + 2].map(|seconds| Deadline::after(Duration::from_secs(seconds))).into();
            enter_when_active(self, &looks, &self.session(), &mut Nowhere, times, || self.reserve()).await
        }

        fn counts(&self) -> [usize; 3] {
            [&self.lists, &self.looks, &self.reservations].map(|count| count.load(Relaxed))
        }
    }

    impl DescribeGameSession for Scripted {
        async fn describe_game_session(&self, _: &str) -> Result<GameSession, Error> {
            self.looks.fetch_add(1, Relaxed);
            Ok(self.session())
        }
    }

    impl StartingGameSessions for Scripted {
        async fn starting_game_sessions(&self, fleet: &str, _: Option<String>) -> Result<GameSessionPage, Error> {
            assert_eq!(fleet, "fleet-1");
            self.lists.fetch_add(1, Relaxed);
            let sessions = Instant::now().checked_sub(self.lag).map(|seen| self.session_at(seen));
            let is_shown =
                |session: &GameSession| self.is_listed && session.status() == Some(&GameSessionStatus::Activating);
            let next_token = (!self.has_end).then(|| "more".to_owned());
            Ok(GameSessionPage { sessions: sessions.into_iter().filter(is_shown).collect(), next_token })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_game_session_that_has_left_the_list_is_entered_without_a_look() {
        let gamelift = Scripted::new(3, GameSessionStatus::Active, true);
        assert!(matches!(gamelift.wait(true).await, Ok(Waited::Here(_))));
        assert!(gamelift.active_at.elapsed() <= Duration::from_secs(1), "{:?}", gamelift.active_at.elapsed());
        let [lists, looks, reservations] = gamelift.counts();
        assert!(lists >= 4);
        assert_eq!((looks, reservations), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_without_the_game_session_is_not_believed_after_a_refusal() {
        let gamelift = Scripted::new(6, GameSessionStatus::Active, false);
        assert!(matches!(gamelift.wait(true).await, Ok(Waited::Here(_))));
        let [lists, looks, reservations] = gamelift.counts();
        assert_eq!(reservations, 2, "one that is refused, and one when it is ACTIVE");
        assert!(lists <= 3 && (3..10).contains(&looks), "{lists}, {looks}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_game_session_that_has_left_the_list_because_it_failed_is_told_as_failed() {
        for has_store in [true, false] {
            let gamelift = Scripted::new(3, GameSessionStatus::Error, true);
            assert_eq!(gamelift.wait(has_store).await.unwrap_err().code(), Code::SessionFailed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_store_each_call_looks_for_itself() {
        let gamelift = Scripted::new(3, GameSessionStatus::Active, true);
        assert!(matches!(gamelift.wait(false).await, Ok(Waited::Here(_))));
        let [lists, looks, reservations] = gamelift.counts();
        assert!((4..8).contains(&looks), "{looks}");
        assert_eq!((lists, reservations), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_game_session_that_does_not_start_in_time_is_not_entered() {
        for has_store in [true, false] {
            let gamelift = Scripted::new(30, GameSessionStatus::Active, true);
            assert!(matches!(gamelift.wait(has_store).await, Ok(Waited::NotYet)));
            assert_eq!(gamelift.counts()[2], usize::from(has_store), "the last try of who has not looked for itself");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_game_session_that_has_just_become_active_is_entered_when_the_time_is_up() {
        for (lag, has_end) in [(5, true), (0, false)] {
            let lag = Duration::from_secs(lag);
            let gamelift = Scripted { lag, has_end, ..Scripted::new(19, GameSessionStatus::Active, true) };
            assert!(matches!(gamelift.wait(true).await, Ok(Waited::Here(_))), "{lag:?}");
            assert_eq!(gamelift.counts()[1..], [0, 1]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_tries_no_reservation() {
        let gamelift = Scripted::new(30, GameSessionStatus::Active, true);
        assert!(matches!(gamelift.wait_for(0, true).await, Ok(Waited::NotYet)));
        assert_eq!(gamelift.counts(), [0; 3]);
    }
}
