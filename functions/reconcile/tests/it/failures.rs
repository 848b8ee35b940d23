//! A store that fails at each of its calls, and a GameLift that never answers.

use std::time::Duration;

use store::records::{news::Status, ticket::Kind};
use testing::{
    failing_table::Failure,
    flexmatch::{Outcome, unanswered},
};
use tokio::time::advance;

use crate::world::World;

/// One ticket of each kind of work.
async fn world() -> World {
    let world = World::new();
    world.searching("completed").await;
    world.gamelift.completes("completed");
    world.searching("to-stop").await;
    world.store.ask_stop("to-stop").await.unwrap();
    world.started("unsent", Kind::Match).await;
    advance(Duration::from_mins(1)).await;
    world
}

#[tokio::test(start_paused = true)]
async fn whichever_call_of_the_store_fails_the_next_run_mends_it() {
    let calls = {
        let world = world().await;
        world.table.fail(|_| None);
        world.try_to_reconcile().await.unwrap();
        world.table.calls()
    };
    for failure in [Failure::Before, Failure::After] {
        for first in 0..calls {
            let world = world().await;
            world.table.fail(move |call| (call == first).then_some(failure));
            // It fails only if it cannot tell which tickets are open.
            let _ = world.try_to_reconcile().await;
            world.table.fail(|_| None);
            world.runs().await;
            world.runs().await;
            let statuses =
                [world.status("completed").await, world.status("to-stop").await, world.status("unsent").await];
            let expected = [Status::Completed, Status::Cancelled, Status::Searching];
            assert_eq!(statuses, expected, "call {first} of {calls}, {failure:?}");
            let mut sent = world.gamelift.ids();
            sent.sort();
            assert_eq!(sent, ["completed", "to-stop", "unsent"], "call {first}, {failure:?}");
        }
    }
}

/// No later run takes up a ticket that has ended, so nobody else would tell its players.
#[tokio::test(start_paused = true)]
async fn whichever_call_of_the_store_fails_players_hear_of_the_ends_that_were_written() {
    let mut ends = 0;
    for first in 0..20 {
        let world = world().await;
        world.table.fail(move |call| (call == first).then_some(Failure::Before));
        let changed = world.try_to_reconcile().await.ok().flatten().map_or(Vec::new(), |run| run.changed);
        world.table.fail(|_| None);
        for id in ["completed", "to-stop"] {
            let status = world.status(id).await;
            let mut told = changed.iter().filter(|ticket| ticket.id == id).map(|ticket| ticket.news.status);
            assert_eq!(told.next_back().is_some_and(|told| told == status), status.is_end(), "{id}, call {first}");
            ends += usize::from(status.is_end());
        }
    }
    assert!(ends > 0, "some runs write an end");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_ends_even_if_gamelift_never_answers() {
    let world = World::new();
    world.searching("t").await;
    world.gamelift.looks(vec![Outcome::Failed(unanswered()); 100]);
    advance(Duration::from_hours(12)).await;
    world.runs().await;
    assert_eq!(world.status("t").await, Status::Searching, "a search may take 12 hours");
    advance(Duration::from_hours(1)).await;
    world.runs().await;
    assert_eq!(world.status("t").await, Status::Failed);
}
