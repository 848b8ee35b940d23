//! Pages fit together.

use std::{collections::BTreeSet, time::Duration};

use aws::gamelift::Target;
use matchmaking::search::{Criteria, Page, SharedSearch};
use proptest::{
    prelude::*,
    sample::{Index, subsequence},
};
use shared::Error;
use tokio::{
    runtime::{Builder, Runtime},
    time::advance,
};

use crate::search::world::{SLOTS, Session, World, criteria, ids, sessions, target};

const TARGETS: [&str; 7] = [
    "fleet-0",
    "fleet-0@custom-a",
    "arn:aws:gamelift:us-west-2:111122223333:fleet/fleet-0@custom-a",
    "fleet-0@custom-b",
    "fleet-1@custom-b",
    "fleet-1",
    "fleet-1@custom-a",
];

fn world() -> impl Strategy<Value = World> {
    let session = ("fleet-[01]", "custom-[ab]", 0..4_i64, 0..=SLOTS);
    (proptest::collection::vec(session, 0..40), 1..6_usize, any::<bool>()).prop_map(
        |(drawn, page_size, ids_in_order)| {
            let session = |(number, (fleet, location, created, players))| Session {
                id: format!("{number:03}"),
                fleet,
                location,
                created,
                players,
            };
            let sessions = drawn.into_iter().enumerate().map(session).collect();
            World { page_size, ids_in_order, ..World::new(sessions) }
        },
    )
}

/// The number by which `sort` orders game sessions.
fn order(sort: &str, session: &Session) -> i64 {
    match sort {
        "newest" => -session.created,
        "fullest" => -i64::from(session.players),
        _ => i64::from(session.players),
    }
}

/// Lists, each page of which is a search of its own, or which share one search.
struct Lists(Option<SharedSearch>);

impl Lists {
    fn new(are_shared: bool) -> Self {
        Self(are_shared.then(SharedSearch::new))
    }

    async fn page(
        &self,
        world: &World,
        targets: &[Target],
        criteria: &Criteria,
        limit: usize,
        next_token: Option<&str>,
    ) -> Result<Page, Error> {
        match &self.0 {
            Some(shared) => world.page_of(shared, targets, criteria, limit, next_token).await,
            None => world.page(targets, criteria, limit, next_token).await,
        }
    }

    /// The ids of the whole list, page by page, a second apart; `None` if no target is at the location.
    async fn all(&self, world: &World, targets: &[Target], criteria: &Criteria, limit: usize) -> Option<Vec<String>> {
        let (mut listed, mut next_token) = (Vec::new(), None);
        for _ in 0..400 {
            let page = match self.page(world, targets, criteria, limit, next_token.as_deref()).await {
                Err(error) if error.fields().iter().any(|bad| bad.field() == "location") => return None,
                page => page.unwrap(),
            };
            assert!(page.sessions.len() <= limit && page.left_out == 0);
            listed.extend(ids(&page).into_iter().map(str::to_owned));
            next_token = page.next_token;
            if next_token.is_none() {
                return Some(listed);
            }
            advance(Duration::from_secs(1)).await;
        }
        panic!("the pages do not end");
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn all_pages_together_are_the_whole_list(
        are_shared in any::<bool>(),
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
        let listed = runtime().block_on(Lists::new(are_shared).all(&world, &targets, &criteria, limit));

        let may_be_at = |target: &Target, location: &str| target.location.as_deref().is_none_or(|own| own == location);
        let is_anywhere = at.is_none_or(|at| targets.iter().any(|target| may_be_at(target, at)));
        prop_assert_eq!(listed.is_some(), is_anywhere);
        let listed = listed.unwrap_or_default();
        let is_listed = |session: &&Session| {
            let is_there = |target: &Target| target.fleet == session.fleet && may_be_at(target, &session.location);
            at.is_none_or(|at| at == session.location) && SLOTS - session.players >= slots && targets.iter().any(is_there)
        };
        let mut expected: Vec<_> = world.sessions.iter().filter(is_listed).collect();
        expected.sort_by_key(|session| (order(&sort, session), session.id.clone()));
        let expected: Vec<_> = expected.into_iter().map(|session| session.id.clone()).collect();
        if world.ids_in_order {
            prop_assert_eq!(listed, expected);
        } else {
            let key = |id: &String| order(&sort, world.sessions.iter().find(|session| session.id == *id).unwrap());
            prop_assert!(listed.is_sorted_by_key(key), "{:?}", listed);
            prop_assert_eq!(listed.len(), expected.len(), "each once: {:?}", listed);
            prop_assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn no_token_breaks_anything(are_shared in any::<bool>(), token in prop_oneof!["[A-Za-z0-9_-]{0,60}", ".{0,30}"]) {
        let (lists, world, targets) = (Lists::new(are_shared), World::new(sessions("fleet-0", 3)), [target("fleet-0")]);
        let error = runtime().block_on(lists.page(&world, &targets, &criteria(&[]), 2, Some(&token))).unwrap_err();
        prop_assert_eq!(error.fields()[0].field(), "next_token");
    }

    #[test]
    fn no_change_of_a_token_breaks_anything(
        are_shared in any::<bool>(),
        place in any::<Index>(),
        change in "[A-Za-z0-9_-]{1,4}",
    ) {
        let (lists, world, targets) = (Lists::new(are_shared), World::new(sessions("fleet-0", 3)), [target("fleet-0")]);
        let (runtime, criteria) = (runtime(), criteria(&[]));
        let page = |token: Option<&str>| runtime.block_on(lists.page(&world, &targets, &criteria, 2, token));
        let mut token = page(None).unwrap().next_token.unwrap();
        let place = place.index(token.len() - change.len());
        token.replace_range(place..place + change.len(), &change);
        match page(Some(&token)) {
            Ok(page) => prop_assert!(page.sessions.len() <= 2),
            Err(error) => prop_assert_eq!(error.fields()[0].field(), "next_token"),
        }
    }
}

#[tokio::test]
async fn a_page_costs_no_more_searches_than_it_needs() {
    let world = World::new([sessions("fleet-0", 60), sessions("fleet-1", 1)].concat());
    let targets = [target("fleet-0"), target("fleet-1")];
    let first = world.page(&targets, &criteria(&[]), 20, None).await.unwrap();
    assert_eq!(world.searches.lock().unwrap().len(), 2);
    let second = world.page(&targets, &criteria(&[]), 20, first.next_token.as_deref()).await.unwrap();
    assert_eq!(ids(&second)[0], "fleet-0/039");
    let searches = &world.searches.lock().unwrap()[2..];
    assert_eq!(searches.len(), 2);
    assert!(searches.contains(&("fleet-0".to_owned(), None, Some("20".to_owned()))), "{searches:?}");
}

#[tokio::test]
async fn a_search_that_finds_little_stops_and_goes_on_with_the_next_call() {
    let mut found = sessions("fleet-0", 300);
    for session in &mut found[1..] {
        session.players = SLOTS - 1;
    }
    let world = World::new(found);
    let (targets, criteria) = ([target("fleet-0")], criteria(&[("min_free_slots", "2")]));
    let mut next_token = None;
    for _ in 0..2 {
        let page = world.page(&targets, &criteria, 50, next_token.as_deref()).await.unwrap();
        assert_eq!(ids(&page), [""; 0]);
        next_token = page.next_token;
    }
    assert_eq!(world.searches.lock().unwrap().len(), 10, "five a call");
    let last = world.page(&targets, &criteria, 50, next_token.as_deref()).await.unwrap();
    assert_eq!((ids(&last), last.next_token.as_deref()), (vec!["fleet-0/000"], None));
}

#[tokio::test]
async fn only_the_location_asked_for_is_searched() {
    let world = World::new(Vec::new());
    let targets = [target("fleet-0@custom-a"), target("fleet-0@custom-b"), target("fleet-1")];
    let asked = criteria(&[("location", "custom-b")]);
    world.page(&targets, &asked, 50, None).await.unwrap();
    let searches: Vec<_> =
        world.searches.lock().unwrap().drain(..).map(|(fleet, location, _)| (fleet, location)).collect();
    let at_b = |fleet: &str| (fleet.to_owned(), Some("custom-b".to_owned()));
    assert_eq!(searches, [at_b("fleet-0"), at_b("fleet-1")]);
    let error = world.page(&targets[..1], &asked, 50, None).await.unwrap_err();
    assert_eq!(error.fields()[0].message(), "location is no location of the game; leave it out for all of them.");
}
