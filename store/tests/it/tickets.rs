//! Tickets: starts, news and looks.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use shared::{Code, deadline::Deadline, hash::hex_sha256};
use store::records::{
    keys::IdempotencyKey,
    news::{News, Placed, Status, Told},
    starts::{NewTicket, Started},
    ticket::{Kind, Ticket},
    tickets::Heard,
};

use crate::world::{World, begin, together};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn players(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A ticket without key and line.
fn plain<'a>(id: &'a str, players: &'a [String]) -> NewTicket<'a> {
    NewTicket { id, kind: Kind::Match, players, request: "{}", line: None, key: None, holder: "" }
}

/// Starts a ticket that nothing is in the way of.
async fn started(world: &World, id: &str, names: &[&str]) -> Ticket {
    let players = players(names);
    match begin(&world.store, &plain(id, &players)).await.unwrap() {
        Started::New(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

/// News of the second `at`.
fn news(at: u64, rank: u64, status: Status) -> News {
    News { at: Duration::from_millis(1_772_359_200_000) + Duration::from_secs(at), rank, status, told: Told::default() }
}

async fn status(world: &World, id: &str) -> Status {
    world.store.ticket(id).await.unwrap().unwrap().news.status
}

pub(crate) async fn a_start_is_all_that_was_given(world: &World) {
    let players = players(&["ana", "böb#1"]);
    let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
    let new = NewTicket {
        id: "t-1",
        kind: Kind::Placement,
        players: &players,
        request: r#"{"queue":"main"}"#,
        line: None,
        key: Some(key),
        holder: "",
    };
    let Started::New(ticket) = begin(&world.store, &new).await.unwrap() else { panic!("nothing is in the way") };
    assert_eq!((ticket.id.as_str(), ticket.kind, &ticket.players), ("t-1", Kind::Placement, &players));
    assert_eq!((ticket.request.as_str(), ticket.created), (r#"{"queue":"main"}"#, world.now()));
    assert_eq!(ticket.news.status, Status::Starting);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(*ticket), "what is read is what was told");
    for player in &players {
        assert_eq!(world.store.last_ticket_of(player).await.unwrap().as_deref(), Some("t-1"));
    }
    assert_eq!(world.store.last_ticket_of("böb").await.unwrap(), None);
}

pub(crate) async fn of_many_starts_with_one_key_one_makes_the_ticket(world: &World) {
    let starts = together(50, |number| {
        let store = world.store.clone();
        async move {
            let players = players(&["ana", "bob"]);
            let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
            let id = format!("t-{number}");
            begin(&store, &NewTicket { key: Some(key), ..plain(&id, &players) }).await.unwrap()
        }
    });
    let starts = starts.await;
    let new = starts.iter().filter_map(|start| match start {
        Started::New(ticket) => Some(ticket.id.clone()),
        _ => None,
    });
    let new: Vec<String> = new.collect();
    assert_eq!(new.len(), 1, "{starts:?}");
    let repeated = Started::Repeated(new[0].clone());
    assert_eq!(starts.iter().filter(|start| **start == repeated).count(), 49, "{starts:?}");
    assert_eq!(world.store.open_tickets(Duration::ZERO, 100).await.unwrap().len(), 1);
}

pub(crate) async fn of_many_requests_with_one_key_one_counts(world: &World) {
    let starts = together(40, |number| {
        let store = world.store.clone();
        async move {
            let request = if number % 2 == 0 { "one" } else { "another" };
            let (players, key) = (players(&["ana"]), IdempotencyKey { player: "ana", key: "k", request });
            (request, begin(&store, &NewTicket { key: Some(key), ..plain("t-k", &players) }).await.unwrap())
        }
    });
    let starts = starts.await;
    let (winner, _) = starts.iter().find(|(_, start)| matches!(start, Started::New(_))).unwrap();
    let repeated = starts.iter().filter(|(_, start)| *start == Started::Repeated("t-k".to_owned()));
    assert!(repeated.clone().all(|(request, _)| request == winner) && repeated.count() == 19, "{starts:?}");
    let reused = starts.iter().filter(|(_, start)| *start == Started::KeyReused);
    assert!(reused.clone().all(|(request, _)| request != winner) && reused.count() == 20, "{starts:?}");
}

pub(crate) async fn a_key_leads_to_one_ticket_whoever_comes_along(world: &World) {
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let (id, players) = (format!("t-{number}"), vec![format!("p-{number}")]);
            let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
            begin(&store, &NewTicket { key: Some(key), ..plain(&id, &players) }).await.unwrap()
        }
    });
    let starts = starts.await;
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::New(_))).count(), 1, "{starts:?}");
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::Repeated(_))).count(), 19, "{starts:?}");
}

pub(crate) async fn an_id_in_use_stays_its_tickets(world: &World) {
    let ticket = started(world, "t-1", &["ana"]).await;
    let bob = players(&["bob"]);
    assert_eq!(begin(&world.store, &plain("t-1", &bob)).await.unwrap(), Started::IdUsed);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(ticket));
    assert_eq!(world.store.last_ticket_of("bob").await.unwrap(), None);
    let key = IdempotencyKey { player: "bob", key: "k", request: "hash" };
    let new = NewTicket { key: Some(key), ..plain("t-1", &bob) };
    assert_eq!(begin(&world.store, &new).await.unwrap(), Started::IdUsed);
    assert!(matches!(begin(&world.store, &NewTicket { id: "t-2", ..new }).await.unwrap(), Started::New(_)));
    // Of many who want one id, one has it, and those of its party are told so.
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let players = players(&[["cem", "dan"][number % 2]]);
            (number % 2, begin(&store, &plain("t-3", &players)).await.unwrap())
        }
    });
    let starts = starts.await;
    let (winner, _) = starts.iter().find(|(_, start)| matches!(start, Started::New(_))).unwrap();
    let repeated = Started::Repeated("t-3".to_owned());
    assert!(starts.iter().filter(|(team, _)| team != winner).all(|(_, start)| *start == Started::IdUsed), "{starts:?}");
    assert_eq!(starts.iter().filter(|(team, start)| team == winner && *start == repeated).count(), 9, "{starts:?}");
}

pub(crate) async fn a_start_ends_at_its_deadline(world: &World) {
    let ana = players(&["ana"]);
    let error = world.store.start(&plain("t-1", &ana), Deadline::after(Duration::ZERO)).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    assert!(matches!(begin(&world.store, &plain("t-1", &ana)).await.unwrap(), Started::New(_) | Started::Repeated(_)));
}

pub(crate) async fn a_player_who_is_named_twice_is_one(world: &World) {
    started(world, "t-1", &["ana", "bob", "ana"]).await;
    assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().players, ["ana", "bob", "ana"]);
    let ana = players(&["ana"]);
    assert_eq!(begin(&world.store, &plain("t-1", &ana)).await.unwrap(), Started::Repeated("t-1".to_owned()));
}

pub(crate) async fn a_key_of_another_request_is_refused(world: &World) {
    let players = players(&["ana"]);
    let start = |id, request| {
        let key = IdempotencyKey { player: "ana", key: "k", request };
        let new = NewTicket { key: Some(key), ..plain(id, &players) };
        async move { begin(&world.store, &new).await.unwrap() }
    };
    assert!(matches!(start("t-1", "one").await, Started::New(_)));
    assert_eq!(start("t-2", "another").await, Started::KeyReused);
    assert_eq!(start("t-3", "one").await, Started::Repeated("t-1".to_owned()));
    world.store.hear("t-1", &news(1, 0, Status::Failed)).await.unwrap();
    assert_eq!(start("t-4", "one").await, Started::Repeated("t-1".to_owned()), "an end does not free the key");
}

pub(crate) async fn a_party_with_a_searching_member_changes_nothing(world: &World) {
    started(world, "t-1", &["bob"]).await;
    let party = players(&["ana", "bob", "cem"]);
    let key = IdempotencyKey { player: "ana", key: "k", request: "hash" };
    let new = NewTicket { key: Some(key), line: Some("line"), ..plain("t-2", &party) };
    let searching = Started::Searching { player: "bob".to_owned(), ticket: "t-1".to_owned() };
    assert_eq!(begin(&world.store, &new).await.unwrap(), searching);
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("cem").await.unwrap(), None);
    assert!(world.store.first_in_line("line", 10).await.unwrap().is_empty());
    // The key is as good as unused.
    world.store.hear("t-1", &news(1, 0, Status::Cancelled)).await.unwrap();
    assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
}

pub(crate) async fn of_many_parties_with_one_player_one_starts(world: &World) {
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move {
            let players = vec![format!("p-{number}"), "ana".to_owned(), format!("q-{number}")];
            (number, begin(&store, &plain(&format!("t-{number}"), &players)).await.unwrap())
        }
    });
    let starts = starts.await;
    let winners: Vec<_> = starts.iter().filter(|(_, start)| matches!(start, Started::New(_))).collect();
    assert_eq!(winners.len(), 1, "{starts:?}");
    let winner = winners[0].0;
    for number in 0..20 {
        for player in [format!("p-{number}"), format!("q-{number}")] {
            let ticket = world.store.last_ticket_of(&player).await.unwrap();
            assert_eq!(ticket, (number == winner).then(|| format!("t-{number}")), "{player}");
        }
    }
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), Some(format!("t-{winner}")));
}

pub(crate) async fn after_an_end_the_player_may_start_again(world: &World) {
    for (number, end) in
        [Status::Completed, Status::Failed, Status::Cancelled, Status::TimedOut].into_iter().enumerate()
    {
        let id = format!("t-{number}");
        started(world, &id, &["ana"]).await;
        let ana = players(&["ana"]);
        let again = begin(&world.store, &plain("t-x", &ana)).await.unwrap();
        assert_eq!(again, Started::Searching { player: "ana".to_owned(), ticket: id.clone() });
        world.store.hear(&id, &news(1, 0, end)).await.unwrap();
        let last = world.store.last_ticket_of("ana").await.unwrap();
        assert_eq!(last.as_deref(), Some(id.as_str()), "it says where the player was");
    }
    // Of many who start after an end, one does.
    let starts = together(20, |number| {
        let store = world.store.clone();
        async move { begin(&store, &plain(&format!("u-{number}"), &players(&["ana"]))).await.unwrap() }
    });
    let starts = starts.await;
    assert_eq!(starts.iter().filter(|start| matches!(start, Started::New(_))).count(), 1, "{starts:?}");
}

pub(crate) async fn a_ticket_is_forgotten_after_a_day(world: &World) {
    started(world, "t-1", &["ana"]).await;
    world.step(DAY - SECOND);
    assert!(world.store.ticket("t-1").await.unwrap().is_some());
    world.step(SECOND);
    assert_eq!(world.store.ticket("t-1").await.unwrap(), None);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
    assert_eq!(world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap(), Heard::Unknown);
    assert!(!world.store.may_look("t-1", Duration::ZERO).await.unwrap());
    started(world, "t-1", &["ana"]).await;
}

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

pub(crate) async fn of_many_who_would_look_one_may(world: &World) {
    started(world, "t-1", &["ana"]).await;
    let quiet = 10 * SECOND;
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has just been started");
    for _ in 0..2 {
        world.step(quiet);
        let may = together(20, |_| {
            let store = world.store.clone();
            async move { store.may_look("t-1", quiet).await.unwrap() }
        });
        assert_eq!(may.await.into_iter().filter(|may| *may).count(), 1);
    }
    world.step(quiet / 2);
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.step(quiet / 2);
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has been heard of");
    world.store.hear("t-1", &news(2, 0, Status::Completed)).await.unwrap();
    world.step(quiet);
    assert!(!world.store.may_look("t-1", quiet).await.unwrap(), "it has ended");
}

/// The ids of searches that a look may take along, by many readings, since one reads a part of the index.
async fn some_quiet(world: &World, quiet: Duration) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        let some = world.store.some_quiet_searches(quiet, 9).await.unwrap();
        assert!(some.len() <= 9);
        ids.extend(some.into_iter().map(|ticket| ticket.id));
    }
    ids
}

pub(crate) async fn a_look_takes_quiet_searches_along_and_no_others(world: &World) {
    let quiet = 10 * SECOND;
    for id in ["known", "fresh", "missed", "to stop", "ended"] {
        started(world, id, &[&format!("p {id}")]).await;
        world.store.hear(id, &news(1, 0, Status::Searching)).await.unwrap();
    }
    started(world, "unsent", &["zoe"]).await;
    let (placed, waits) = (players(&["ana"]), players(&["bob"]));
    begin(&world.store, &NewTicket { kind: Kind::Placement, ..plain("placed", &placed) }).await.unwrap();
    world.store.hear("placed", &news(1, 0, Status::Placing)).await.unwrap();
    begin(&world.store, &NewTicket { line: Some("line"), ..plain("in line", &waits) }).await.unwrap();
    let missed = world.store.ticket("missed").await.unwrap().unwrap();
    world.store.miss(&missed).await.unwrap();
    world.store.ask_stop("to stop").await.unwrap();
    world.store.hear("ended", &news(2, 0, Status::Completed)).await.unwrap();
    assert!(some_quiet(world, quiet).await.is_empty(), "none is quiet");
    world.step(quiet);
    world.store.hear("fresh", &news(2, 1, Status::RequiresAcceptance)).await.unwrap();
    let expected = ["known", "missed", "to stop"].map(str::to_owned);
    assert_eq!(some_quiet(world, quiet).await, BTreeSet::from(expected));
    for id in ["fresh", "missed", "to stop", "ended", "unsent", "in line", "none", ""] {
        assert_eq!(world.store.may_look_too(id, quiet).await.unwrap(), None, "{id}");
    }
    let before = world.store.ticket("known").await.unwrap();
    assert_eq!(before.as_ref().unwrap().seen, Some(world.now() - quiet));
    assert_eq!(world.store.may_look_too("known", quiet).await.unwrap(), before);
    assert_eq!(world.store.may_look_too("known", quiet).await.unwrap(), None, "once");
    assert!(!world.store.may_look("known", quiet).await.unwrap(), "whoever looks");
    assert_eq!(world.store.ticket("known").await.unwrap().unwrap().seen, Some(world.now()));
}

pub(crate) async fn a_search_that_a_look_leaves_is_as_quiet_as_before(world: &World) {
    let quiet = 10 * SECOND;
    started(world, "t-1", &["ana"]).await;
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.step(quiet);
    let before = world.store.may_look_too("t-1", quiet).await.unwrap().unwrap();
    world.store.leave(&before).await.unwrap();
    assert_eq!(world.store.may_look_too("t-1", quiet).await.unwrap(), None, "no other look takes it along");
    assert!(world.store.may_look("t-1", quiet).await.unwrap(), "its own call may");
    world.step(2 * quiet);
    world.store.leave(&before).await.unwrap();
    assert!(world.store.may_take_up("t-1", 30 * SECOND).await.unwrap(), "and so may the reconciler");
    world.step(120 * SECOND);
    assert!(world.store.may_look_too("t-1", quiet).await.unwrap().is_some(), "that ends");
    world.store.hear("t-1", &news(2, 0, Status::Placing)).await.unwrap();
    world.store.leave(&before).await.unwrap();
    assert!(!world.store.may_take_up("t-1", quiet).await.unwrap(), "there were news meanwhile");
    world.store.hear("t-1", &news(3, 0, Status::Completed)).await.unwrap();
    world.store.leave(&before).await.unwrap();
    assert!(some_quiet(world, Duration::ZERO).await.is_empty(), "an end stays one");
}

pub(crate) async fn quiet_tickets_are_found_the_quietest_first(world: &World) {
    let ids = |limit| async move {
        let open = world.store.open_tickets(30 * SECOND, limit).await.unwrap();
        open.into_iter().map(|ticket| ticket.id).collect::<Vec<_>>()
    };
    for number in 0..6 {
        started(world, &format!("t-{number}"), &[&format!("p-{number}")]).await;
        world.step(SECOND);
    }
    let waits = players(&["zoe"]);
    begin(&world.store, &NewTicket { line: Some("line"), ..plain("t-z", &waits) }).await.unwrap();
    assert!(ids(10).await.is_empty(), "none is quiet for long");
    world.step(27 * SECOND);
    assert_eq!(ids(10).await, ["t-0", "t-1", "t-2", "t-3"]);
    world.step(60 * SECOND);
    assert_eq!(ids(3).await, ["t-0", "t-1", "t-2"], "the quietest, wherever in the index they are");
    assert!(world.store.may_look("t-0", 30 * SECOND).await.unwrap());
    world.store.hear("t-1", &news(1, 0, Status::Searching)).await.unwrap();
    world.store.hear("t-2", &news(1, 0, Status::TimedOut)).await.unwrap();
    assert_eq!(ids(10).await, ["t-3", "t-4", "t-5"]);
    world.step(30 * SECOND);
    assert_eq!(ids(10).await.len(), 5, "all but the one that has ended");
    let open = world.store.open_tickets(30 * SECOND, 10).await.unwrap();
    let second = open.iter().find(|ticket| ticket.id == "t-1").unwrap();
    assert_eq!((second.kind, second.status, second.seen), (Kind::Match, Status::Searching, world.now() - 30 * SECOND));
}

pub(crate) async fn an_id_that_is_none_has_no_ticket(world: &World) {
    for id in ["", "t-1", &"x".repeat(3000), "META", "#"] {
        assert_eq!(world.store.ticket(id).await.unwrap(), None);
        assert!(!world.store.may_look(id, Duration::ZERO).await.unwrap());
        assert!(!world.store.admit(id).await.unwrap() && !world.store.withdraw(id, "Stopped.").await.unwrap());
    }
}

pub(crate) async fn a_large_request_is_kept_and_a_larger_one_refused(world: &World) {
    let long: Vec<_> = (0..25).map(|number| "é".repeat(1000) + &number.to_string()).collect();
    let request = "x".repeat(90_000);
    let new = NewTicket { request: &request, ..plain("t-1", &long) };
    assert!(matches!(begin(&world.store, &new).await.unwrap(), Started::New(_)));
    let told = Told { reason: Some("é".repeat(70_000)), ..Told::default() };
    let heard = world.store.hear("t-1", &News { told, ..news(1, 0, Status::Failed) }).await.unwrap();
    assert!(matches!(heard, Heard::New(_)));
    assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().request, request);
    let (request, ana) = ("x".repeat(200_000), players(&["ana"]));
    let error = begin(&world.store, &NewTicket { request: &request, ..plain("t-2", &ana) }).await.unwrap_err();
    assert_eq!(error.code(), Code::BodyTooLarge);
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
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

pub(crate) async fn a_look_stands_in_until_the_next_event(world: &World) {
    let saw = |before, status| async move { world.store.saw(&before, status, Told::default()).await.unwrap() };
    let first = started(world, "t-1", &["ana"]).await;
    let Heard::New(searching) = saw(first.clone(), Status::Searching).await else { panic!("it was not known") };
    assert_eq!(world.store.ticket("t-1").await.unwrap().as_ref(), Some(&searching));
    assert!(matches!(saw(first.clone(), Status::Searching).await, Heard::Same(_)), "another one saw it too");
    assert_eq!(saw(searching.clone(), Status::Searching).await, Heard::Same(searching.clone()));
    assert!(matches!(saw(first, Status::Placing).await, Heard::Old(_)), "that look began earlier");
    // An event that happened before the look is heard, and one that the look did not wait for counts.
    assert!(matches!(world.store.hear("t-1", &news(1, 0, Status::RequiresAcceptance)).await.unwrap(), Heard::New(_)));
    assert!(matches!(saw(searching, Status::Searching).await, Heard::Old(_)));
    assert_eq!(status(world, "t-1").await, Status::RequiresAcceptance);
    let known = world.store.ticket("t-1").await.unwrap().unwrap();
    let Heard::New(ended) = saw(known.clone(), Status::TimedOut).await else { panic!("it was open") };
    assert_eq!((ended.news.at, ended.news.rank), (known.news.at, known.news.rank), "a look has no time");
    assert!(matches!(saw(known, Status::TimedOut).await, Heard::Same(_)));
    assert!(matches!(world.store.hear("t-1", &news(2, 0, Status::Searching)).await.unwrap(), Heard::Old(_)));
    assert!(world.store.open_tickets(Duration::ZERO, 10).await.unwrap().is_empty());
}

pub(crate) async fn a_ticket_that_looks_miss_is_left_to_whoever_can_end_it(world: &World) {
    let first = started(world, "t-1", &["ana"]).await;
    let Heard::New(known) = world.store.saw(&first, Status::Searching, Told::default()).await.unwrap() else {
        panic!("it was not known")
    };
    assert_eq!(world.store.miss(&first).await.unwrap(), known, "there were news since");
    let missed = world.store.miss(&known).await.unwrap();
    assert_eq!((missed.missed, &missed.news), (Some(world.now()), &known.news));
    world.step(30 * SECOND);
    assert_eq!(world.store.miss(&known).await.unwrap(), missed, "the first miss counts");
    assert!(!world.store.may_look("t-1", 10 * SECOND).await.unwrap());
    assert!(world.store.may_take_up("t-1", 10 * SECOND).await.unwrap());
    // A look that finds it as it was.
    let found = world.store.saw(&missed, Status::Searching, Told::default()).await.unwrap();
    let mut known = known;
    (known.seen, known.version) = (Some(world.now()), known.version + 1);
    assert_eq!(found, Heard::New(known.clone()));
    assert_eq!(world.store.ticket("t-1").await.unwrap(), Some(known));
    for (status, number) in [(Status::Placing, 1), (Status::Completed, 2)] {
        let before = world.store.ticket("t-1").await.unwrap().unwrap();
        assert!(world.store.miss(&before).await.unwrap().missed.is_some());
        world.store.hear("t-1", &news(number, 0, status)).await.unwrap();
        assert_eq!(world.store.ticket("t-1").await.unwrap().unwrap().missed, None, "{status:?}");
    }
    let ended = world.store.ticket("t-1").await.unwrap().unwrap();
    assert_eq!(world.store.miss(&ended).await.unwrap(), ended, "nobody looks for it any more");
    let mut unknown = ended;
    unknown.id = "t-2".to_owned();
    world.store.miss(&unknown).await.unwrap();
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None, "nothing was made");
}

/// Starts a ticket unless its caller has a match since less than a minute.
async fn unless_matched(world: &World, new: &NewTicket<'_>) -> Started {
    world.store.start_unless_matched(new, 60 * SECOND, Deadline::after(60 * SECOND)).await.unwrap()
}

pub(crate) async fn a_match_that_still_has_a_place_is_started_anew_by_a_key_alone(world: &World) {
    let (ana, both) = (players(&["ana"]), players(&["bob", "ana"]));
    started(world, "t-1", &["ana"]).await;
    let placed = Placed { since: Some(world.now()), ..Placed::default() };
    let told = Told { placed: Some(placed), ..Told::default() };
    world.store.hear("t-1", &News { told, ..news(1, 0, Status::Completed) }).await.unwrap();
    world.step(59 * SECOND);
    assert_eq!(unless_matched(world, &plain("t-2", &ana)).await, Started::Repeated("t-1".to_owned()));
    assert_eq!(world.store.ticket("t-2").await.unwrap(), None);
    let other = unless_matched(world, &plain("t-3", &both)).await;
    assert!(matches!(other, Started::New(_)), "the caller has no match: {other:?}");
    world.store.hear("t-3", &news(1, 0, Status::Cancelled)).await.unwrap();
    started(world, "t-4", &["ana"]).await;
    let placed = Placed { since: Some(world.now()), ..Placed::default() };
    let told = Told { placed: Some(placed), ..Told::default() };
    world.store.hear("t-4", &News { told, ..news(1, 0, Status::Completed) }).await.unwrap();
    world.step(60 * SECOND);
    assert!(matches!(unless_matched(world, &plain("t-5", &ana)).await, Started::New(_)), "its place is given away");
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
    assert!(world.store.give_up("t-1").await.unwrap().unwrap().is_given_up, "nobody waits for it any more");
    let given_up = world.store.ticket("t-1").await.unwrap().unwrap();
    assert!(given_up.is_to_stop && given_up.is_given_up);
    world.store.hear("t-1", &news(2, 0, Status::Cancelled)).await.unwrap();
    for id in ["t-1", "t-3", "", &"x".repeat(3000)] {
        assert_eq!(world.store.ask_stop(id).await.unwrap(), None);
        assert_eq!(world.store.ticket(id).await.unwrap().is_some(), id == "t-1", "nothing was made");
    }
}

pub(crate) async fn tickets_that_are_over_hide_no_open_one(world: &World) {
    // All in one partition of the index.
    let ids = (0..).map(|number| format!("t-{number}")).filter(|id| hex_sha256(&[id.as_bytes()]).starts_with('7'));
    let ids: Vec<_> = ids.take(12).collect();
    for id in &ids[1..] {
        started(world, id, &[id]).await;
    }
    world.step(DAY + SECOND);
    started(world, &ids[0], &["ana"]).await;
    let open = world.store.open_tickets(Duration::ZERO, 1).await.unwrap();
    assert_eq!(open.first().map(|ticket| &ticket.id), Some(&ids[0]));
    assert!(world.store.open_tickets(Duration::ZERO, 0).await.unwrap().is_empty());
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

pub(crate) async fn a_placement_starts_beside_any_other_ticket(world: &World) {
    let (ana, both) = (players(&["ana"]), players(&["ana", "bob"]));
    let placement = |id: &'static str| NewTicket { kind: Kind::Placement, ..plain(id, &both) };
    let last = |player: &'static str| async move { world.store.last_ticket_of(player).await.unwrap() };
    assert!(matches!(begin(&world.store, &placement("p-1")).await.unwrap(), Started::New(_)));
    assert_eq!(begin(&world.store, &placement("p-1")).await.unwrap(), Started::Repeated("p-1".to_owned()));
    assert!(matches!(begin(&world.store, &placement("p-2")).await.unwrap(), Started::New(_)));
    assert_eq!(last("ana").await.as_deref(), Some("p-2"));
    // A search begins beside it, and is the lock then.
    started(world, "t-1", &["ana"]).await;
    assert!(matches!(begin(&world.store, &placement("p-3")).await.unwrap(), Started::New(_)));
    assert_eq!((last("ana").await.as_deref(), last("bob").await.as_deref()), (Some("t-1"), Some("p-3")));
    assert!(matches!(begin(&world.store, &plain("t-2", &ana)).await.unwrap(), Started::Searching { .. }));
    for id in ["p-1", "p-3"] {
        assert!(matches!(world.store.hear(id, &news(1, 0, Status::Completed)).await.unwrap(), Heard::New(_)));
        let again = begin(&world.store, &placement(id)).await.unwrap();
        assert!(matches!(again, Started::Repeated(_) | Started::IdUsed), "{again:?}");
    }
}

pub(crate) async fn a_ticket_that_a_player_has_left_behind_is_forgotten(world: &World) {
    let open = started(world, "t-1", &["ana", "bob"]).await;
    world.store.forget_last("ana", &open).await.unwrap();
    assert!(world.store.last_ticket_of("ana").await.unwrap().is_some(), "it is the lock of a search");
    world.store.hear("t-1", &news(1, 0, Status::Completed)).await.unwrap();
    let ended = world.store.ticket("t-1").await.unwrap().unwrap();
    world.store.forget_last("ana", &ended).await.unwrap();
    assert_eq!(world.store.last_ticket_of("ana").await.unwrap(), None);
    started(world, "t-2", &["bob"]).await;
    world.store.forget_last("bob", &ended).await.unwrap();
    assert_eq!(world.store.last_ticket_of("bob").await.unwrap().as_deref(), Some("t-2"), "it is not the last");
}
