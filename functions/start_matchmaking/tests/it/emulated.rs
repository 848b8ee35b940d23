//! The route on the emulator, by the AWS SDK over a socket, with the events that the emulator sends.

use std::{sync::Arc, time::Duration};

use aws_sdk_gamelift::{
    Client,
    types::{FlexMatchMode, PlayerSessionStatus, TerminationMode},
};
use futures_util::future::join_all;
use gamelift_emulator::{
    Clock, Emulator, Settings,
    events::Read,
    seed::{Queue, Seed},
};
use matchmaking::{
    config::{LimitConfig, TicketConfig},
    tickets,
};
use serde_json::{Value, json};
use shared::{Endpoint, clock::Clock as TimeOfDay};
use start_matchmaking::StartMatchmaking;
use store::Store;
use testing::{
    emulator,
    events::{self, Answered},
    stock_client,
};
use tokio::{join, task::JoinHandle, time::sleep};

const QUEUE: &str = "players";

struct World {
    emulator: Emulator,
    client: Client,
    route: Endpoint<StartMatchmaking<Client>>,
    _events: JoinHandle<()>,
}

impl World {
    /// An emulator whose time runs ten times as fast, with matches of two.
    async fn new() -> Self {
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
        let settings = Settings { game_servers: 4, first_game_port: 0, seed, ..Settings::default() };
        let (emulator, endpoint) = emulator::start(&settings, Clock::new(10.0)).await;
        emulator.ready().await;
        let client = emulator::client(&endpoint).await;
        configure(&client).await;
        let store = Store::in_memory(TimeOfDay::system());
        let attributes = vec!["skill".to_owned(), "mode".to_owned()];
        let config = TicketConfig::new(vec!["duel".to_owned()], attributes, Vec::new()).unwrap();
        let route = StartMatchmaking::new(client.clone(), store.clone(), config, LimitConfig::default());
        let route = Endpoint::new(Ok(route), events::trusting());
        let events = tokio::spawn(record(emulator.clone(), client.clone(), store));
        Self { emulator, client, route, _events: events }
    }

    async fn asks(&self, body: &Value, headers: &[(&'static str, &str)]) -> Answered {
        let request = events::post("start_matchmaking", body);
        let request = headers.iter().fold(request, |request, (name, value)| events::with_header(request, name, value));
        events::call_endpoint(&self.route, request).await
    }

    /// Waits until the player session has ended: the sample game servers are on real sockets.
    async fn until_left(&self, id: &str) {
        let is_there = async || {
            let found = self.client.describe_player_sessions().player_session_id(id).send().await.unwrap();
            matches!(
                found.player_sessions()[0].status(),
                Some(PlayerSessionStatus::Reserved | PlayerSessionStatus::Active)
            )
        };
        while is_there().await {
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The ids of the player sessions in a game session.
    async fn players_in(&self, game_session: &str) -> Vec<String> {
        let found = self.client.describe_player_sessions().game_session_id(game_session).send().await.unwrap();
        let mut players: Vec<_> =
            found.player_sessions().iter().filter_map(|session| session.player_id()).map(str::to_owned).collect();
        players.sort();
        players
    }
}

/// What `record_event` does with every event.
async fn record(emulator: Emulator, client: Client, store: Store) {
    let mut reader = emulator.events.read(Some(0));
    while let Read::Event(event) = reader.next().await {
        let payload = serde_json::to_value(Arc::unwrap_or_clone(event)).unwrap();
        assert!(tickets::record(&client, &store, &payload).await.failure.is_none());
    }
}

async fn configure(client: &Client) {
    let rules = json!({
        "ruleLanguageVersion": "1.0", "teams": [{ "name": "all", "minPlayers": 2, "maxPlayers": 2 }],
        "playerAttributes": [
            { "name": "skill", "type": "number", "default": 10 },
            { "name": "mode", "type": "string", "default": "ranked" },
        ],
    });
    client.create_matchmaking_rule_set().name("pair").rule_set_body(rules.to_string()).send().await.unwrap();
    let queue = client.describe_game_session_queues().names(QUEUE).send().await.unwrap();
    let queue = queue.game_session_queues()[0].game_session_queue_arn().unwrap();
    let call = client.create_matchmaking_configuration().name("duel").rule_set_name("pair");
    let call = call.game_session_queue_arns(queue).flex_match_mode(FlexMatchMode::WithQueue);
    call.request_timeout_seconds(600).acceptance_required(false).send().await.unwrap();
}

/// The game session of an answer that the stock client takes.
fn entered(answer: &Answered) -> &str {
    assert_eq!(answer.status, 200, "{answer:?}");
    stock_client::connection(&answer.body.to_string()).unwrap();
    answer.body["GameSessionId"].as_str().unwrap()
}

#[tokio::test]
async fn two_players_find_each_other() {
    let world = World::new().await;
    let (ana, bob) = (json!({ "uuid": "ana" }), json!({ "uuid": "bob" }));
    let (ana, bob) = join!(world.asks(&ana, &[]), world.asks(&bob, &[]));
    assert_eq!(entered(&ana), entered(&bob));
    assert_ne!(ana.body["PlayerSessionId"], bob.body["PlayerSessionId"]);
    assert_eq!((&ana.body["MatchId"], &ana.body["Team"]), (&bob.body["MatchId"], &"all".into()));
    assert_eq!(world.players_in(entered(&ana)).await, ["ana", "bob"]);
}

#[tokio::test]
async fn a_party_comes_into_one_match_together() {
    let world = World::new().await;
    let answer = world.asks(&json!({ "uuids": ["ana", "bob"] }), &[]).await;
    assert_eq!(world.players_in(entered(&answer)).await, ["ana", "bob"]);
    let sessions = answer.body["PlayerSessions"].as_array().unwrap();
    assert_eq!((sessions.len(), &sessions[1]["PlayerId"]), (2, &"bob".into()));
}

#[tokio::test]
async fn six_calls_with_one_key_and_a_crashed_client_make_one_ticket() {
    let world = World::new().await;
    let ana = json!({ "uuid": "ana" });
    let key = [("idempotency-key", "k"), ("prefer", "respond-async")];
    let answers = join_all((0..6).map(|_| world.asks(&ana, &key))).await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.body["TicketId"] == answers[0].body["TicketId"]), "{answers:?}");
    let (anew, bob) = (json!({ "uuid": "ana" }), json!({ "uuid": "bob" }));
    let (ana, bob) = join!(world.asks(&anew, &[]), world.asks(&bob, &[]));
    assert_eq!(ana.body["TicketId"], answers[0].body["TicketId"], "the running search");
    assert_eq!(world.players_in(entered(&ana)).await, ["ana", "bob"]);
    assert_eq!(entered(&bob), entered(&ana));
    let again = world.asks(&anew, &[("idempotency-key", "k")]).await;
    assert_eq!(again.body, ana.body, "the answer again");
}

#[tokio::test]
async fn a_player_who_has_left_the_match_comes_into_another_one() {
    let world = World::new().await;
    let (ana, bob) = (json!({ "uuid": "ana" }), json!({ "uuid": "bob" }));
    let (first, _) = join!(world.asks(&ana, &[]), world.asks(&bob, &[]));
    assert_eq!(world.asks(&ana, &[]).await.body["PlayerSessionId"], first.body["PlayerSessionId"], "still reserved");
    let call = world.client.terminate_game_session().game_session_id(entered(&first));
    call.termination_mode(TerminationMode::TriggerOnProcessTerminate).send().await.unwrap();
    world.until_left(first.body["PlayerSessionId"].as_str().unwrap()).await;
    let (second, other) = join!(world.asks(&ana, &[]), world.asks(&bob, &[]));
    assert_ne!(entered(&second), entered(&first));
    assert_eq!(entered(&second), entered(&other));
}

#[tokio::test]
async fn a_configuration_that_gamelift_does_not_have_is_the_operators_to_mend() {
    let world = World::new().await;
    world.client.delete_matchmaking_configuration().name("duel").send().await.unwrap();
    let answer = world.asks(&json!({ "uuid": "ana" }), &[]).await;
    assert_eq!((answer.status, answer.code()), (500, Some("BACKEND_MISCONFIGURED")));
    assert!(answer.body["detail"].as_str().unwrap().contains("LIFTGATE_MATCHMAKING_CONFIGURATIONS"), "{answer:?}");
}

#[tokio::test]
async fn a_throttled_start_waits_for_its_turn() {
    let world = World::new().await;
    world.emulator.faults.add("StartMatchmaking=throttle:4".parse().unwrap());
    let answer = world.asks(&json!({ "uuid": "ana" }), &[("prefer", "wait=4")]).await;
    assert_eq!((answer.status, &answer.body["Status"]), (202, &"SEARCHING".into()));
}

#[tokio::test]
async fn an_attribute_of_another_type_is_named_and_the_good_ones_are_not() {
    let world = World::new().await;
    let body = json!({
        "uuid": "ana", "attributes": { "mode": "ranked", "skill": "high" }, "latencies_ms": { "us-west-2": 20 },
    });
    for call in ["first", "repeated"] {
        let answer = world.asks(&body, &[("idempotency-key", "k")]).await;
        assert_eq!((answer.status, answer.code()), (400, Some("INVALID_REQUEST")), "{call}: {answer:?}");
        let message = "attributes.skill has to have the type that the rule set declares for it: a string, a number, a list of strings or an object of numbers.";
        assert_eq!(answer.body["errors"], json!([{ "field": "attributes.skill", "message": message }]), "{call}");
    }
}
