//! A reconciler with a store in memory and a scripted GameLift.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws::gamelift::{DescribeMatchmaking, DescribePlacement, NewMatchmaking, StartMatchmaking, StopMatchmaking};
use aws_sdk_gamelift::types::{GameSessionPlacement, MatchmakingTicket};
use matchmaking::{
    config::ReconcileConfig,
    tickets::{RUN, Reconciled, SearchPlayer, SearchRequest, reconcile},
};
use reconcile::Reconcile;
use shared::{Code, Error, clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::{
        news::{News, Status, Told},
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::{
    failing_table::FailingTable,
    flexmatch::{FlexMatch, failure},
};
use tokio::time::{advance, sleep};

const START: Duration = Duration::from_secs(1_772_359_200);

/// A GameLift with tickets and placements.
#[derive(Clone, Debug, Default)]
pub(crate) struct GameLift {
    pub(crate) flexmatch: FlexMatch,
    placements: Arc<Mutex<BTreeMap<String, GameSessionPlacement>>>,
}

impl GameLift {
    pub(crate) fn has(&self, id: &str, placement: GameSessionPlacement) {
        self.placements.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), placement);
    }
}

impl StartMatchmaking for GameLift {
    async fn start_matchmaking(&self, new: &NewMatchmaking<'_>) -> Result<MatchmakingTicket, Error> {
        self.flexmatch.start_matchmaking(new).await
    }
}

impl DescribeMatchmaking for GameLift {
    async fn describe_matchmaking(&self, ticket_ids: &[String]) -> Result<Vec<MatchmakingTicket>, Error> {
        self.flexmatch.describe_matchmaking(ticket_ids).await
    }
}

impl StopMatchmaking for GameLift {
    async fn stop_matchmaking(&self, ticket_id: &str) -> Result<(), Error> {
        self.flexmatch.stop_matchmaking(ticket_id).await
    }
}

impl DescribePlacement for GameLift {
    async fn describe_placement(&self, id: &str) -> Result<GameSessionPlacement, Error> {
        sleep(Duration::from_millis(20)).await;
        let placements = self.placements.lock().unwrap_or_else(PoisonError::into_inner);
        placements.get(id).cloned().ok_or_else(|| failure(Code::SessionNotFound, "NotFoundException"))
    }
}

/// The reconciler, and what is behind it.
pub(crate) struct World {
    pub(crate) gamelift: GameLift,
    pub(crate) store: Store,
    pub(crate) table: Arc<FailingTable>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Clock::with_tokio(START);
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        Self { gamelift: GameLift::default(), store: Store::new(table.clone(), clock), table }
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
        self.gamelift.flexmatch.start_matchmaking(&new).await.unwrap();
    }

    /// Runs the function as it runs each minute.
    pub(crate) async fn runs(&self) {
        advance(Duration::from_secs(60)).await;
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
        self.gamelift.flexmatch.count(operation)
    }
}
