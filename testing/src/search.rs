//! A search for a match, for the tests of what players can do with one.

use std::{sync::Arc, time::Duration};

use aws::gamelift::{NewMatchmaking, StartMatchmaking as _};
use aws_sdk_gamelift::types::{MatchmakingConfigurationStatus, Player};
use shared::{clock::Clock, deadline::Deadline};
use store::{
    Store,
    records::{
        news::{News, Placed, Status, Told},
        starts::NewTicket,
        ticket::Kind,
    },
};

use crate::flexmatch::FlexMatch;

/// A store and a FlexMatch with one search, [`Search::TICKET`].
#[derive(Clone, Debug)]
pub struct Search {
    /// The FlexMatch.
    pub flexmatch: FlexMatch,
    /// The store, whose clock runs with Tokio's.
    pub store: Store,
    players: Arc<[String]>,
}

/// When every search begins, since 1970.
const START: Duration = Duration::from_secs(1_772_359_200);

impl Search {
    /// The ticket's id.
    pub const TICKET: &str = "t-1";

    /// A search of these players, SEARCHING.
    ///
    /// # Panics
    /// When the store or the FlexMatch do not take it.
    pub async fn of(players: &[&str]) -> Self {
        let store = Store::in_memory(Clock::with_tokio(START));
        let flexmatch = FlexMatch::default();
        let players: Vec<_> = players.iter().map(|&player| player.to_owned()).collect();
        let (id, kind) = (Self::TICKET, Kind::Match);
        let new = NewTicket { id, kind, players: &players, request: "{}", line: None, key: None, holder: "" };
        store.start(&new, Deadline::after(Duration::from_secs(5))).await.expect("the store is empty");
        let of_sdk: Vec<_> = players.iter().map(|id| Player::builder().player_id(id).build()).collect();
        let new = NewMatchmaking { ticket_id: id, configuration: "duel", players: &of_sdk };
        flexmatch.start_matchmaking(&new).await.expect("FlexMatch is empty");
        let search = Self { flexmatch, store, players: players.into() };
        search.comes_to(1, MatchmakingConfigurationStatus::Searching, Status::Searching, Told::default()).await;
        search
    }

    /// The search comes to a status in GameLift, and the store hears of it by an event of this second.
    ///
    /// # Panics
    /// When the store does not take the news.
    pub async fn comes_to(&self, second: u64, seen: MatchmakingConfigurationStatus, status: Status, told: Told) {
        self.flexmatch.moves(Self::TICKET, seen);
        self.hears(second, status, told).await;
    }

    /// The store hears an event of this second.
    ///
    /// # Panics
    /// When the store does not take the news.
    pub async fn hears(&self, second: u64, status: Status, told: Told) {
        let news = News { at: START + Duration::from_secs(second), rank: 1, status, told };
        self.store.hear(Self::TICKET, &news).await.expect("the store takes news");
    }

    /// What is told of a match that has its game session: each player has `psess-<player>`, and is in the team `red`.
    pub fn placed(&self) -> Told {
        let sessions = self.players.iter().map(|player| (player.clone(), format!("psess-{player}")));
        let placed = Placed {
            game_session_id: "arn:gs-1".to_owned(),
            since: None,
            ip_address: Some("203.0.113.9".to_owned()),
            dns_name: None,
            port: Some(7777),
            player_sessions: sessions.collect(),
        };
        let teams = self.players.iter().map(|player| (player.clone(), "red".to_owned()));
        Told { match_id: Some("m-1".to_owned()), teams: teams.collect(), placed: Some(placed), ..Told::default() }
    }
}
