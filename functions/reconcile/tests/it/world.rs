//! A reconciler with a store in memory and a scripted GameLift.

use std::{sync::Arc, time::Duration};

use aws::gamelift::{NewMatchmaking, StartMatchmaking as _};
use matchmaking::{
    config::ReconcileConfig,
    tickets::{RUN, Reconciled, SearchPlayer, SearchRequest, reconcile},
};
use reconcile::Reconcile;
use shared::{Error, clock::Clock, deadline::Deadline};
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
use tokio::time::advance;

const START: Duration = Duration::from_secs(1_772_359_200);

/// The reconciler, and what is behind it.
pub(crate) struct World {
    pub(crate) gamelift: FlexMatch,
    pub(crate) store: Store,
    pub(crate) table: Arc<FailingTable>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Clock::with_tokio(START);
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        Self { gamelift: FlexMatch::default(), store: Store::new(table.clone(), clock), table }
    }

    /// A ticket in the store, of which GameLift was not told.
    pub(crate) async fn started(&self, id: &str, kind: Kind) -> Ticket {
        let players = [format!("p-{id}")];
        let player = SearchPlayer { id: players[0].clone(), ..SearchPlayer::default() };
        let request =
            SearchRequest { configuration: "duel".to_owned(), players: vec![player], ..SearchRequest::default() }
                .text();
        let new = NewTicket { id, kind, players: &players, request: &request, line: None, key: None, holder: "" };
        let soon = Deadline::after(Duration::from_secs(5));
        let Started::New(ticket) = self.store.start(&new, soon).await.unwrap() else { panic!("a new player") };
        *ticket
    }

    /// A matchmaking ticket that searches, as the store knows.
    pub(crate) async fn searching(&self, id: &str) {
        self.started(id, Kind::Match).await;
        self.sent(id).await;
        let news = News { at: START, rank: 1, status: Status::Searching, told: Told::default() };
        self.store.hear(id, &news).await.unwrap();
    }

    /// GameLift has the ticket, whatever the store knows.
    pub(crate) async fn sent(&self, id: &str) {
        let new = NewMatchmaking { ticket_id: id, configuration: "duel", players: &[] };
        self.gamelift.start_matchmaking(&new).await.unwrap();
    }

    /// Runs the function as it runs each minute.
    pub(crate) async fn runs(&self) {
        advance(Duration::from_secs(60)).await;
        self.runs_now().await;
    }

    /// Runs the function.
    pub(crate) async fn runs_now(&self) {
        let function = Reconcile::new(self.gamelift.clone(), self.store.clone(), ReconcileConfig::default());
        function.run().await.unwrap();
    }

    /// Runs with this share of the rates, and tells what it came to.
    pub(crate) async fn reconcile(&self, percent: u32) -> Option<Reconciled> {
        let config = ReconcileConfig { percent, ..ReconcileConfig::default() };
        reconcile(&self.gamelift, &self.store, config, Deadline::after(RUN)).await.unwrap()
    }

    /// Runs, and tells whether it could.
    pub(crate) async fn try_to_reconcile(&self) -> Result<Option<Reconciled>, Error> {
        reconcile(&self.gamelift, &self.store, ReconcileConfig::default(), Deadline::after(RUN)).await
    }

    pub(crate) async fn status(&self, id: &str) -> Status {
        self.news(id).await.status
    }

    pub(crate) async fn news(&self, id: &str) -> News {
        self.store.ticket(id).await.unwrap().unwrap().news
    }

    /// How often GameLift was asked to do this.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.gamelift.count(operation)
    }
}
