//! The lists of all clients, made of one search.

use std::time::Duration;

use futures_util::future::join_all;
use matchmaking::search::{Criteria, SharedSearch, Sort};
use shared::{Code, Error};
use tokio::time::advance;

use crate::search::world::{Trouble, World, criteria, ids, sessions, target};

const SECOND: Duration = Duration::from_secs(1);

fn searches(world: &World) -> usize {
    std::mem::take(&mut *world.searches.lock().unwrap()).len()
}

/// A fleet with more open game sessions than a pool holds, of which the oldest has three players and the rest one.
fn crowded() -> World {
    let mut found = sessions("fleet-0", 300);
    found.iter_mut().for_each(|session| session.players = 1);
    found[0].players = 3;
    World::new(found)
}

/// A wish that no other client has.
fn odd(number: usize) -> Criteria {
    let number_text = number.to_string();
    let sort = ["newest", "fullest", "emptiest"][number % 3];
    criteria(&match number % 4 {
        0 => vec![("name", number_text.as_str()), ("sort", sort)],
        1 => vec![("property.map", number_text.as_str()), ("sort", sort)],
        2 => vec![("location", number_text.as_str())],
        _ => vec![("min_free_slots", "2"), ("sort", sort), ("property.map", number_text.as_str())],
    })
}

#[tokio::test(start_paused = true)]
async fn a_thousand_odd_wishes_cost_one_search_a_second() {
    let (shared, world, targets) = (SharedSearch::new(), World::new(sessions("fleet-0", 30)), [target("fleet-0")]);
    for _ in 0..3 {
        for number in 0..1000 {
            let page = world.page_of(&shared, &targets, &odd(number), 1 + number % 100, None).await.unwrap();
            assert_eq!(ids(&page), [""; 0]);
        }
        assert_eq!(searches(&world), 2, "two of GameLift's pages");
        advance(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_crowded_game_odd_wishes_cost_a_bounded_number_of_searches() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    for _ in 0..3 {
        for number in 0..1000 {
            match world.page_of(&shared, &targets, &odd(number), 1 + number % 100, None).await {
                Ok(page) => assert_eq!(ids(&page), [""; 0]),
                Err(error) => {
                    assert_eq!((error.code(), error.retry_after()), (Code::RateLimited, Some(SECOND)));
                }
            }
        }
        // Five pages for all, and two searches of three pages.
        assert_eq!(searches(&world), 5 + 2 * 3);
        advance(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn odd_tokens_cost_no_more_than_odd_filters() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let mut token =
        world.page_of(&shared, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap().next_token;
    advance(SECOND).await;
    searches(&world);
    for limit in 1..100 {
        let page = world.page_of(&shared, &targets, &criteria(&[("sort", "fullest")]), limit, token.as_deref()).await;
        match page {
            Ok(page) => token = page.next_token,
            Err(error) => assert_eq!(error.code(), Code::RateLimited),
        }
    }
    assert!(searches(&world) <= 2 * 3);
}

#[tokio::test(start_paused = true)]
async fn the_stock_clients_list_is_read_as_far_as_it_needs_however_many_others_search() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let newest = criteria(&[]);
    let first = world.page_of(&shared, &targets, &newest, 50, None).await.unwrap();
    assert_eq!((ids(&first)[0], first.sessions.len(), first.left_out), ("fleet-0/299", 50, 0));
    assert_eq!(searches(&world), 3);
    for number in 0..20 {
        drop(world.page_of(&shared, &targets, &odd(number), 50, None).await);
    }
    searches(&world);
    let again = world.page_of(&shared, &targets, &newest, 50, None).await.unwrap();
    assert_eq!((ids(&again), searches(&world)), (ids(&first), 0));
    let second = world.page_of(&shared, &targets, &newest, 50, first.next_token.as_deref()).await;
    assert_eq!(ids(&second.unwrap())[..2], ["fleet-0/249", "fleet-0/248"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_among_those_read_is_searched_for_by_gamelift() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let fullest = world.page_of(&shared, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap();
    assert_eq!((ids(&fullest), fullest.left_out), (vec!["fleet-0/000"], 0), "the oldest of all");
    assert_eq!(searches(&world), 5 + 1);
    let again = world.page_of(&shared, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap();
    assert_eq!((ids(&again), searches(&world)), (ids(&fullest), 0), "the same list again");
    // The third different one.
    world.page_of(&shared, &targets, &criteria(&[("sort", "fullest")]), 2, None).await.unwrap();
    let bounded = world.page_of(&shared, &targets, &criteria(&[("sort", "emptiest")]), 30, None).await.unwrap();
    assert_eq!((bounded.sessions.len(), bounded.left_out), (30, 1), "what was read, and not all");
    advance(SECOND).await;
    let whole = world.page_of(&shared, &targets, &criteria(&[("sort", "emptiest")]), 30, None).await.unwrap();
    assert_eq!((whole.sessions.len(), whole.left_out), (30, 0));
}

#[tokio::test(start_paused = true)]
async fn a_page_beyond_those_read_goes_on_where_the_last_one_ended() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let (mut listed, mut token) = (Vec::new(), None::<String>);
    loop {
        let page = world.page_of(&shared, &targets, &criteria(&[]), 40, token.as_deref()).await.unwrap();
        listed.extend(ids(&page).into_iter().map(str::to_owned));
        token = page.next_token;
        if token.is_none() {
            break;
        }
        advance(SECOND).await;
    }
    let all: Vec<_> = (0..300).rev().map(|number| format!("fleet-0/{number:03}")).collect();
    assert_eq!(listed, all);
}

#[tokio::test(start_paused = true)]
async fn many_targets_share_the_bound() {
    let found = (0..30).flat_map(|fleet| sessions(&format!("fleet-{fleet}"), 50)).collect();
    let (shared, world) = (SharedSearch::new(), World::new(found));
    let targets: Vec<_> = (0..30).map(|fleet| target(&format!("fleet-{fleet}"))).collect();
    drop(world.page_of(&shared, &targets, &criteria(&[("name", "odd")]), 10, None).await);
    // The first page of each, and one search of its own.
    assert!(searches(&world) <= 30 + 30 * 3);
    drop(world.page_of(&shared, &targets[..8], &criteria(&[]), 1000, None).await);
    assert_eq!(searches(&world), 8 * 2 + 8 * 3, "a third page of each would be too many; then a search of its own");
}

#[tokio::test(start_paused = true)]
async fn simultaneous_calls_share_a_failure_and_a_later_one_tries_again() {
    let error = Error::new(Code::RateLimited, "Scripted.");
    let mut world = World::new(sessions("fleet-0", 3));
    world.trouble = vec![("fleet-0", Trouble::Hangs)];
    let (shared, targets, newest) = (SharedSearch::new(), [target("fleet-0")], Criteria::any(Sort::Newest));
    let calls = (0..20).map(|_| world.page_of(&shared, &targets, &newest, 10, None));
    for answered in join_all(calls).await {
        assert_eq!(answered.unwrap_err().code(), Code::UpstreamUnavailable);
    }
    assert_eq!(searches(&world), 1);
    world.trouble = vec![("fleet-0", Trouble::Fails(error))];
    assert!(world.page_of(&shared, &targets, &newest, 10, None).await.is_err());
    world.trouble.clear();
    assert_eq!(world.page_of(&shared, &targets, &newest, 10, None).await.unwrap().sessions.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_fails_is_left_out_and_read_again_a_second_later() {
    let mut world = World::new([sessions("fleet-0", 3), sessions("fleet-1", 2)].concat());
    world.trouble = vec![("fleet-1", Trouble::Fails(Error::new(Code::RateLimited, "Scripted.")))];
    let (shared, targets, newest) = (SharedSearch::new(), [target("fleet-0"), target("fleet-1")], criteria(&[]));
    let short = world.page_of(&shared, &targets, &newest, 10, None).await.unwrap();
    assert_eq!((short.sessions.len(), short.left_out), (3, 1));
    world.trouble.clear();
    advance(SECOND).await;
    let whole = world.page_of(&shared, &targets, &newest, 10, None).await.unwrap();
    assert_eq!((whole.sessions.len(), whole.left_out), (5, 0));
}
