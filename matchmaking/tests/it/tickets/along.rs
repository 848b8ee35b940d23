//! Looks of waiting calls that take other searches along.

use std::{collections::BTreeMap, future::pending, sync::Mutex, time::Duration};

use aws::gamelift::DescribeMatchmaking;
use aws_sdk_gamelift::types::{MatchmakingConfigurationStatus as InGameLift, MatchmakingTicket};
use futures_util::future::join_all;
use matchmaking::{
    config::LookConfig,
    tickets::{Look, Tries, send, wait},
};
use rstest::rstest;
use shared::{Error, hash::hex_sha256};
use store::records::{news::Status, ticket::Ticket};
use testing::{
    failing_table::Failure,
    flexmatch::{FlexMatch, Outcome, throttled},
    log::{Log, deaf},
};
use tokio::{
    join,
    time::{Instant, sleep, sleep_until},
};
use tracing::instrument::WithSubscriber as _;

use crate::tickets::support::{World, request, seconds};

const SECOND: Duration = Duration::from_secs(1);

/// A FlexMatch that notes when it is asked about which tickets.
struct Asked {
    flexmatch: FlexMatch,
    looks: Mutex<Vec<(Instant, Vec<String>)>>,
}

impl DescribeMatchmaking for Asked {
    async fn describe_matchmaking(&self, ticket_ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        self.looks.lock().unwrap().push((Instant::now(), ticket_ids.to_vec()));
        self.flexmatch.describe_matchmaking(ticket_ids).await
    }
}

impl Asked {
    fn new(world: &World) -> Self {
        Self { flexmatch: world.flexmatch.clone(), looks: Mutex::default() }
    }

    fn looks(&self) -> Vec<(Instant, Vec<String>)> {
        self.looks.lock().unwrap().clone()
    }

    /// How often it was asked before this time.
    fn count_before(&self, end: Instant) -> usize {
        self.looks().iter().filter(|(at, _)| *at < end).count()
    }

    /// Checks that no ticket was asked about twice within ten seconds, and by no call more than GameLift takes.
    fn check(&self) {
        let mut last = BTreeMap::<String, Instant>::new();
        for (at, ids) in self.looks() {
            assert!(ids.len() <= 10, "{ids:?}");
            for id in ids {
                if let Some(before) = last.insert(id.clone(), at) {
                    assert!(at - before >= 10 * SECOND, "{id} after {:?}", at - before);
                }
            }
        }
    }

    /// The most looks within a second.
    fn most(&self) -> usize {
        let looks = self.looks();
        let within = |from: Instant| looks.iter().filter(|(at, _)| (from..from + SECOND).contains(at)).count();
        looks.iter().map(|(at, _)| within(*at)).max().unwrap_or_default()
    }
}

/// A search that GameLift knows.
async fn searching(world: &World, id: &str) -> Ticket {
    let ticket = world.started(id, &request(&[&format!("p-{id}")])).await;
    send(&world.flexmatch, &world.store, &ticket, Tries::First, seconds(5)).await.unwrap();
    world.ticket(id).await
}

/// Waits by one call after the other until the search has ended. Returns when.
async fn until_end(world: &World, asked: &Asked, looks: LookConfig, mut ticket: Ticket) -> Instant {
    while !ticket.news.status.is_end() {
        ticket = wait(&world.store, ticket, &Look(asked, looks), seconds(25), |_| false).await;
    }
    Instant::now()
}

/// What came of so many searches that begin within ten seconds, and are all over after a minute, of which no event tells.
struct Crowd {
    asked: Asked,
    /// When they were over.
    over: Instant,
    /// How long after that the last player knew.
    last: Duration,
}

#[expect(clippy::print_stdout, reason = "a failed test shows its figures")]
async fn crowd(count: u32, looks: LookConfig) -> Crowd {
    fastrand::seed(1);
    let world = World::new();
    let (asked, over) = (Asked::new(&world), Instant::now() + 60 * SECOND);
    let players = (0..count).map(|number| {
        let (world, asked) = (&world, &asked);
        Box::pin(async move {
            sleep(10 * SECOND * number / count).await;
            let ticket = searching(world, &format!("t-{number:05}")).await;
            until_end(world, asked, looks, ticket).await
        })
    });
    let end = async {
        sleep_until(over).await;
        for number in 0..count {
            world.flexmatch.completes(&format!("t-{number:05}"));
        }
    };
    let (known, ()) = join!(join_all(players), end);
    asked.check();
    let last = known.into_iter().max().unwrap() - over;
    println!(
        "{count}: {} looks in the minute, {} in all, {} within a second, the last after {last:?}",
        asked.count_before(over),
        asked.looks().len(),
        asked.most()
    );
    Crowd { asked, over, last }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_searches_without_events_share_their_looks_and_all_end() {
    let Crowd { asked, over, last } = crowd(1000, LookConfig::default()).await;
    // By looks of their own, these would be nearly five for each.
    let looks = asked.count_before(over);
    assert!(looks <= 600, "{looks}");
    assert!(asked.most() <= 120, "{}", asked.most());
    assert!(last <= 36 * SECOND, "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn more_searches_than_the_rate_has_looks_for_wait_longer_and_all_end() {
    // Two looks a second, at ten searches each: fewer than they would take.
    let Crowd { asked, last, .. } = crowd(400, LookConfig { per_second: 2 }).await;
    assert!(asked.most() <= 6, "{}", asked.most());
    assert!(last <= 70 * SECOND, "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn the_longer_a_search_waits_the_seldomer_it_is_looked_at() {
    let world = World::new();
    let (asked, begun) = (Asked::new(&world), Instant::now());
    let mut ticket = searching(&world, "waits").await;
    while begun.elapsed() < 300 * SECOND {
        ticket = wait(&world.store, ticket, &Look(&asked, LookConfig::default()), seconds(25), |_| false).await;
    }
    let looks: Vec<_> = asked.looks().iter().map(|(at, _)| (*at - begun).as_secs()).collect();
    let expected = [10..=11, 20..=23, 40..=47, 80..=95, 160..=191];
    assert_eq!(looks.len(), expected.len(), "{looks:?}");
    assert!(looks.iter().zip(&expected).all(|(at, range)| range.contains(at)), "{looks:?}");
}

/// Searches whose players do not wait, one in each partition of the index. So one look takes four along.
async fn others(world: &World) -> Vec<String> {
    let id_in = |partition: char| {
        let mut ids = (0..).map(|number| format!("other-{number}"));
        ids.find(|id| hex_sha256(&[id.as_bytes()]).starts_with(partition)).unwrap()
    };
    let ids: Vec<_> = "0123456789abcdef".chars().map(id_in).collect();
    for id in &ids {
        searching(world, id).await;
    }
    ids
}

/// Waits for a search that goes on until there was one look. Returns which other ones it has taken along.
async fn taken_along(world: &World, asked: &Asked) -> Vec<String> {
    let waits = searching(world, "waits").await;
    wait(&world.store, waits, &Look(asked, LookConfig::default()), seconds(14), |_| false).await;
    let looks = asked.looks();
    let [(_, ids)] = looks.as_slice() else { panic!("{looks:?}") };
    assert_eq!((ids.len(), ids[0].as_str()), (5, "waits"), "{ids:?}");
    ids[1..].to_vec()
}

#[tokio::test(start_paused = true)]
async fn a_player_who_polls_is_told_by_a_look_at_another_search() {
    let world = World::new();
    let (asked, others) = (Asked::new(&world), others(&world).await);
    others.iter().for_each(|id| world.flexmatch.completes(id));
    let taken = taken_along(&world, &asked).await;
    for id in others {
        let expected = if taken.contains(&id) { Status::Completed } else { Status::Searching };
        assert_eq!(world.status(&id).await, expected, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_player_with_a_socket_is_left_to_whoever_can_tell() {
    let world = World::new();
    let (asked, others) = (Asked::new(&world), others(&world).await);
    for id in &others {
        world.store.connect(&format!("p-{id}"), &format!("socket of {id}"), 5).await.unwrap();
        world.flexmatch.completes(id);
    }
    let left = taken_along(&world, &asked).await;
    for id in &left {
        assert_eq!(world.status(id).await, Status::Searching);
        assert!(world.store.may_take_up(id, 13 * SECOND).await.unwrap(), "the reconciler finds it as quiet as before");
    }
    wait(&world.store, world.ticket("waits").await, &Look(&asked, LookConfig::default()), seconds(25), |_| false).await;
    let again = asked.looks()[1..].iter().filter(|(_, ids)| ids.iter().any(|id| left.contains(id))).count();
    assert_eq!(again, 0, "{left:?}: {:?}", asked.looks());
}

#[tokio::test(start_paused = true)]
async fn a_search_that_has_not_changed_has_been_looked_at_whoever_hears_of_it() {
    let world = World::new();
    let (asked, others) = (Asked::new(&world), others(&world).await);
    for id in &others {
        world.store.connect(&format!("p-{id}"), &format!("socket of {id}"), 5).await.unwrap();
    }
    for id in taken_along(&world, &asked).await {
        assert!(!world.store.may_take_up(&id, 5 * SECOND).await.unwrap(), "it was looked at");
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_a_look_at_another_one_does_not_find_is_left_as_it_is() {
    let world = World::new();
    let (asked, others) = (Asked::new(&world), others(&world).await);
    others.iter().for_each(|id| world.flexmatch.hide(id));
    for id in taken_along(&world, &asked).await {
        let other = world.ticket(&id).await;
        assert_eq!((other.news.status, other.missed), (Status::Searching, None));
        assert!(world.store.may_take_up(&id, 13 * SECOND).await.unwrap(), "the reconciler finds it as quiet as before");
    }
}

/// A FlexMatch that gives no answer.
struct Silent;

impl DescribeMatchmaking for Silent {
    async fn describe_matchmaking(&self, _: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        pending().await
    }
}

#[rstest]
#[case::throttled(false)]
#[case::without_an_answer(true)]
#[tokio::test(start_paused = true)]
async fn a_look_that_fails_leaves_the_others_as_quiet_as_they_were_and_is_logged(#[case] is_silent: bool) {
    let world = World::new();
    let (asked, others) = (Asked::new(&world), others(&world).await);
    world.flexmatch.looks([Outcome::Failed(throttled())]);
    let waits = searching(&world, "waits").await;
    let looks = LookConfig::default();
    let waiting = async {
        if is_silent {
            wait(&world.store, waits, &Look(&Silent, looks), seconds(14), |_| false).await;
        } else {
            wait(&world.store, waits, &Look(&asked, looks), seconds(14), |_| false).await;
            assert_eq!(asked.looks().iter().map(|(_, ids)| ids.len()).collect::<Vec<_>>(), [5]);
        }
    };
    let (log, _second) = (Log::default(), deaf());
    let lines = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    waiting.with_subscriber(lines).await;
    let log = log.text();
    assert!(log.contains("a look at searches has failed") && !log.contains("other-"), "{log}");
    for id in others {
        assert!(world.store.may_take_up(&id, 13 * SECOND).await.unwrap(), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_at_any_call_keeps_no_search_from_its_end() {
    for failure in [Failure::Before, Failure::After] {
        for fails_at in 20..70 {
            let world = World::new();
            let asked = Asked::new(&world);
            let tickets = [searching(&world, "t-1").await, searching(&world, "t-2").await];
            world.flexmatch.moves("t-1", InGameLift::Cancelled);
            world.flexmatch.completes("t-2");
            world.table.fail(move |call| (call == fails_at).then_some(failure));
            let all = tickets.map(|ticket| until_end(&world, &asked, LookConfig::default(), ticket));
            let begun = Instant::now();
            join_all(all).await;
            assert!(begun.elapsed() <= 35 * SECOND, "{failure:?} {fails_at}: {:?}", begun.elapsed());
        }
    }
}
