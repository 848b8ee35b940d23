//! A store and a FlexMatch.

use std::{sync::Arc, time::Duration};

use matchmaking::{
    config::AdmissionConfig,
    tickets::{SearchPlayer, SearchRequest, Turns},
};
use shared::{clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::{
        news::{News, Status, Told},
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::{failing_table::FailingTable, flexmatch::FlexMatch};

pub(crate) struct World {
    pub(crate) flexmatch: FlexMatch,
    pub(crate) store: Store,
    pub(crate) table: Arc<FailingTable>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        Self { flexmatch: FlexMatch::default(), store: Store::new(table.clone(), clock), table }
    }

    /// A ticket that was started in the store and not sent yet.
    pub(crate) async fn started(&self, id: &str, request: &SearchRequest) -> Ticket {
        let players: Vec<_> = request.players.iter().map(|player| player.id.clone()).collect();
        let request = request.text();
        let kind = Kind::Match;
        let new = NewTicket { id, kind, players: &players, request: &request, line: None, key: None, holder: "" };
        match self.store.start(&new, seconds(5)).await.unwrap() {
            Started::New(ticket) => *ticket,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn ticket(&self, id: &str) -> Ticket {
        self.store.ticket(id).await.unwrap().unwrap()
    }

    pub(crate) async fn status(&self, id: &str) -> Status {
        self.ticket(id).await.news.status
    }

    /// Hears an event of the second `at`.
    pub(crate) async fn hears(&self, id: &str, at: u64, status: Status, told: Told) {
        let news = News { at: Duration::from_secs(1_772_359_200 + at), rank: 1, status, told };
        self.store.hear(id, &news).await.unwrap();
    }
}

/// A search of these players in the configuration `duel`.
pub(crate) fn request(players: &[&str]) -> SearchRequest {
    let player = |id: &&str| SearchPlayer { id: (*id).to_owned(), ..SearchPlayer::default() };
    let players = players.iter().map(player).collect();
    SearchRequest { configuration: "duel".to_owned(), players, ..SearchRequest::default() }
}

/// The turns of one call a second.
pub(crate) fn one_a_second() -> Turns {
    Turns::of(&AdmissionConfig { searches: 1, ..AdmissionConfig::default() })
}

/// The turns of calls that wait for none.
pub(crate) fn turns() -> Turns {
    Turns::of(&AdmissionConfig::default())
}

pub(crate) fn seconds(seconds: u64) -> Deadline {
    Deadline::after(Duration::from_secs(seconds))
}
