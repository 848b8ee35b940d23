//! News of tickets, in whatever order they come.

use std::{collections::BTreeMap, time::Duration};

use store::records::{
    news::{News, Placed, Status, Told},
    starts::Started,
    tickets::Heard,
};

use crate::{
    tickets::support::{DAY, news, plain, players, started, status},
    world::{World, begin, together},
};

pub(crate) async fn news_in_any_order_come_to_the_same(world: &World) {
    let told = |match_id: &str| Told { match_id: Some(match_id.to_owned()), ..Told::default() };
    let placed = Placed {
        game_session_id: "arn:gs".to_owned(),
        port: Some(7777),
        player_sessions: BTreeMap::from([("ana".to_owned(), "psess-1".to_owned())]),
        ..Placed::default()
    };
    let events = [
        news(1, 0, Status::Searching),
        News { told: told("m-1"), ..news(2, 1, Status::RequiresAcceptance) },
        News { told: Told { reason: Some("rejected".to_owned()), ..Told::default() }, ..news(3, 0, Status::Searching) },
        News { told: Told { placed: Some(placed), ..told("m-2") }, ..news(5, 3, Status::Completed) },
    ];
    for (number, order) in orders(events.len()).into_iter().enumerate() {
        let (id, player) = (format!("t-{number}"), format!("p-{number}"));
        let mut version = started(world, &id, &[&player]).await.version;
        for (step, &event) in order.iter().enumerate() {
            let heard = world.store.hear(&id, &events[event]).await.unwrap();
            let newest = order[..step].iter().all(|&before| before < event);
            let told = match heard {
                Heard::New(ticket) if newest => {
                    assert_eq!(ticket.news, events[event]);
                    assert!(ticket.version > version, "{order:?}: news have a larger version than what was before");
                    ticket
                }
                Heard::Old(ticket) if !newest => {
                    assert!(ticket.news.at > events[event].at);
                    assert_eq!(ticket.version, version, "{order:?}: nothing has changed");
                    ticket
                }
                heard => panic!("{order:?}: {heard:?} at step {step}"),
            };
            version = told.version;
            assert_eq!(world.store.ticket(&id).await.unwrap(), Some(told), "{order:?}");
        }
        let ticket = world.store.ticket(&id).await.unwrap().unwrap();
        assert_eq!(ticket.news, events[3], "{order:?}");
    }
}

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let with_last = |order: Vec<usize>| {
        (0..=order.len()).map(move |place| [&order[..place], &[last], &order[place..]].concat()).collect::<Vec<_>>()
    };
    orders(last).into_iter().flat_map(with_last).collect()
}

pub(crate) async fn two_news_of_one_moment_go_by_their_rank(world: &World) {
    started(world, "t-1", &["ana"]).await;
    assert!(matches!(world.store.hear("t-1", &news(1, 2, Status::Placing)).await.unwrap(), Heard::New(_)));
    assert!(matches!(world.store.hear("t-1", &news(1, 1, Status::Searching)).await.unwrap(), Heard::Old(_)));
    assert_eq!(status(world, "t-1").await, Status::Placing);
    assert!(matches!(world.store.hear("t-1", &news(1, 3, Status::Completed)).await.unwrap(), Heard::New(_)));
}

pub(crate) async fn a_match_after_another_in_one_moment_counts_in_any_order(world: &World) {
    let of = |match_id: &str, rank, status| {
        let told = Told { match_id: Some(match_id.to_owned()), ..Told::default() };
        News { told, ..news(1, rank, status) }
    };
    let left = Told { left_match: Some("m-1".to_owned()), ..Told::default() };
    // An answer that rejects the first match, its end, the search that follows, and the match that follows that. The
    // second match's id is before the first one's in the alphabet, and after it.
    for second in ["m-0", "m-2"] {
        let events = [
            of("m-1", 5, Status::RequiresAcceptance),
            News { told: left.clone(), ..news(1, 1000, Status::Searching) },
            news(1, 1, Status::Searching),
            of(second, 2, Status::RequiresAcceptance),
        ];
        for (number, order) in orders(events.len()).into_iter().enumerate() {
            let (id, player) = (format!("t-{second}-{number}"), format!("p-{second}-{number}"));
            started(world, &id, &[&player]).await;
            for &event in &order {
                world.store.hear(&id, &events[event]).await.unwrap();
            }
            assert_eq!(world.store.ticket(&id).await.unwrap().unwrap().news, events[3], "{order:?}");
            for event in &events {
                assert!(!matches!(world.store.hear(&id, event).await.unwrap(), Heard::New(_)), "{order:?}");
            }
        }
    }
}

pub(crate) async fn of_two_ends_of_one_moment_the_same_counts_in_any_order(world: &World) {
    let ends = [news(1, 9002, Status::Cancelled), news(1, 9003, Status::Completed), news(2, 9000, Status::Failed)];
    for (number, order) in [[0, 1], [1, 0], [1, 2], [2, 0]].into_iter().enumerate() {
        let (id, player) = (format!("t-{number}"), format!("p-{number}"));
        started(world, &id, &[&player]).await;
        for end in order {
            world.store.hear(&id, &ends[end]).await.unwrap();
        }
        let counts = if order == [2, 0] { Status::Failed } else { Status::Completed };
        assert_eq!(status(world, &id).await, counts, "{order:?}");
        assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
    }
}

pub(crate) async fn nothing_comes_after_an_end(world: &World) {
    for (number, end) in
        [Status::Completed, Status::Failed, Status::Cancelled, Status::TimedOut].into_iter().enumerate()
    {
        let (id, player) = (format!("t-{number}"), format!("p-{number}"));
        started(world, &id, &[&player]).await;
        world.store.hear(&id, &news(1, 0, end)).await.unwrap();
        for later in [Status::Searching, Status::Completed, Status::Cancelled] {
            assert!(matches!(world.store.hear(&id, &news(9, 9, later)).await.unwrap(), Heard::Old(_)));
        }
        assert_eq!(status(world, &id).await, end);
    }
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
}

pub(crate) async fn an_end_counts_whatever_its_time(world: &World) {
    started(world, "t-1", &["ana"]).await;
    world.store.hear("t-1", &news(2, 1, Status::Placing)).await.unwrap();
    let end = news(1, 0, Status::Completed);
    assert!(matches!(world.store.hear("t-1", &end).await.unwrap(), Heard::New(ticket) if ticket.news == end));
    assert!(matches!(world.store.hear("t-1", &end).await.unwrap(), Heard::Same(_)));
    assert!(matches!(world.store.hear("t-1", &news(3, 0, Status::Failed)).await.unwrap(), Heard::Old(_)));
    assert_eq!(status(world, "t-1").await, Status::Completed, "the first end counts");
    started(world, "t-2", &["ana"]).await;
}

pub(crate) async fn news_that_are_known_are_told_again(world: &World) {
    started(world, "t-1", &["ana"]).await;
    for status in [Status::Searching, Status::Completed] {
        let told = news(status as u64, 1, status);
        let Heard::New(first) = world.store.hear("t-1", &told).await.unwrap() else { panic!("these are new") };
        assert_eq!(world.store.hear("t-1", &told).await.unwrap(), Heard::Same(first));
    }
    let heard = together(10, |_| {
        let store = world.store.clone();
        async move { store.hear("t-1", &news(2, 0, Status::Searching)).await.unwrap() }
    });
    assert!(heard.await.iter().all(|heard| matches!(heard, Heard::Old(_))));
}

pub(crate) async fn nobody_hears_news_of_no_ticket(world: &World) {
    for id in ["t-1", "", &"x".repeat(3000)] {
        assert_eq!(world.store.hear(id, &news(1, 0, Status::Completed)).await.unwrap(), Heard::Unknown);
        assert_eq!(world.store.ticket(id).await.unwrap(), None, "nothing was made");
    }
}

pub(crate) async fn a_match_leads_to_its_tickets(world: &World) {
    for id in ["t-1", "t-2", "t-3"] {
        let before = started(world, id, &[id]).await;
        let told = Told { match_id: Some(if id == "t-3" { "n" } else { "m" }.to_owned()), ..Told::default() };
        let found = News { told: told.clone(), ..news(1, 2, Status::Placing) };
        assert!(matches!(world.store.hear(id, &found).await.unwrap(), Heard::New(_)));
        assert!(matches!(world.store.hear(id, &found).await.unwrap(), Heard::Same(_)));
        assert!(matches!(world.store.saw(&before, Status::Placing, told).await.unwrap(), Heard::Old(_)));
    }
    assert_eq!(world.store.tickets_of("m").await.unwrap(), ["t-1", "t-2"]);
    assert_eq!(world.store.tickets_of("n").await.unwrap(), ["t-3"]);
    assert!(world.store.tickets_of("o").await.unwrap().is_empty());
    world.step(DAY);
    assert!(world.store.tickets_of("m").await.unwrap().is_empty());
}

pub(crate) async fn a_wish_to_stop_stays_until_the_end(world: &World) {
    assert!(!started(world, "t-1", &["ana"]).await.is_to_stop);
    let asked = world.store.ask_stop("t-1").await.unwrap().unwrap();
    assert_eq!((asked.is_to_stop, asked.news.status), (true, Status::Starting));
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(asked));
    let ana = players(&["ana"]);
    let again = begin(&world.store, &plain("t-2", &ana)).await.unwrap();
    assert!(matches!(again, Started::Searching { .. }), "it has not ended yet");
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    assert!(world.store.ticket("t-1").await.unwrap().unwrap().is_to_stop);
    assert!(world.store.ask_stop("t-1").await.unwrap().is_some(), "twice is once");
    assert!(!world.store.ticket("t-1").await.unwrap().unwrap().is_given_up);
    let asked = world.store.ticket("t-1").await.unwrap();
    assert_eq!(world.store.give_up("t-1").await.unwrap(), asked, "the player has stopped it");
    assert_eq!(world.store.ticket("t-1").await.unwrap(), asked);
    world.store.hear("t-1", &news(2, 0, Status::Cancelled)).await.unwrap();
    for id in ["t-1", "t-3", "", &"x".repeat(3000)] {
        assert_eq!(world.store.ask_stop(id).await.unwrap(), None);
        assert_eq!(world.store.give_up(id).await.unwrap(), None);
        assert_eq!(world.store.ticket(id).await.unwrap().is_some(), id == "t-1", "nothing was made");
    }
    started(world, "t-4", &["bob"]).await;
    for _ in 0..2 {
        let given_up = world.store.give_up("t-4").await.unwrap().unwrap();
        assert!(given_up.is_to_stop && given_up.is_given_up, "nobody waits for it any more");
        assert_eq!(world.store.ticket("t-4").await.unwrap(), Some(given_up));
    }
}
