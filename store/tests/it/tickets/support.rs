//! What the topics share: starts of tickets, and news of them.

use std::time::Duration;

use store::records::{
    news::{News, Status, Told},
    starts::{NewTicket, Started},
    ticket::{Kind, Ticket},
};

use crate::world::{World, begin};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn players(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A ticket without key and line.
pub(crate) fn plain<'a>(id: &'a str, players: &'a [String]) -> NewTicket<'a> {
    NewTicket { id, kind: Kind::Match, players, request: "{}", line: None, key: None, holder: "" }
}

/// Starts a ticket that nothing is in the way of.
pub(crate) async fn started(world: &World, id: &str, names: &[&str]) -> Ticket {
    let players = players(names);
    match begin(&world.store, &plain(id, &players)).await.unwrap() {
        Started::New(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

/// News of the second `at`.
pub(crate) fn news(at: u64, rank: u64, status: Status) -> News {
    News { at: Duration::from_millis(1_772_359_200_000) + Duration::from_secs(at), rank, status, told: Told::default() }
}

pub(crate) async fn status(world: &World, id: &str) -> Status {
    world.store.ticket(id).await.unwrap().unwrap().news.status
}
