//! The route on a scripted FlexMatch and a store in memory.

use std::{sync::Arc, time::Duration};

use lambda_http::Request;
use matchmaking::config::{LimitConfig, TicketConfig};
use serde_json::{Value, json};
use shared::{Endpoint, claims::ClaimedAttribute, clock::Clock};
use start_matchmaking::StartMatchmaking;
use store::{
    Store,
    memory::Memory,
    records::news::{News, Placed, Status, Told},
};
use testing::{
    events::{self, Answered},
    failing_table::FailingTable,
    flexmatch::FlexMatch,
};

pub(crate) struct World {
    pub(crate) flexmatch: FlexMatch,
    pub(crate) store: Store,
    pub(crate) table: Arc<FailingTable>,
    pub(crate) route: Endpoint<StartMatchmaking<FlexMatch>>,
}

/// The configurations `duel` and `arena`, and the attribute `mode`.
pub(crate) fn config() -> TicketConfig {
    let claims = ClaimedAttribute::parse("skill=custom:skill").unwrap();
    TicketConfig::new(vec!["duel".to_owned(), "arena".to_owned()], vec!["mode".to_owned()], claims).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Clock::with_tokio(Duration::from_secs(1_772_359_200));
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        let (flexmatch, store) = (FlexMatch::default(), Store::new(table.clone(), clock));
        let route = StartMatchmaking::new(flexmatch.clone(), store.clone(), config(), LimitConfig::default());
        Self { flexmatch, store, table, route: Endpoint::new(Ok(route), events::trusting()) }
    }

    pub(crate) async fn send(&self, request: Request) -> Answered {
        events::call_endpoint(&self.route, request).await
    }

    /// The answer to a body with these headers.
    pub(crate) async fn asks(&self, body: &Value, headers: &[(&'static str, &str)]) -> Answered {
        let request = events::post("start_matchmaking", body);
        self.send(headers.iter().fold(request, |request, (name, value)| events::with_header(request, name, value)))
            .await
    }

    /// The only ticket that FlexMatch has.
    pub(crate) fn only_ticket(&self) -> String {
        let [id] = self.flexmatch.ids().try_into().unwrap();
        id
    }

    /// Hears an event of the second `at`.
    pub(crate) async fn hears(&self, id: &str, at: u64, status: Status, told: Told) {
        let news = News { at: Duration::from_secs(1_772_359_200 + at), rank: 1, status, told };
        self.store.hear(id, &news).await.unwrap();
    }
}

pub(crate) const ASYNC: (&str, &str) = ("prefer", "respond-async");

pub(crate) fn uuid(player: &str) -> Value {
    json!({ "uuid": player })
}

/// What is told of a match with a game session, of these players.
pub(crate) fn placed(players: &[&str]) -> Told {
    let sessions = players.iter().map(|player| ((*player).to_owned(), format!("psess-{player}")));
    let placed = Placed {
        game_session_id: "arn:gs-1".to_owned(),
        since: None,
        ip_address: Some("203.0.113.9".to_owned()),
        dns_name: None,
        port: Some(7777),
        player_sessions: sessions.collect(),
    };
    let teams = players.iter().map(|player| ((*player).to_owned(), "red".to_owned())).collect();
    Told { match_id: Some("m-1".to_owned()), teams, placed: Some(placed), ..Told::default() }
}
