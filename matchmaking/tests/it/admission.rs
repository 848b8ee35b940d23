//! Admission before GameLift's rates.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use matchmaking::{
    config::AdmissionConfig,
    tickets::{Entry, Gate},
};
use shared::{clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::{
        news::{News, Status, Told},
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::failing_table::{FailingTable, Failure};
use tokio::time::{Instant, advance, sleep};

const START: Duration = Duration::from_secs(1_900_000_000);

fn world() -> (Store, Gate) {
    (Store::in_memory(Clock::with_tokio(START)), Gate::of_searches(&AdmissionConfig::default()))
}

/// A newcomer with this id: the ticket, which waits in the line or is about to be sent.
async fn come(store: &Store, gate: &Gate, id: &str, players: &[String]) -> Ticket {
    let line = match gate.arrive(store).await {
        Entry::Through => None,
        Entry::Line(line) => Some(line),
    };
    let new = NewTicket { id, kind: Kind::Match, players, request: "{}", line, key: None, holder: id };
    match store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap() {
        Started::New(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

async fn newcomer(store: &Store, gate: &Gate, number: usize) -> Ticket {
    come(store, gate, &format!("t-{number:04}"), &[format!("p-{number}")]).await
}

fn waits(ticket: &Ticket) -> bool {
    ticket.news.status == Status::Waiting
}

fn ids(tickets: &[Ticket]) -> Vec<&str> {
    tickets.iter().map(|ticket| ticket.id.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_through_and_the_others_wait_in_the_order_in_which_they_came() {
    let (store, gate) = world();
    let mut waiting = Vec::new();
    for number in 0..40 {
        let ticket = newcomer(&store, &gate, number).await;
        assert_eq!(waits(&ticket), number >= 16, "{number}");
        waiting.extend(waits(&ticket).then_some(ticket.id));
        advance(Duration::from_micros(1)).await;
    }
    let mut let_in = Vec::new();
    while let_in.len() < waiting.len() {
        advance(Duration::from_millis(150)).await;
        let tickets = gate.let_in(&store).await.unwrap();
        assert!(!tickets.is_empty() && tickets.iter().all(|ticket| ticket.news.status == Status::Starting));
        let_in.extend(tickets.into_iter().map(|ticket| ticket.id));
    }
    assert_eq!(let_in, waiting);
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_past_those_who_wait() {
    let (store, gate) = world();
    for number in 0..17 {
        newcomer(&store, &gate, number).await;
    }
    advance(Duration::from_secs(10)).await;
    assert!(waits(&newcomer(&store, &gate, 17).await), "there are tokens, and somebody waits");
    assert_eq!(ids(&gate.let_in(&store).await.unwrap()), ["t-0016", "t-0017"]);
    advance(Duration::from_secs(1)).await;
    assert!(!waits(&newcomer(&store, &gate, 18).await));
}

#[tokio::test(start_paused = true)]
async fn a_party_takes_one_token_and_goes_through_whole() {
    let (store, gate) = world();
    for number in 0..16 {
        let players: Vec<_> = (0..10).map(|player| format!("p-{number}-{player}")).collect();
        assert!(!waits(&come(&store, &gate, &format!("t-{number:04}"), &players).await));
    }
    let players: Vec<_> = (0..10).map(|player| format!("p-16-{player}")).collect();
    assert!(waits(&come(&store, &gate, "t-0016", &players).await));
    advance(Duration::from_secs(1)).await;
    assert_eq!(gate.let_in(&store).await.unwrap()[0].players, players);
}

/// Those who wait let each other in, at the rate of the gate and not above that of GameLift in any second.
#[tokio::test(start_paused = true)]
async fn of_many_at_once_as_many_are_let_in_as_the_rate_allows() {
    let (store, gate) = world();
    let tickets = join_all((0..400).map(|number| newcomer(&store, &gate, number))).await;
    let begun = Instant::now();
    let waiting = tickets.iter().filter(|ticket| waits(ticket)).count();
    assert_eq!(waiting, 400 - 16);
    let callers = (0..50).map(|caller| {
        let (store, gate) = (&store, &gate);
        async move {
            let mut let_in = Vec::new();
            // Not all at the same moment.
            sleep(Duration::from_millis(caller * 7)).await;
            while begun.elapsed() < Duration::from_secs(8) {
                let tickets = gate.let_in(store).await.unwrap();
                let_in.extend(tickets.into_iter().map(|ticket| (begun.elapsed(), ticket.id)));
                sleep(Duration::from_millis(350)).await;
            }
            let_in
        }
    });
    let mut let_in: Vec<_> = join_all(callers).await.into_iter().flatten().collect();
    let_in.sort();
    assert_eq!(let_in.len(), waiting, "each once");
    let last = let_in.last().unwrap().0;
    assert!(
        (Duration::from_millis(4600)..Duration::from_millis(5200)).contains(&last),
        "{last:?} for 384 at 80 a second"
    );
    for (time, _) in &let_in {
        let second =
            let_in.iter().filter(|(other, _)| other >= time && *other - *time < Duration::from_secs(1)).count();
        assert!(second <= 96, "{second} in a second");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_stopped_in_the_line_costs_no_token_and_is_not_let_in() {
    let (store, gate) = world();
    for number in 0..20 {
        newcomer(&store, &gate, number).await;
    }
    assert!(store.withdraw("t-0017", "Stopped.").await.unwrap());
    advance(Duration::from_secs(1)).await;
    assert_eq!(ids(&gate.let_in(&store).await.unwrap()), ["t-0016", "t-0018", "t-0019"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_used_is_given_back() {
    let (store, gate) = world();
    for _ in 0..100 {
        let entry = gate.arrive(&store).await;
        assert_eq!(entry, Entry::Through);
        gate.give_back(&store, entry).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_for_a_ticket_that_has_ended_in_the_line_is_given_back() {
    let (store, gate) = world();
    for number in 0..32 {
        newcomer(&store, &gate, number).await;
    }
    let news = News { at: START, rank: 1, status: Status::Cancelled, told: Told::default() };
    store.hear("t-0020", &news).await.unwrap();
    advance(Duration::from_secs(1)).await;
    assert_eq!(gate.let_in(&store).await.unwrap().len(), 15);
    assert_eq!(gate.arrive(&store).await, Entry::Through, "the sixteenth token");
    assert!(matches!(gate.arrive(&store).await, Entry::Line(_)));
}

#[tokio::test(start_paused = true)]
async fn without_a_rate_all_go_through_and_a_line_of_before_is_let_in() {
    let (store, gate) = world();
    for number in 0..140 {
        newcomer(&store, &gate, number).await;
    }
    let off = Gate::of_searches(&AdmissionConfig::OFF);
    assert!(!waits(&newcomer(&store, &off, 140).await));
    assert_eq!(off.let_in(&store).await.unwrap().len(), 100);
    assert!(off.let_in(&store).await.unwrap().is_empty(), "one lets in at a time");
    advance(Duration::from_millis(125)).await;
    assert_eq!(off.let_in(&store).await.unwrap().len(), 24);
}

#[tokio::test(start_paused = true)]
async fn a_store_without_an_answer_opens_the_gate() {
    let clock = Clock::with_tokio(START);
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    let (store, gate) = (Store::new(table.clone(), clock), Gate::of_searches(&AdmissionConfig::default()));
    for number in 0..20 {
        newcomer(&store, &gate, number).await;
    }
    table.fail(|_| Some(Failure::Before));
    assert_eq!(gate.arrive(&store).await, Entry::Through);
    gate.give_back(&store, Entry::Through).await;
}

/// Of a ticket that is let in when a call of the store fails, nobody knows; it is in the line or STARTING, so somebody
/// finds it. All others are let in.
#[tokio::test(start_paused = true)]
async fn whatever_call_of_the_store_fails_nobody_is_lost() {
    for failure in [Failure::Before, Failure::After] {
        for failing in 0..40 {
            let clock = Clock::with_tokio(START);
            let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
            let (store, gate) = (Store::new(table.clone(), clock), Gate::of_searches(&AdmissionConfig::default()));
            for number in 0..20 {
                newcomer(&store, &gate, number).await;
            }
            table.fail(move |call| (call == failing).then_some(failure));
            let mut let_in = Vec::new();
            for _ in 0..4 {
                advance(Duration::from_secs(1)).await;
                let tickets = gate.let_in(&store).await.unwrap_or_default();
                let_in.extend(tickets.into_iter().map(|ticket| ticket.id));
            }
            table.fail(|_| None);
            for id in ["t-0016", "t-0017", "t-0018", "t-0019"] {
                let status = store.ticket(id).await.unwrap().unwrap().news.status;
                assert_eq!(status, Status::Starting, "{id} {failure:?} {failing}");
                assert!(let_in.iter().filter(|known| *known == id).count() <= 1);
            }
            assert!(let_in.len() >= 3, "{failure:?} {failing}");
        }
    }
}
