//! The events that the emulator sends, heard by a store.

use std::{sync::Arc, time::Duration};

use aws_sdk_gamelift::{
    Client,
    types::{AcceptanceType, FlexMatchMode, Player},
};
use emulator_core::events::Read;
use gamelift_emulator::{
    Clock, Emulator, Settings,
    seed::{Queue, Seed},
};
use matchmaking::events::{TicketNews, events, news};
use serde_json::json;
use shared::{clock::Clock as TimeOfDay, deadline::Deadline};
use store::{
    Store,
    records::{
        news::Status,
        starts::{NewTicket, Started},
        ticket::{Kind, Ticket},
    },
};
use testing::emulator;
use tokio::time::sleep;

const QUEUE: &str = "players";

/// An emulator with a queue and a clock that stands still, and its client.
async fn world() -> (Emulator, Client) {
    let queue = Queue {
        name: QUEUE.to_owned(),
        timeout_seconds: Some(600),
        destinations: vec![Settings::FLEET_ID.to_owned()],
        latency_policies: Vec::new(),
        priority_order: Vec::new(),
        location_order: Vec::new(),
        custom_event_data: None,
    };
    let seed = Seed { queues: vec![queue], ..Seed::default() };
    let settings = Settings { game_servers: 2, first_game_port: 0, seed, ..Settings::default() };
    let (emulator, endpoint) = emulator::start(&settings, Clock::stopped()).await;
    emulator.ready().await;
    let client = emulator::client(&endpoint).await;
    (emulator, client)
}

async fn store(ids: &[(&str, Kind)]) -> Store {
    let store = Store::in_memory(TimeOfDay::with_tokio(Duration::from_secs(1_772_359_200)));
    for (id, kind) in ids {
        let players = vec![format!("p-{id}")];
        let new = NewTicket { id, kind: *kind, players: &players, request: "{}", line: None, key: None, holder: "" };
        let deadline = Deadline::after(Duration::from_secs(10));
        assert!(matches!(store.start(&new, deadline).await.unwrap(), Started::New(_)));
    }
    store
}

/// All that the emulator has told so far.
async fn told(emulator: &Emulator) -> Vec<TicketNews> {
    let mut reader = emulator.events.read(Some(0));
    let mut told = Vec::new();
    for _ in 0..emulator.events.newest() {
        let Read::Event(event) = reader.next().await else { panic!("all events are kept") };
        let payload = serde_json::to_value(Arc::unwrap_or_clone(event)).unwrap();
        let [event] = events(&payload).try_into().unwrap();
        told.extend(news(&event.unwrap()).unwrap());
    }
    told
}

/// Lets time pass until a store that hears all events, in their order and then in the opposite one, knows the end of
/// this ticket. Both stores know the same.
async fn heard_to_the_end(emulator: &Emulator, ids: &[(&str, Kind)]) -> Vec<Ticket> {
    for _ in 0..2000 {
        emulator.clock.step(Duration::from_millis(500));
        emulator.settle();
        let told = told(emulator).await;
        let (forward, backward) = (store(ids).await, store(ids).await);
        for TicketNews { ticket, news } in &told {
            forward.hear(ticket, news).await.unwrap();
        }
        for TicketNews { ticket, news } in told.iter().rev() {
            backward.hear(ticket, news).await.unwrap();
        }
        let mut tickets = Vec::new();
        for (id, _) in ids {
            let (one, other) = (forward.ticket(id).await.unwrap(), backward.ticket(id).await.unwrap());
            assert_eq!(one.as_ref().unwrap().news, other.unwrap().news, "in any order");
            tickets.extend(one);
        }
        if tickets.iter().all(|ticket| ticket.news.status.is_end()) {
            return tickets;
        }
        // The sample game servers are on real sockets.
        sleep(Duration::from_millis(5)).await;
    }
    panic!("the tickets did not end");
}

async fn configure(client: &Client) {
    let rules = json!({
        "name": "pair", "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }],
    });
    client.create_matchmaking_rule_set().name("pair").rule_set_body(rules.to_string()).send().await.unwrap();
    let queue = client.describe_game_session_queues().names(QUEUE).send().await.unwrap();
    let queue = queue.game_session_queues()[0].game_session_queue_arn().unwrap();
    let call = client.create_matchmaking_configuration().name("duel").rule_set_name("pair");
    let call = call.game_session_queue_arns(queue).flex_match_mode(FlexMatchMode::WithQueue);
    let call = call.request_timeout_seconds(600).acceptance_required(true).acceptance_timeout_seconds(30);
    call.send().await.unwrap();
}

async fn start(client: &Client, id: &str) {
    let player = Player::builder().player_id(format!("p-{id}")).build();
    client.start_matchmaking().ticket_id(id).configuration_name("duel").players(player).send().await.unwrap();
}

#[tokio::test]
async fn a_match_is_heard_from_its_search_to_its_game_session() {
    let (emulator, client) = world().await;
    configure(&client).await;
    let ids = [("t-1", Kind::Match), ("t-2", Kind::Match)];
    for (id, _) in ids {
        start(&client, id).await;
    }
    emulator.clock.step(Duration::from_secs(2));
    emulator.settle();
    for (id, _) in ids {
        let call = client.accept_match().ticket_id(id).player_ids(format!("p-{id}"));
        call.acceptance_type(AcceptanceType::Accept).send().await.unwrap();
    }
    for ticket in heard_to_the_end(&emulator, &ids).await {
        assert_eq!(ticket.news.status, Status::Completed);
        let described = client.describe_matchmaking().ticket_ids(&ticket.id).send().await.unwrap();
        let described = &described.ticket_list()[0];
        let team = described.players()[0].team().unwrap();
        assert_eq!(ticket.news.told.teams, [(format!("p-{}", ticket.id), team.to_owned())].into());
        let described = described.game_session_connection_info().unwrap();
        let placed = ticket.news.told.placed.unwrap();
        assert_eq!(Some(placed.game_session_id.as_str()), described.game_session_arn());
        assert_eq!(placed.port.map(i32::from), described.port());
        let own: Vec<_> = placed.player_sessions.keys().collect();
        assert_eq!(own, [&format!("p-{}", ticket.id)]);
    }
}

#[tokio::test]
async fn a_stopped_search_and_a_placement_are_heard_to_their_end() {
    let (emulator, client) = world().await;
    configure(&client).await;
    start(&client, "t-1").await;
    emulator.clock.step(Duration::from_secs(2));
    client.stop_matchmaking().ticket_id("t-1").send().await.unwrap();
    let call = client.start_game_session_placement().placement_id("pl-1").game_session_queue_name(QUEUE);
    call.maximum_player_session_count(2).send().await.unwrap();
    let ids = [("t-1", Kind::Match), ("pl-1", Kind::Placement)];
    let [search, placement] = heard_to_the_end(&emulator, &ids).await.try_into().unwrap();
    assert_eq!(search.news.status, Status::Cancelled);
    let described = client.describe_game_session_placement().placement_id("pl-1").send().await.unwrap();
    let described = described.game_session_placement.unwrap();
    let placed = placement.news.told.placed.unwrap();
    assert_eq!(
        (placement.news.status, Some(placed.game_session_id.as_str())),
        (Status::Completed, described.game_session_arn())
    );
    assert_eq!(placed.port.map(i32::from), described.port());
}
