//! The lists of all clients, made of one search.

use std::{collections::BTreeSet, time::Duration};

use aws::gamelift::Target;
use futures_util::future::join_all;
use matchmaking::search::{Asked, Criteria, Page, SharedSearch, Sort};
use proptest::{prelude::*, sample::subsequence};
use shared::{Code, Error, deadline::Deadline};
use tokio::{runtime::Builder, time::advance};

use crate::search::{
    pages::{TARGETS, order, world},
    world::{SLOTS, Trouble, World, criteria, ids, sessions, target},
};

const SECOND: Duration = Duration::from_secs(1);

/// A page, within 12 s.
async fn list(
    shared: &SharedSearch,
    world: &World,
    targets: &[Target],
    criteria: &Criteria,
    limit: usize,
    next_token: Option<&str>,
) -> Result<Page, Error> {
    let asked = Asked { criteria, limit, next_token };
    shared.page(world, targets, asked, Duration::from_secs(25), Deadline::after(Duration::from_secs(12))).await
}

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

proptest! {
    #[test]
    fn all_pages_together_are_the_whole_list(
        world in world(),
        names in subsequence(TARGETS.to_vec(), 1..=TARGETS.len()).prop_shuffle(),
        limit in 1..9_usize,
        sort in prop_oneof!["newest", "fullest", "emptiest"],
        slots in 1..=SLOTS,
        at in prop_oneof![3 => Just(None), 1 => Just(Some("custom-a"))],
    ) {
        let targets: Vec<_> = names.iter().map(|name| target(name)).collect();
        let slots_text = slots.to_string();
        let mut wishes = vec![("sort", sort.as_str()), ("min_free_slots", &slots_text)];
        wishes.extend(at.map(|at| ("location", at)));
        let criteria = criteria(&wishes);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let listed = runtime.block_on(async {
            let (shared, mut listed, mut next_token) = (SharedSearch::new(), Vec::new(), None);
            for _ in 0..400 {
                let page = match list(&shared, &world, &targets, &criteria, limit, next_token.as_deref()).await {
                    Err(error) if error.fields().iter().any(|bad| bad.field() == "location") => return None,
                    page => page.unwrap(),
                };
                assert!(page.sessions.len() <= limit && page.left_out == 0);
                listed.extend(ids(&page).into_iter().map(str::to_owned));
                next_token = page.next_token;
                if next_token.is_none() {
                    return Some(listed);
                }
                advance(SECOND).await;
            }
            panic!("the pages do not end");
        });
        let is_at = |location: &str, own: Option<&str>| {
            own.is_none_or(|own| own == location) && at.is_none_or(|at| at == location)
        };
        let is_anywhere = targets.iter().any(|target| at.is_none() || target.location.is_none() || target.location.as_deref() == at);
        prop_assert_eq!(listed.is_some(), is_anywhere);
        let covered = |session: &&crate::search::world::Session| targets.iter().any(|target| {
            target.fleet == session.fleet && is_at(&session.location, target.location.as_deref())
        });
        let expected: BTreeSet<_> = world.sessions.iter().filter(covered).filter(|session| SLOTS - session.players >= slots).map(|session| session.id.clone()).collect();
        let listed = listed.unwrap_or_default();
        let key = |id: &String| order(&sort, world.sessions.iter().find(|session| session.id == *id).unwrap());
        prop_assert!(listed.is_sorted_by_key(key), "{:?}", listed);
        prop_assert_eq!(listed.len(), expected.len(), "each once: {:?}", listed);
        prop_assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn no_change_of_a_token_breaks_anything(place in any::<prop::sample::Index>(), change in "[A-Za-z0-9_-]{1,4}") {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (shared, world, targets) = (SharedSearch::new(), World::new(sessions("fleet-0", 3)), [target("fleet-0")]);
        let criteria = criteria(&[]);
        let page = |token: Option<String>| {
            runtime.block_on(list(&shared, &world, &targets, &criteria, 2, token.as_deref()))
        };
        let mut token = page(None).unwrap().next_token.unwrap();
        let place = place.index(token.len() - change.len());
        token.replace_range(place..place + change.len(), &change);
        match page(Some(token)) {
            Ok(page) => prop_assert!(page.sessions.len() <= 2),
            Err(error) => prop_assert_eq!(error.fields()[0].field(), "next_token"),
        }
    }
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
            let page = list(&shared, &world, &targets, &odd(number), 1 + number % 100, None).await.unwrap();
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
            match list(&shared, &world, &targets, &odd(number), 1 + number % 100, None).await {
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
        list(&shared, &world, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap().next_token;
    advance(SECOND).await;
    searches(&world);
    for limit in 1..100 {
        let page = list(&shared, &world, &targets, &criteria(&[("sort", "fullest")]), limit, token.as_deref()).await;
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
    let first = list(&shared, &world, &targets, &newest, 50, None).await.unwrap();
    assert_eq!((ids(&first)[0], first.sessions.len(), first.left_out), ("fleet-0/299", 50, 0));
    assert_eq!(searches(&world), 3);
    for number in 0..20 {
        drop(list(&shared, &world, &targets, &odd(number), 50, None).await);
    }
    searches(&world);
    let again = list(&shared, &world, &targets, &newest, 50, None).await.unwrap();
    assert_eq!((ids(&again), searches(&world)), (ids(&first), 0));
    let second = list(&shared, &world, &targets, &newest, 50, first.next_token.as_deref()).await;
    assert_eq!(ids(&second.unwrap())[..2], ["fleet-0/249", "fleet-0/248"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_among_those_read_is_searched_for_by_gamelift() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let fullest = list(&shared, &world, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap();
    assert_eq!((ids(&fullest), fullest.left_out), (vec!["fleet-0/000"], 0), "the oldest of all");
    assert_eq!(searches(&world), 5 + 1);
    let again = list(&shared, &world, &targets, &criteria(&[("sort", "fullest")]), 1, None).await.unwrap();
    assert_eq!((ids(&again), searches(&world)), (ids(&fullest), 0), "the same list again");
    // The third different one.
    list(&shared, &world, &targets, &criteria(&[("sort", "fullest")]), 2, None).await.unwrap();
    let bounded = list(&shared, &world, &targets, &criteria(&[("sort", "emptiest")]), 30, None).await.unwrap();
    assert_eq!((bounded.sessions.len(), bounded.left_out), (30, 1), "what was read, and not all");
    advance(SECOND).await;
    let whole = list(&shared, &world, &targets, &criteria(&[("sort", "emptiest")]), 30, None).await.unwrap();
    assert_eq!((whole.sessions.len(), whole.left_out), (30, 0));
}

#[tokio::test(start_paused = true)]
async fn a_page_beyond_those_read_goes_on_where_the_last_one_ended() {
    let (shared, world, targets) = (SharedSearch::new(), crowded(), [target("fleet-0")]);
    let (mut listed, mut token) = (Vec::new(), None::<String>);
    loop {
        let page = list(&shared, &world, &targets, &criteria(&[]), 40, token.as_deref()).await.unwrap();
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
    drop(list(&shared, &world, &targets, &criteria(&[("name", "odd")]), 10, None).await);
    // The first page of each, and one search of its own.
    assert!(searches(&world) <= 30 + 30 * 3);
    drop(list(&shared, &world, &targets[..8], &criteria(&[]), 1000, None).await);
    assert_eq!(searches(&world), 8 * 2 + 8 * 3, "a third page of each would be too many; then a search of its own");
}

#[tokio::test(start_paused = true)]
async fn simultaneous_calls_share_a_failure_and_a_later_one_tries_again() {
    let error = Error::new(Code::RateLimited, "Scripted.");
    let mut world = World::new(sessions("fleet-0", 3));
    world.trouble = vec![("fleet-0", Trouble::Hangs)];
    let (shared, targets, newest) = (SharedSearch::new(), [target("fleet-0")], Criteria::any(Sort::Newest));
    let calls = (0..20).map(|_| list(&shared, &world, &targets, &newest, 10, None));
    for answered in join_all(calls).await {
        assert_eq!(answered.unwrap_err().code(), Code::UpstreamUnavailable);
    }
    assert_eq!(searches(&world), 1);
    world.trouble = vec![("fleet-0", Trouble::Fails(error))];
    assert!(list(&shared, &world, &targets, &newest, 10, None).await.is_err());
    world.trouble.clear();
    assert_eq!(list(&shared, &world, &targets, &newest, 10, None).await.unwrap().sessions.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_fails_is_left_out_and_read_again_a_second_later() {
    let mut world = World::new([sessions("fleet-0", 3), sessions("fleet-1", 2)].concat());
    world.trouble = vec![("fleet-1", Trouble::Fails(Error::new(Code::RateLimited, "Scripted.")))];
    let (shared, targets, newest) = (SharedSearch::new(), [target("fleet-0"), target("fleet-1")], criteria(&[]));
    let short = list(&shared, &world, &targets, &newest, 10, None).await.unwrap();
    assert_eq!((short.sessions.len(), short.left_out), (3, 1));
    world.trouble.clear();
    advance(SECOND).await;
    let whole = list(&shared, &world, &targets, &newest, 10, None).await.unwrap();
    assert_eq!((whole.sessions.len(), whole.left_out), (5, 0));
}
