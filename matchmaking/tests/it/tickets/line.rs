//! The line before `StartMatchmaking`.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws::gamelift::{DescribeMatchmaking, NewMatchmaking, StartMatchmaking, StopMatchmaking};
use aws_sdk_gamelift::types::MatchmakingTicket;
use futures_util::future::join_all;
use matchmaking::{
    config::{AdmissionConfig, LookConfig},
    tickets::{
        Entry, Gate, LookOrSend, Searches, Tries, Viewer, answer, let_all_in, send, stop, wait, wait_in_line,
        withdraw_left,
    },
};
use shared::{
    Code, Error,
    deadline::Deadline,
    rate::{Rate, TokenBuckets},
};
use store::records::{
    news::Status,
    starts::{NewTicket, Started},
    ticket::{Kind, Ticket},
};
use testing::{
    failing_table::Failure,
    flexmatch::{FlexMatch, throttled},
};
use tokio::time::{Instant, sleep};

use crate::tickets::support::{World, request, seconds, turns};

/// What AWS documents: 100 calls a second.
const OF_AWS: Rate = Rate::per_second(100, 100);

/// A FlexMatch that throttles as AWS documents it.
struct Limited {
    flexmatch: FlexMatch,
    buckets: TokenBuckets<()>,
    begun: Instant,
    throttled: AtomicUsize,
    /// How long a start takes longer than others do.
    delay: Duration,
}

impl Limited {
    fn new(flexmatch: FlexMatch) -> Self {
        Self::slow(flexmatch, Duration::ZERO)
    }

    fn slow(flexmatch: FlexMatch, delay: Duration) -> Self {
        let (buckets, begun) = (TokenBuckets::new(1), Instant::now());
        Self { flexmatch, buckets, begun, throttled: AtomicUsize::new(0), delay }
    }

    /// What others of the account take.
    fn take(&self, calls: usize) {
        for _ in 0..calls {
            self.buckets.take((), OF_AWS, self.begun.elapsed());
        }
    }

    fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }
}

impl StartMatchmaking for Limited {
    async fn start_matchmaking(&self, new: &NewMatchmaking<'_>) -> Result<MatchmakingTicket, Error> {
        if self.buckets.take((), OF_AWS, self.begun.elapsed()) {
            sleep(self.delay).await;
            return self.flexmatch.start_matchmaking(new).await;
        }
        self.throttled.fetch_add(1, Ordering::Relaxed);
        Err(throttled())
    }
}

impl DescribeMatchmaking for Limited {
    async fn describe_matchmaking(&self, ticket_ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        self.flexmatch.describe_matchmaking(ticket_ids).await
    }
}

impl StopMatchmaking for Limited {
    async fn stop_matchmaking(&self, ticket_id: &str) -> Result<(), Error> {
        self.flexmatch.stop_matchmaking(ticket_id).await
    }
}

fn gate() -> Gate {
    Gate::of_searches(&AdmissionConfig::default())
}

fn id(number: usize) -> String {
    format!("t-{number:05}")
}

/// The ticket of a party of one to five that comes now.
async fn comes(world: &World, gate: &Gate, number: usize) -> Ticket {
    let players: Vec<_> = (0..=number % 5).map(|player| format!("p-{number}-{player}")).collect();
    let request = request(&players.iter().map(String::as_str).collect::<Vec<_>>()).text();
    let line = gate.arrive(&world.store).await.line();
    let id = id(number);
    let new =
        NewTicket { id: &id, kind: Kind::Match, players: &players, request: &request, line, key: None, holder: "" };
    match world.store.start(&new, seconds(5)).await.unwrap() {
        Started::New(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

/// Waits as a call of the ticket's players does, until the search has begun.
async fn waits<G>(world: &World, gamelift: &G, gate: &Gate, ticket: Ticket, until: Deadline) -> Ticket
where
    G: StartMatchmaking + DescribeMatchmaking + StopMatchmaking,
{
    let ticket = Box::pin(wait_in_line(gamelift, &world.store, gate, ticket, until, seconds(25))).await;
    let has_begun = |ticket: &Ticket| ticket.news.status == Status::Searching;
    wait(&world.store, ticket, &LookOrSend(gamelift, LookConfig::default()), until, has_begun).await
}

/// A client that waits 25 s, and comes back as often as need be until its search has begun.
async fn client(world: &World, limited: &Limited, gate: &Gate, number: usize, comes_after: Duration) {
    sleep(comes_after).await;
    let mut ticket = comes(world, gate, number).await;
    let _ = Box::pin(send(limited, &world.store, &ticket, Tries::First, seconds(25))).await;
    while ticket.news.status != Status::Searching {
        let until = seconds(25);
        ticket = waits(world, limited, gate, ticket, until).await;
    }
}

/// So many parties come, a hundred a second, and GameLift takes a hundred calls a second.
async fn crowd(count: usize) {
    let world = World::new();
    let (gate, limited) = (gate(), Limited::new(world.flexmatch.clone()));
    let comes_after = |number: usize| Duration::from_millis(10) * u32::try_from(number).unwrap();
    let clients = (0..count).map(|number| Box::pin(client(&world, &limited, &gate, number, comes_after(number))));
    let begun = Instant::now();
    join_all(clients).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(limited.throttled(), 0, "no call is throttled");
    assert_eq!(world.flexmatch.count("DescribeMatchmaking"), 0);
    let calls = world.flexmatch.calls();
    let sent: Vec<usize> = calls.iter().map(|call| call.rsplit_once('-').unwrap().1.parse().unwrap()).collect();
    assert_eq!(sent.len(), count, "each once, a party whole");
    let mut latest = 0;
    for number in sent {
        latest = latest.max(number);
        assert!(latest - number <= 100, "{number} came a second before {latest}, which was sent earlier");
    }
    let at_rate = count as f64 / 80.0;
    assert!((at_rate - 0.5..at_rate + 2.5).contains(&seconds), "{seconds} s for {count} at 80 a second");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_parties_in_ten_seconds_begin_in_their_order_and_none_is_throttled() {
    crowd(1000).await;
}

#[tokio::test(start_paused = true)]
#[ignore = "takes a minute"]
async fn ten_thousand_parties_in_a_hundred_seconds_begin_in_their_order_and_none_is_throttled() {
    crowd(10_000).await;
}

/// Others use the account too: what they leave is used, and nobody hears of it.
#[tokio::test(start_paused = true)]
async fn searches_that_gamelift_throttles_nevertheless_begin_all_the_same() {
    let world = World::new();
    let (gate, limited) = (gate(), Limited::new(world.flexmatch.clone()));
    let others = async {
        for _ in 0..40 {
            limited.take(60);
            sleep(Duration::from_millis(500)).await;
        }
    };
    let clients = (0..200).map(|number| Box::pin(client(&world, &limited, &gate, number, Duration::ZERO)));
    tokio::join!(join_all(clients), others);
    assert!(limited.throttled() > 0, "the test is about that");
    assert_eq!(world.flexmatch.ids().len(), 200);
}

/// So many wait in the line, after a burst of sixteen that nobody has sent.
async fn waiting(world: &World, gate: &Gate, count: usize) -> Vec<Ticket> {
    for number in 0..16 {
        let burst = comes(world, gate, number).await;
        world.store.withdraw(&burst.id, "Stopped.").await.unwrap();
    }
    let mut waiting = Vec::new();
    for number in 16..16 + count {
        let ticket = comes(world, gate, number).await;
        assert_eq!(ticket.news.status, Status::Waiting);
        waiting.push(ticket);
    }
    waiting
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_let_in_by_somebody_who_dies_is_sent_by_its_own_call() {
    let (world, gate) = (World::new(), gate());
    let ticket = waiting(&world, &gate, 1).await.remove(0);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(gate.let_in(&world.store).await.unwrap().len(), 1);
    let ticket = waits(&world, &world.flexmatch, &gate, ticket, seconds(25)).await;
    assert_eq!((ticket.news.status, world.flexmatch.ids().len()), (Status::Searching, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_time_moves_the_line_on() {
    let (world, gate) = (World::new(), gate());
    let mut tickets = waiting(&world, &gate, 2).await;
    sleep(Duration::from_secs(1)).await;
    waits(&world, &world.flexmatch, &gate, tickets.remove(1), seconds(0)).await;
    assert_eq!(world.flexmatch.ids(), [id(16), id(17)]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_without_a_rate_lets_all_through_and_asks_no_table() {
    let world = World::new();
    for gate in [Gate::of_searches(&AdmissionConfig::OFF), Gate::of_placements(&AdmissionConfig::OFF)] {
        for _ in 0..100 {
            assert_eq!(gate.arrive(&world.store).await, Entry::Through);
        }
    }
    assert_eq!(world.table.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_reconciler_lets_all_in_at_the_rate_of_the_gate_if_nobody_waits_for_an_answer() {
    let (world, gate) = (World::new(), gate());
    waiting(&world, &gate, 200).await;
    let limited = Limited::new(world.flexmatch.clone());
    let begun = Instant::now();
    assert_eq!(let_all_in(&Searches(&limited), &world.store, &gate, seconds(50)).await, 200);
    let time = begun.elapsed();
    assert!((Duration::from_millis(2200)..Duration::from_millis(3500)).contains(&time), "{time:?}");
    assert_eq!((world.flexmatch.ids().len(), limited.throttled()), (200, 0));
    assert_eq!(let_all_in(&Searches(&limited), &world.store, &gate, seconds(50)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn who_has_gone_is_taken_out_of_the_line_and_who_asks_or_listens_is_not() {
    let (world, gate) = (World::new(), gate());
    let tickets = waiting(&world, &gate, 3).await;
    world.store.connect(&tickets[1].players[0], "socket", 5).await.unwrap();
    for _ in 0..10 {
        sleep(Duration::from_secs(10)).await;
        world.store.may_look(&tickets[0].id, Duration::from_secs(10)).await.unwrap();
        withdraw_left(&world.store, seconds(5)).await;
    }
    assert_eq!(world.status(&tickets[0].id).await, Status::Waiting, "it asks");
    assert_eq!(world.status(&tickets[1].id).await, Status::Waiting, "it listens");
    assert_eq!(world.status(&tickets[2].id).await, Status::Cancelled, "it has gone");
    assert_eq!(gate.arrive(&world.store).await, Entry::Line("searches"));
}

/// A call that is cut off says less than one that ends, and leaves whom it has let in to others for ten seconds.
#[tokio::test(start_paused = true)]
async fn a_call_lets_nobody_in_whom_it_could_not_send() {
    for patience in [0, 3, 25] {
        let (world, gate) = (World::new(), gate());
        let ticket = waiting(&world, &gate, 400).await.pop().unwrap();
        sleep(Duration::from_secs(1)).await;
        let slow = Limited::slow(world.flexmatch.clone(), Duration::from_millis(900));
        let (begun, deadline) = (Instant::now(), seconds(25));
        let until = deadline.or_before(Some(seconds(patience)));
        let ticket = wait_in_line(&slow, &world.store, &gate, ticket, until, deadline).await;
        let time = begun.elapsed();
        assert_eq!(ticket.news.status, Status::Waiting);
        assert!(time <= Duration::from_millis(1000 * patience.max(2) + 5), "{time:?} for {patience} s");
        let open = world.store.open_tickets(Duration::ZERO, 1000).await.unwrap();
        assert!(open.len() >= 16 + 16, "it has moved the line on");
        let unsent = open.iter().filter(|ticket| ticket.status == Status::Starting).count();
        assert_eq!(unsent, 16, "the burst, which nobody sends, for {patience} s");
    }
    let (world, gate) = (World::new(), gate());
    let ticket = waiting(&world, &gate, 1).await.pop().unwrap();
    let deadline = Deadline::after(Duration::from_millis(1900));
    let ticket = wait_in_line(&world.flexmatch, &world.store, &gate, ticket, deadline, deadline).await;
    assert_eq!(ticket.news.status, Status::Waiting, "there is no time to send it");
}

/// Sending takes time in which the next ones can be let in.
#[tokio::test(start_paused = true)]
async fn the_reconciler_keeps_the_rate_though_gamelift_takes_its_time() {
    let (world, gate) = (World::new(), gate());
    waiting(&world, &gate, 400).await;
    let slow = Limited::slow(world.flexmatch.clone(), Duration::from_millis(160));
    let begun = Instant::now();
    assert_eq!(let_all_in(&Searches(&slow), &world.store, &gate, seconds(50)).await, 400);
    let time = begun.elapsed();
    assert!(
        (Duration::from_millis(4700)..Duration::from_millis(5800)).contains(&time),
        "{time:?} for 400 at 80 a second"
    );
}

#[tokio::test(start_paused = true)]
async fn all_who_have_gone_are_taken_out_however_long_the_line_is() {
    let (world, gate) = (World::new(), gate());
    let tickets = waiting(&world, &gate, 400).await;
    for (number, ticket) in tickets.iter().enumerate().filter(|(number, _)| *number < 120 || number % 4 == 0) {
        world.store.connect(&ticket.players[0], &format!("socket-{number}"), 5).await.unwrap();
    }
    sleep(Duration::from_secs(61)).await;
    assert_eq!(withdraw_left(&world.store, seconds(20)).await, 210);
    assert_eq!(world.status(&tickets[399].id).await, Status::Cancelled);
    assert_eq!(world.status(&tickets[396].id).await, Status::Waiting);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_at_the_last_moment_stays_in_the_line() {
    let (world, gate) = (World::new(), gate());
    let ticket = waiting(&world, &gate, 1).await.remove(0);
    sleep(Duration::from_secs(61)).await;
    // The index shows what was; the answer is on its way when the player asks.
    world.table.fail(|call| (call < 16).then_some(Failure::Slow(Duration::from_secs(1))));
    let comes_back = async {
        sleep(Duration::from_millis(500)).await;
        world.store.may_look(&ticket.id, Duration::from_secs(10)).await.unwrap()
    };
    let (gone, is_noted) = tokio::join!(withdraw_left(&world.store, seconds(20)), comes_back);
    assert_eq!((gone, is_noted, world.status(&ticket.id).await), (0, true, Status::Waiting));
}

#[tokio::test(start_paused = true)]
async fn a_search_that_ends_in_the_line_says_why() {
    let (world, gate) = (World::new(), gate());
    let tickets = waiting(&world, &gate, 2).await;
    stop(&world.flexmatch, (&world.store, turns()), tickets[0].clone(), seconds(5)).await.unwrap();
    sleep(Duration::from_secs(61)).await;
    withdraw_left(&world.store, seconds(5)).await;
    for (ticket, reason) in tickets.iter().zip(["STOPPED", "ABANDONED"]) {
        let viewer = Viewer { player: &ticket.players[0], shows_all: false };
        let error = answer(&world.ticket(&ticket.id).await, viewer).unwrap_err();
        assert_eq!((error.code(), &error.members()["Reason"]), (Code::MatchmakingCancelled, &reason.into()));
    }
}

/// Whichever call of the store fails: each ticket begins once.
#[tokio::test(start_paused = true)]
async fn a_failing_store_loses_nobody_who_waits() {
    for failure in [Failure::Before, Failure::After] {
        for failing in 0..60 {
            let (world, gate) = (World::new(), gate());
            let tickets = waiting(&world, &gate, 3).await;
            world.table.fail(move |call| (call == failing).then_some(failure));
            let all = tickets.into_iter().map(|ticket| waits(&world, &world.flexmatch, &gate, ticket, seconds(25)));
            for ticket in join_all(all.map(Box::pin)).await {
                assert_eq!(ticket.news.status, Status::Searching, "{failure:?} {failing}");
            }
            assert_eq!(world.flexmatch.ids().len(), 3);
        }
    }
}
