//! A function with a store in memory, and the events that it gets.

use std::{sync::Arc, time::Duration};

use record_event::RecordEvent;
use serde_json::{Value, json};
use shared::{clock::Clock, deadline::Deadline};
use store::{
    Store,
    memory::Memory,
    records::{
        news::{News, Status},
        starts::{NewTicket, Started},
        ticket::Kind,
    },
};
use testing::{failing_table::FailingTable, flexmatch::FlexMatch};

/// The tickets of the stored events, and their players.
pub(crate) const TICKETS: [(&str, &str, Kind); 3] =
    [("t-ana", "p-ana", Kind::Match), ("t-bo", "p-bo", Kind::Match), ("pl-0001", "p-cy", Kind::Placement)];

/// When a test begins.
pub(crate) const START: Duration = Duration::from_secs(1_772_359_200);

/// The function, and what is behind it.
pub(crate) struct World {
    pub(crate) function: RecordEvent<FlexMatch>,
    pub(crate) flexmatch: FlexMatch,
    pub(crate) store: Store,
    pub(crate) table: Arc<FailingTable>,
}

impl World {
    /// A function whose store has the tickets of the stored events.
    pub(crate) async fn new() -> Self {
        let clock = Clock::with_tokio(START);
        let table = Arc::new(FailingTable::new(Arc::new(Memory::new(clock.clone()))));
        let store = Store::new(table.clone(), clock);
        for (id, player, kind) in TICKETS {
            let players = [player.to_owned()];
            let new = NewTicket { id, kind, players: &players, request: "{}", line: None, key: None, holder: "" };
            assert!(matches!(
                store.start(&new, Deadline::after(Duration::from_secs(10))).await.unwrap(),
                Started::New(_)
            ));
        }
        let flexmatch = FlexMatch::default();
        Self { function: RecordEvent::new(flexmatch.clone(), store.clone()), flexmatch, store, table }
    }

    pub(crate) async fn news(&self, ticket: &str) -> News {
        self.store.ticket(ticket).await.unwrap().unwrap().news
    }

    pub(crate) async fn status(&self, ticket: &str) -> Status {
        self.news(ticket).await.status
    }
}

/// The stored event of this case.
pub(crate) fn stored(case: &str) -> Value {
    serde_json::from_str(&testing::events::event(&format!("record_event.{case}"))).unwrap()
}

/// An event of FlexMatch, some milliseconds after the first one.
pub(crate) fn matchmaking(millis: u64, kind: &str, more: Value) -> Value {
    let mut event = stored("searching");
    event["id"] = json!(format!("5f1f7c02-0a55-4c9e-8a1b-{millis:012}"));
    event["time"] = json!(format!("2026-03-01T10:00:{:02}.{:03}Z", millis / 1000, millis % 1000));
    let player = |id: &str| json!([{ "playerId": id }]);
    event["detail"] = json!({ "type": kind, "matchId": "m-1", "tickets": [
        { "ticketId": "t-ana", "players": player("p-ana") }, { "ticketId": "t-bo", "players": player("p-bo") },
    ]});
    let Value::Object(more) = more else { panic!("members") };
    event["detail"].as_object_mut().unwrap().extend(more);
    event
}

/// The events as the records of one invocation by SNS.
pub(crate) fn by_sns(messages: &[String]) -> Value {
    let record = &stored("placement_by_sns")["Records"][0];
    let records = messages.iter().map(|message| {
        let mut record = record.clone();
        record["Sns"]["Message"] = json!(message);
        record
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}
