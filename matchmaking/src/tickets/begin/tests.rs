//! The ticket of a call, on a store in memory.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use shared::{clock::Clock, deadline::Deadline};
use store::{
    memory::Memory,
    records::news::{News, Placed, Status, Told},
    table::{
        api::{Query, Reply, Table, Write, Written},
        item::{Item, Key},
    },
};
use testing::failing_table::FailingTable;

use super::*;
use crate::{attributes::Attribute, config::AdmissionConfig, tickets::request::SearchPlayer};

fn store() -> Store {
    Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200)))
}

fn gate() -> Gate {
    Gate::of_searches(&AdmissionConfig::default())
}

fn request(players: &[&str], configuration: &str) -> SearchRequest {
    let player = |id: &&str| SearchPlayer { id: (*id).to_owned(), ..SearchPlayer::default() };
    let players = players.iter().map(player).collect();
    SearchRequest { configuration: configuration.to_owned(), players, ..SearchRequest::default() }
}

async fn begins(store: &Store, players: &[&str], key: Option<&str>) -> Result<(Ticket, Tries), Error> {
    begins_with(store, &request(players, "duel"), key).await
}

async fn begins_with(store: &Store, request: &SearchRequest, key: Option<&str>) -> Result<(Ticket, Tries), Error> {
    let deadline = Deadline::after(Duration::from_secs(25));
    let terms = Terms { deadline, patience: None, key: key.map(str::to_owned), hold: None };
    let players: Vec<_> = request.players.iter().map(|player| player.id.as_str()).collect();
    begin(Asked { store, gate: &gate(), request, party: &Party::of_ids(&players), terms: &terms }).await
}

async fn ends(store: &Store, ticket: &Ticket, status: Status) {
    let news = News { at: Duration::from_secs(1_772_359_300), rank: 9000, status, told: Told::default() };
    store.hear(&ticket.id, &news).await.unwrap();
}

#[tokio::test]
async fn six_calls_with_one_key_at_once_have_one_ticket_and_one_sender() {
    let store = store();
    let begun = join_all((0..6).map(|_| begins(&store, &["ana"], Some("k")))).await;
    let begun: Vec<_> = begun.into_iter().map(Result::unwrap).collect();
    assert!(begun.iter().all(|(ticket, _)| ticket.id == begun[0].0.id));
    assert_eq!(begun.iter().filter(|(_, tries)| *tries == Tries::First).count(), 1);
}

#[tokio::test]
async fn a_key_leads_to_its_ticket_after_the_end_too_and_to_no_other_request() {
    let store = store();
    let (ticket, _) = begins(&store, &["ana"], Some("k")).await.unwrap();
    ends(&store, &ticket, Status::TimedOut).await;
    let (again, tries) = begins(&store, &["ana"], Some("k")).await.unwrap();
    assert_eq!((again.id, again.news.status, tries), (ticket.id.clone(), Status::TimedOut, Tries::Again));
    let other = begins(&store, &["ana", "bob"], Some("k")).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyKeyReused);
    let (new, _) = begins(&store, &["ana"], None).await.unwrap();
    assert_ne!(new.id, ticket.id, "without the key it is a new search");
}

#[tokio::test]
async fn a_player_who_searches_goes_on_with_that_search() {
    let store = store();
    let (ticket, _) = begins(&store, &["ana", "bob"], None).await.unwrap();
    // The member of a party, a client that was restarted, and one with another party.
    for (players, key) in [(&["bob"][..], None), (&["ana"], Some("other")), (&["ana", "eve"], None)] {
        let (running, tries) = begins(&store, players, key).await.unwrap();
        assert_eq!((&running.id, tries), (&ticket.id, Tries::Again), "{players:?}");
    }
    ends(&store, &ticket, Status::Cancelled).await;
    assert_ne!(begins(&store, &["bob"], None).await.unwrap().0.id, ticket.id);
}

#[tokio::test]
async fn a_member_with_another_search_is_named_and_nothing_more_is_told() {
    let store = store();
    let (ticket, _) = begins(&store, &["bob"], None).await.unwrap();
    let error = begins(&store, &["zoe", "ana", "bob"], None).await.unwrap_err();
    assert_eq!((error.code(), &error.members()["PlayerId"]), (Code::AlreadySearching, &"bob".into()));
    assert!(error.detail().starts_with("Player 3 of 3"), "{error}");
    assert!(!format!("{error:?}").contains(&ticket.id));
    // The caller's own search comes first, also if the other one's id does in the alphabet.
    let (own, _) = begins(&store, &["zoe"], None).await.unwrap();
    assert_eq!(begins(&store, &["zoe", "bob"], None).await.unwrap().0.id, own.id);
}

#[tokio::test]
async fn a_player_who_is_being_placed_may_search() {
    let store = store();
    let players = ["ana".to_owned()];
    let new = NewTicket {
        id: "placement",
        kind: Kind::Placement,
        players: &players,
        request: "{}",
        line: None,
        key: None,
        holder: "",
    };
    store.start(&new, Deadline::after(Duration::from_secs(5))).await.unwrap();
    let (ticket, tries) = begins(&store, &["ana"], None).await.unwrap();
    assert_eq!((ticket.kind, tries), (Kind::Match, Tries::First));
}

#[tokio::test]
async fn a_key_that_meets_a_running_search_leads_to_it_after_its_end_too() {
    let store = store();
    let (ticket, _) = begins(&store, &["ana"], Some("first")).await.unwrap();
    assert_eq!(begins(&store, &["ana"], Some("second")).await.unwrap().0.id, ticket.id);
    ends(&store, &ticket, Status::TimedOut).await;
    assert_eq!(begins(&store, &["ana"], Some("second")).await.unwrap().0.id, ticket.id);
    let other = begins(&store, &["ana", "bob"], Some("second")).await.unwrap_err();
    assert_eq!(other.code(), Code::IdempotencyKeyReused);
}

/// The client of a call that was answered with 202, whose answer was lost, and who came with another one's party.
#[tokio::test(start_paused = true)]
async fn a_match_whose_place_waits_is_the_answer_to_its_players_who_ask_again() {
    let store = store();
    let (ticket, _) = begins(&store, &["ana", "bob"], Some("k")).await.unwrap();
    let since = Some(Duration::from_secs(1_772_359_200));
    let told = Told { placed: Some(Placed { since, ..Placed::default() }), ..Told::default() };
    let news = News { at: Duration::from_secs(1_772_359_200), rank: 9000, status: Status::Completed, told };
    store.hear(&ticket.id, &news).await.unwrap();
    tokio::time::advance(Duration::from_secs(59)).await;
    for players in [["ana", "bob"].as_slice(), &["bob"]] {
        let (again, tries) = begins(&store, players, None).await.unwrap();
        assert_eq!((&again.id, tries), (&ticket.id, Tries::Again), "{players:?}");
    }
    assert_ne!(begins(&store, &["bob"], Some("new")).await.unwrap().0.id, ticket.id, "another key is another search");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_ne!(begins(&store, &["ana"], None).await.unwrap().0.id, ticket.id, "the place is given away");
}

#[tokio::test]
async fn a_key_says_nothing_of_the_id_that_gamelift_gets() {
    let (first, _) = begins(&store(), &["ana"], Some("k")).await.unwrap();
    let (elsewhere, _) = begins(&store(), &["ana"], Some("k")).await.unwrap();
    assert_ne!(first.id, elsewhere.id);
}

#[tokio::test]
async fn a_key_leads_to_its_search_although_claims_and_defaults_have_changed() {
    let store = store();
    let skill = |skill: f64| [("skill".to_owned(), Attribute::Number(skill))].into();
    let asks = |configuration: &str, claimed| SearchRequest {
        configuration: configuration.to_owned(),
        is_default: true,
        claimed,
        ..request(&["ana"], configuration)
    };
    let (ticket, _) = begins_with(&store, &asks("duel", skill(12.0)), Some("k")).await.unwrap();
    let (again, _) = begins_with(&store, &asks("arena", skill(13.0)), Some("k")).await.unwrap();
    assert_eq!(again.id, ticket.id);
    let named = SearchRequest { is_default: false, ..asks("duel", skill(12.0)) };
    let error = begins_with(&store, &named, Some("k")).await.unwrap_err();
    assert_eq!(error.code(), Code::IdempotencyKeyReused);
}

/// As many as the bucket holds begin. A player who asks again takes no token, and the line's next waits.
#[tokio::test(start_paused = true)]
async fn a_call_that_goes_on_with_a_search_takes_no_token_of_the_account() {
    let store = store();
    for call in 0..50 {
        let (ticket, tries) = begins(&store, &["ana"], None).await.unwrap();
        assert_eq!((ticket.news.status, tries == Tries::First), (Status::Starting, call == 0));
    }
    for number in 0..20 {
        let (ticket, tries) = begins(&store, &[&format!("p-{number}")], None).await.unwrap();
        let expected = if number < 15 { Status::Starting } else { Status::Waiting };
        assert_eq!((ticket.news.status, tries), (expected, Tries::First), "{number}");
    }
    let (ticket, tries) = begins(&store, &["p-19"], None).await.unwrap();
    assert_eq!((ticket.news.status, tries), (Status::Waiting, Tries::Again));
}

/// To take a token and give it back would be two writes.
#[tokio::test(start_paused = true)]
async fn a_call_that_goes_on_with_a_search_only_reads() {
    let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
    let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
    let store = Store::new(Arc::clone(&table) as Arc<dyn Table>, clock);
    begins(&store, &["ana"], Some("k")).await.unwrap();
    assert!(table.named_calls().iter().any(|call| call == "write RATE"), "{:?}", table.named_calls());
    for key in [Some("k"), None] {
        table.fail(|_| None);
        begins(&store, &["ana"], key).await.unwrap();
        let calls = table.named_calls();
        assert!(calls.iter().all(|call| call.starts_with("get ")), "{calls:?}");
    }
}

/// A table in which a match is told of right before the call with this number.
#[derive(Debug)]
struct Meddling {
    table: Arc<Memory>,
    calls: AtomicUsize,
    at: usize,
    news: OnceLock<(Store, String, News)>,
}

impl Meddling {
    async fn called(&self) {
        let Some((store, ticket, news)) = self.news.get() else { return };
        if self.calls.fetch_add(1, Ordering::Relaxed) == self.at {
            store.hear(ticket, news).await.unwrap();
        }
    }
}

impl Table for Meddling {
    fn get(&self, key: Key) -> Reply<'_, Option<Item>> {
        Box::pin(async move {
            self.called().await;
            self.table.get(key).await
        })
    }

    fn write(&self, write: Write) -> Reply<'_, Written> {
        Box::pin(async move {
            self.called().await;
            self.table.write(write).await
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Reply<'_, bool> {
        Box::pin(async move {
            self.called().await;
            self.table.transact(writes).await
        })
    }

    fn query(&self, query: Query) -> Reply<'_, Vec<Item>> {
        Box::pin(async move {
            self.called().await;
            self.table.query(query).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn whenever_the_match_comes_a_poll_without_a_key_starts_no_second_search() {
    for at in 0..16 {
        let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
        let table = Arc::new(Memory::new(clock.clone()));
        let (calls, news) = (AtomicUsize::new(0), OnceLock::new());
        let meddling = Arc::new(Meddling { table: table.clone(), calls, at, news });
        let store = Store::new(meddling.clone(), clock.clone());
        let (ticket, _) = begins(&store, &["ana"], None).await.unwrap();
        let placed = Placed { since: Some(clock.now()), ..Placed::default() };
        let told = Told { placed: Some(placed), ..Told::default() };
        let news = News { at: clock.now(), rank: 9000, status: Status::Completed, told };
        meddling.news.set((Store::new(table, clock), ticket.id.clone(), news)).unwrap();
        let (again, tries) = begins(&store, &["ana"], None).await.unwrap();
        assert_eq!((&again.id, tries), (&ticket.id, Tries::Again), "at call {at}");
    }
}
