//! Simultaneous calls of one player, and lost answers, on a fake GameLift with latency.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws::gamelift::{CreatePlayerSessions, DescribePlayerSessions, PlayerSessions};
use aws_sdk_gamelift::{
    primitives::DateTime,
    types::{PlayerSession, PlayerSessionStatus},
};
use futures_util::future::{join, join_all};
use shared::{Code, Error, deadline::Deadline, terms::Hold};
use tokio::time::{Instant, sleep};

use crate::{
    party::Party,
    sessions::reserve::{Reuse, may_be_reserved, reserve},
};

const SESSION: &str = "arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-a/gsess-1";

/// The latency of a call to AWS in milliseconds, half of it each way.
const LATENCY: std::ops::RangeInclusive<u64> = 10..=100;

/// A GameLift with one game session.
#[derive(Clone)]
struct Fake {
    slots: usize,
    started: Instant,
    reserved: Arc<Mutex<Vec<PlayerSession>>>,
    /// Failures of the next reservations, and whether the slots are reserved all the same.
    lost: Arc<Mutex<VecDeque<bool>>>,
    /// How many looks fail, once something is reserved.
    blind: Arc<Mutex<usize>>,
}

impl Fake {
    fn new(slots: usize) -> Self {
        let (reserved, lost, blind) = Default::default();
        Self { slots, started: Instant::now(), reserved, lost, blind }
    }

    fn reserved(&self) -> usize {
        self.reserved.lock().unwrap().len()
    }
}

/// Sleeps for one way of a call.
async fn half_way() {
    sleep(Duration::from_micros(500 * fastrand::u64(LATENCY))).await;
}

fn cut() -> Error {
    Error::new(Code::UpstreamUnavailable, "Cut.")
}

impl CreatePlayerSessions for Fake {
    async fn create_player_sessions(&self, id: &str, players: &[String], _: &str) -> Result<Vec<PlayerSession>, Error> {
        half_way().await;
        let lost = self.lost.lock().unwrap().pop_front();
        let mut made = Vec::new();
        {
            let mut reserved = self.reserved.lock().unwrap();
            if reserved.len() + players.len() > self.slots {
                return Err(Error::new(Code::SessionFull, "Full."));
            }
            for player in players.iter().filter(|_| lost != Some(false)) {
                let session = PlayerSession::builder()
                    .player_session_id(format!("psess-{}", reserved.len()))
                    .player_id(player)
                    .game_session_id(id)
                    .status(PlayerSessionStatus::Reserved)
                    .creation_time(DateTime::from_millis(self.started.elapsed().as_millis().try_into().unwrap()))
                    .ip_address("203.0.113.9")
                    .port(7777)
                    .build();
                reserved.push(session.clone());
                made.push(session);
            }
        }
        half_way().await;
        if lost.is_some() { Err(cut()) } else { Ok(made) }
    }
}

impl DescribePlayerSessions for Fake {
    async fn player_sessions_in(&self, _: &str, status: Option<PlayerSessionStatus>) -> Result<PlayerSessions, Error> {
        half_way().await;
        let mut sessions = self.reserved.lock().unwrap().clone();
        sessions.retain(|session| session.status() == status.as_ref());
        half_way().await;
        let mut blind = self.blind.lock().unwrap();
        if *blind > 0 && self.reserved() > 0 {
            *blind -= 1;
            return Err(cut());
        }
        Ok(PlayerSessions { sessions, is_complete: true })
    }

    async fn player_sessions_of(&self, _: &str) -> Result<PlayerSessions, Error> {
        unreachable!("nobody rejoins here")
    }
}

async fn reserve_in(gamelift: &Fake, reuse: Reuse, is_keyed: bool) -> Result<Vec<PlayerSession>, Error> {
    let deadline = Deadline::after(Duration::from_secs(20));
    reserve(gamelift, SESSION, &Party::of_ids(&["player-1"]), reuse, || is_keyed, deadline).await
}

/// How many slots so many simultaneous calls reserve, on average over `SEEDS` runs. All calls have to return the same
/// one.
fn slots_of(calls: usize, reuse: Reuse, is_keyed: bool) -> f64 {
    const SEEDS: u64 = 300;
    let run = |seed: u64| {
        fastrand::seed(seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let gamelift = Fake::new(200);
            let answers = join_all((0..calls).map(|_| reserve_in(&gamelift, reuse, is_keyed))).await;
            let ids = answers.into_iter().map(|answer| answer.unwrap()[0].player_session_id.clone().unwrap());
            assert_eq!(ids.collect::<BTreeSet<_>>(), BTreeSet::from(["psess-0".to_owned()]), "seed {seed}");
            gamelift.reserved()
        })
    };
    (0..SEEDS).map(run).sum::<usize>() as f64 / SEEDS as f64
}

/// docs/placing.md has these numbers.
#[test]
fn calls_with_one_key_at_the_same_time_give_one_player_session_and_rarely_reserve_two() {
    for reuse in [Reuse::Live, Reuse::Reserved] {
        for (calls, most) in [(1, 1.0), (2, 1.2), (6, 1.4), (20, 1.7)] {
            let slots = slots_of(calls, reuse, true);
            assert!(slots <= most, "{calls} calls reserve {slots:.2} slots");
        }
    }
}

/// docs/placing.md has these numbers.
#[test]
fn calls_without_a_key_at_the_same_time_give_one_player_session() {
    for (calls, most) in [(1, 1.0), (2, 2.0), (20, 16.0), (100, 60.0)] {
        let slots = slots_of(calls, Reuse::Reserved, false);
        assert!(slots <= most, "{calls} calls reserve {slots:.2} slots");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_finds_its_slot_without_waiting() {
    let gamelift = Fake::new(4);
    let first = reserve_in(&gamelift, Reuse::Live, true).await.unwrap();
    let started = Instant::now();
    assert_eq!(reserve_in(&gamelift, Reuse::Live, true).await.unwrap(), first);
    assert!(started.elapsed() <= Duration::from_millis(100), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_reserved_without_an_answer_is_looked_for_as_long_as_it_takes() {
    for reuse in [Reuse::Nothing, Reuse::Reserved, Reuse::Live] {
        let gamelift = Fake::new(4);
        gamelift.lost.lock().unwrap().push_back(true);
        *gamelift.blind.lock().unwrap() = 6;
        let seats = reserve_in(&gamelift, reuse, false).await.unwrap();
        assert_eq!((seats[0].player_session_id(), gamelift.reserved()), (Some("psess-0"), 1), "{reuse:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_unclear_is_told() {
    let gamelift = Fake::new(4);
    gamelift.lost.lock().unwrap().extend([false; 100]);
    let unclear = reserve_in(&gamelift, Reuse::Reserved, true).await.unwrap_err();
    assert_eq!((unclear.code(), may_be_reserved(&unclear)), (Code::UpstreamUnavailable, Some(SESSION)));
    let full = reserve_in(&Fake::new(0), Reuse::Reserved, true).await.unwrap_err();
    assert_eq!((full.code(), may_be_reserved(&full)), (Code::SessionFull, None));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_claim_runs_out_while_it_looks_gives_the_next_one_the_lead() {
    fastrand::seed(1);
    let gamelift = Fake::new(4);
    let hold = Hold::new(true, Duration::from_millis(5));
    let may_have_twin = || !hold.is_valid();
    assert!(!may_have_twin());
    let (party, deadline) = (Party::of_ids(&["player-1"]), Deadline::after(Duration::from_secs(20)));
    let late = reserve(&gamelift, SESSION, &party, Reuse::Live, may_have_twin, deadline);
    let next = async {
        sleep(Duration::from_millis(120)).await;
        gamelift.create_player_sessions(SESSION, &["player-1".to_owned()], "player-1").await
    };
    let (late, next) = join(late, next).await;
    assert_eq!(late.unwrap(), next.unwrap());
    assert_eq!(gamelift.reserved(), 1);
}
