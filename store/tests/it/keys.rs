//! Idempotency keys without a ticket.

use std::time::Duration;

use store::records::{
    keys::{Claim, IdempotencyKey},
    starts::{NewTicket, Started},
    ticket::Kind,
};

use crate::world::{World, begin, together};

const KEY: IdempotencyKey<'static> = IdempotencyKey { player: "ana", key: "k", request: "hash" };
const WORK: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn claim(world: &World, holder: &str) -> Claim {
    world.store.claim_key(&KEY, holder, WORK).await.unwrap()
}

/// How many of 50 calls at once are to work.
async fn workers(world: &World) -> usize {
    let claims = together(50, |number| {
        let store = world.store.clone();
        async move { store.claim_key(&KEY, &format!("c-{number}"), WORK).await.unwrap() }
    });
    let claims = claims.await;
    let running = Claim::Running(world.now() + WORK);
    assert!(claims.iter().all(|claim| *claim == Claim::Mine || *claim == running), "{claims:?}");
    claims.into_iter().filter(|claim| *claim == Claim::Mine).count()
}

pub(crate) async fn of_many_calls_one_works_and_all_have_its_answer(world: &World) {
    assert_eq!(workers(world).await, 1);
    assert_eq!(world.store.answer_key(&KEY, "the answer", DAY).await.unwrap(), "the answer");
    let claims = together(50, |number| {
        let store = world.store.clone();
        async move { store.claim_key(&KEY, &format!("c-{number}"), WORK).await.unwrap() }
    });
    assert!(claims.await.into_iter().all(|claim| claim == Claim::Answered("the answer".to_owned())));
    world.step(WORK);
    assert_eq!(claim(world, "late").await, Claim::Answered("the answer".to_owned()));
}

pub(crate) async fn a_dead_call_is_replaced_by_one(world: &World) {
    assert_eq!(claim(world, "first").await, Claim::Mine);
    let until = world.now() + WORK;
    assert_eq!(claim(world, "first").await, Claim::Mine, "a repeated write is no other call");
    world.step(WORK - Duration::from_millis(1));
    assert_eq!(claim(world, "second").await, Claim::Running(until));
    world.step(Duration::from_millis(1));
    assert_eq!(workers(world).await, 1);
}

pub(crate) async fn a_released_key_is_free_at_once(world: &World) {
    assert_eq!(claim(world, "first").await, Claim::Mine);
    world.store.release_key(&KEY, "second").await.unwrap();
    assert!(matches!(claim(world, "second").await, Claim::Running(_)), "it is not the second's to release");
    world.store.release_key(&KEY, "first").await.unwrap();
    assert_eq!(claim(world, "second").await, Claim::Mine);
    world.store.answer_key(&KEY, "done", DAY).await.unwrap();
    world.store.release_key(&KEY, "second").await.unwrap();
    assert_eq!(claim(world, "third").await, Claim::Answered("done".to_owned()), "an answer stays");
    world.store.release_key(&IdempotencyKey { key: "unused", ..KEY }, "first").await.unwrap();
}

pub(crate) async fn the_first_answer_counts(world: &World) {
    claim(world, "first").await;
    world.step(WORK);
    claim(world, "second").await;
    let answers = together(10, |number| {
        let store = world.store.clone();
        async move { store.answer_key(&KEY, &format!("answer {number}"), DAY).await.unwrap() }
    });
    let answers = answers.await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(claim(world, "third").await, Claim::Answered(answers[0].clone()));
    let other = IdempotencyKey { key: "gone", ..KEY };
    assert_eq!(world.store.answer_key(&other, "own", DAY).await.unwrap(), "own", "of a key that is not there any more");
    assert_eq!(world.store.claim_key(&other, "first", WORK).await.unwrap(), Claim::Mine);
}

pub(crate) async fn a_key_is_of_one_player_and_one_request(world: &World) {
    let claim = |player, key, request| {
        let key = IdempotencyKey { player, key, request };
        async move { world.store.claim_key(&key, &format!("{player} {request}"), WORK).await.unwrap() }
    };
    assert_eq!(claim("ana", "bc", "one").await, Claim::Mine);
    assert_eq!(claim("anab", "c", "one").await, Claim::Mine, "the boundary between player and key counts");
    assert_eq!(claim("ana#", "bc", "one").await, Claim::Mine);
    assert_eq!(claim("ana", "bc", "another").await, Claim::Reused);
    world.step(WORK);
    assert_eq!(claim("ana", "bc", "another").await, Claim::Reused, "also when the first has died");
    let another = IdempotencyKey { player: "ana", key: "bc", request: "another" };
    assert_eq!(world.store.answer_key(&another, "own", DAY).await.unwrap(), "own");
    assert_eq!(claim("ana", "bc", "one").await, Claim::Mine, "the other request's answer is not its");
    let long = "ß".repeat(5000);
    assert_eq!(claim(&long, &long, "one").await, Claim::Mine);
}

pub(crate) async fn an_answer_is_forgotten_after_a_day(world: &World) {
    claim(world, "first").await;
    world.store.answer_key(&KEY, "done", DAY).await.unwrap();
    world.step(DAY);
    let other = IdempotencyKey { request: "another", ..KEY };
    assert_eq!(world.store.claim_key(&other, "second", WORK).await.unwrap(), Claim::Mine);
    assert_eq!(world.store.answer_key(&other, "new", DAY).await.unwrap(), "new");
}

pub(crate) async fn an_answer_is_good_for_its_time(world: &World) {
    assert_eq!(world.store.peek_key(&KEY).await.unwrap(), None);
    claim(world, "first").await;
    assert_eq!(world.store.peek_key(&KEY).await.unwrap(), Some(Claim::Running(world.now() + WORK)));
    let good_for = Duration::from_secs(2);
    world.store.answer_key(&KEY, "one", good_for).await.unwrap();
    assert_eq!(world.store.peek_key(&KEY).await.unwrap(), Some(Claim::Answered("one".to_owned())));
    world.step(good_for - Duration::from_millis(1));
    assert_eq!(claim(world, "second").await, Claim::Answered("one".to_owned()));
    world.step(Duration::from_millis(1));
    assert_eq!(world.store.peek_key(&KEY).await.unwrap(), Some(Claim::Running(world.now())));
    let other = IdempotencyKey { request: "another", ..KEY };
    assert_eq!(world.store.peek_key(&other).await.unwrap(), Some(Claim::Reused), "the request is remembered");
    assert_eq!(workers(world).await, 1, "the claim of the first, which has given its answer, counts no longer");
    assert_eq!(world.store.answer_key(&KEY, "two", good_for).await.unwrap(), "two");
    assert_eq!(claim(world, "third").await, Claim::Answered("two".to_owned()));
}

/// Starts a ticket with the key.
async fn start(world: &World, id: &str, holder: &str) -> Started {
    let players = vec!["ana".to_owned()];
    let new =
        NewTicket { id, kind: Kind::Placement, players: &players, request: "{}", line: None, key: Some(KEY), holder };
    begin(&world.store, &new).await.unwrap()
}

pub(crate) async fn a_claimed_key_starts_the_ticket_of_its_holder(world: &World) {
    assert_eq!(claim(world, "first").await, Claim::Mine);
    assert_eq!(start(world, "t-2", "second").await, Started::Running(world.now() + WORK));
    assert!(matches!(start(world, "t-1", "first").await, Started::New(_)));
    for holder in ["first", "second"] {
        assert_eq!(claim(world, holder).await, Claim::Ticket("t-1".to_owned()));
        assert_eq!(start(world, "t-2", holder).await, Started::Repeated("t-1".to_owned()));
        world.store.release_key(&KEY, holder).await.unwrap();
    }
    world.step(WORK);
    assert_eq!(claim(world, "third").await, Claim::Ticket("t-1".to_owned()), "a started ticket is not started again");
    assert_eq!(world.store.answer_key(&KEY, "the answer", DAY).await.unwrap(), "the answer");
    assert_eq!(claim(world, "third").await, Claim::Answered("the answer".to_owned()));
}

pub(crate) async fn the_key_of_a_dead_call_starts_a_ticket(world: &World) {
    assert_eq!(claim(world, "first").await, Claim::Mine);
    world.step(WORK);
    assert!(matches!(start(world, "t-2", "second").await, Started::New(_)));
    assert_eq!(start(world, "t-1", "first").await, Started::Repeated("t-2".to_owned()), "it was late");
}

pub(crate) async fn an_answered_key_starts_nothing(world: &World) {
    assert_eq!(claim(world, "first").await, Claim::Mine);
    world.store.answer_key(&KEY, "the answer", DAY).await.unwrap();
    for holder in ["first", "second"] {
        assert_eq!(start(world, "t-1", holder).await, Started::Answered("the answer".to_owned()));
    }
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
}
