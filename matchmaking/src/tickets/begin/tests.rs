//! The ticket of a call, on a store in memory.

use std::time::Duration;

use futures_util::future::join_all;
use shared::{clock::Clock, deadline::Deadline};
use store::records::news::{News, Status, Told};

use super::*;
use crate::tickets::request::SearchPlayer;

fn store() -> Store {
    Store::in_memory(Clock::with_tokio(Duration::from_secs(1_772_359_200)))
}

fn request(players: &[&str], configuration: &str) -> SearchRequest {
    let player = |id: &&str| SearchPlayer { id: (*id).to_owned(), ..SearchPlayer::default() };
    SearchRequest { configuration: configuration.to_owned(), players: players.iter().map(player).collect() }
}

async fn begins(store: &Store, players: &[&str], key: Option<&str>) -> Result<(Ticket, Tries), Error> {
    let deadline = Deadline::after(Duration::from_secs(25));
    let terms = Terms { deadline, patience: None, key: key.map(str::to_owned), hold: None };
    begin(store, &request(players, "duel"), &Party::of_ids(players), &terms).await
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
    // The member of a party, a client that was started anew, and one with another party.
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
async fn a_player_who_is_being_placed_does_not_search() {
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
    assert_eq!(begins(&store, &["ana"], None).await.unwrap_err().code(), Code::AlreadySearching);
}
