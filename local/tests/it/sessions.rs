//! Game sessions from creation to rejoin: the functions with the AWS SDK on the emulator, over sockets.

use std::time::Duration;

use aws_sdk_gamelift::{
    Client,
    types::{GameSessionPlacementState, GameSessionStatus, PlayerSessionCreationPolicy},
};
use create_session::CreateSession;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use futures_util::future::join_all;
use gamelift_emulator::{Clock, Emulator, Settings, gamelift::rules::PendingPlacement, seed};
use join_session::JoinSession;
use lambda_http::Request;
use matchmaking::config::{Candidate, FleetConfig, FleetRef};
use rstest::rstest;
use serde_json::{Value, json};
use shared::{Endpoint, Route};
use testing::{
    emulator,
    events::{Answered, answered, get, post, trusting, with_header},
};

/// A GameLift with functions in front of it.
struct Backend {
    emulator: Emulator,
    clock: Clock,
    gamelift: Client,
    create: Endpoint<CreateSession<Client>>,
    find_or_create: Endpoint<FindOrCreateSession<Client>>,
    join: Endpoint<JoinSession<Client>>,
}

impl Backend {
    async fn start(fleets: FleetConfig, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings =
            Settings { first_game_port: 0, activation_delay: Duration::from_millis(10), ..Settings::default() };
        change(&mut settings);
        let clock = Clock::new(1.0);
        let (emulator, endpoint) = emulator::start(&settings, clock.clone()).await;
        let gamelift = emulator::client_at(&endpoint, clock.clone()).await;
        let create = Endpoint::new(Ok(CreateSession::without_limits(gamelift.clone(), fleets.clone())), trusting());
        let find_or_create = FindOrCreateSession::without_limits(gamelift.clone(), fleets.clone());
        let find_or_create = Endpoint::new(Ok(find_or_create), trusting());
        let join = Endpoint::new(Ok(JoinSession::without_limits(gamelift.clone(), fleets)), trusting());
        Self { emulator, clock, gamelift, create, find_or_create, join }
    }

    async fn create(&self, more: Value) -> Answered {
        self.send(&self.create, creation(more)).await
    }

    async fn find_or_create(&self, more: Value) -> Answered {
        self.send(&self.find_or_create, creation(more)).await
    }

    async fn join(&self, body: Value) -> Answered {
        self.send(&self.join, post("join_session", &body)).await
    }

    async fn send<R: Route>(&self, route: &Endpoint<R>, request: Request) -> Answered {
        answered(&route.answer(request).await)
    }

    /// Returns the game sessions that have not ended.
    async fn living(&self) -> Vec<String> {
        let fleet = self.gamelift.describe_game_sessions().fleet_id(Settings::FLEET_ID).send().await.unwrap();
        let sessions = fleet.game_sessions.unwrap().into_iter();
        let living = sessions.filter(|session| {
            matches!(session.status(), Some(GameSessionStatus::Active | GameSessionStatus::Activating))
        });
        living.map(|session| session.game_session_id.unwrap()).collect()
    }

    async fn players_in(&self, id: &Value) -> i32 {
        let session =
            self.gamelift.describe_game_sessions().game_session_id(id.as_str().unwrap()).send().await.unwrap();
        session.game_sessions()[0].current_player_session_count().unwrap()
    }

    async fn end(&self, id: &Value) {
        let id = id.as_str().unwrap();
        let mode = aws_sdk_gamelift::types::TerminationMode::TriggerOnProcessTerminate;
        self.gamelift.terminate_game_session().game_session_id(id).termination_mode(mode).send().await.unwrap();
    }
}

fn creation(more: Value) -> Request {
    let mut body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post("create_session", &body)
}

fn keyed(request: Request) -> Request {
    with_header(request, "idempotency-key", "key-1")
}

#[tokio::test]
async fn calls_with_one_key_make_one_game_session_and_one_player_session() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let create = || backend.send(&backend.create, keyed(creation(json!({}))));
    let (first, second) = tokio::join!(create(), create());
    let third = create().await;
    for answer in [&first, &second, &third] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["PlayerSessionId"], first.body["PlayerSessionId"]);
    }
    assert_eq!(backend.living().await.len(), 1);
}

#[tokio::test]
async fn joins_of_one_player_at_the_same_time_give_one_player_session() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let created = backend.create(json!({ "num_connections": 200 })).await;
    let join = || backend.join(json!({ "GameSessionId": created.body["GameSessionId"], "uuid": "player-2" }));
    let answers = join_all((0..50).map(|_| join())).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["PlayerSessionId"], answers[0].body["PlayerSessionId"]);
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    backend.send(&backend.create, keyed(creation(json!({})))).await;
    for other in
        [json!({ "num_connections": 5 }), json!({ "session_name": "B" }), json!({ "game_properties": { "a": "b" } })]
    {
        let refused = backend.send(&backend.create, keyed(creation(other))).await;
        assert_eq!((refused.status, refused.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")));
    }
    let others = creation(json!({ "uuid": "player-2", "num_connections": 5 }));
    assert_eq!(backend.send(&backend.create, keyed(others)).await.status, 200, "a key is its player's own");
}

#[tokio::test]
async fn a_key_whose_game_session_is_over_is_used_up() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let first = backend.send(&backend.create, keyed(creation(json!({})))).await;
    backend.end(&first.body["GameSessionId"]).await;
    let repeat = backend.send(&backend.create, keyed(creation(json!({})))).await;
    assert_eq!((repeat.status, repeat.code()), (409, Some("SESSION_NOT_JOINABLE")), "{}", repeat.body);
    assert_eq!(repeat.body["GameSessionId"], first.body["GameSessionId"]);
}

#[tokio::test]
async fn a_key_whose_game_session_nobody_ever_got_into_makes_another() {
    let slow = |settings: &mut Settings| settings.activation_delay = Duration::from_secs(3600);
    let backend = Backend::start(FleetConfig::default(), slow).await;
    let first = with_header(keyed(creation(json!({}))), "prefer", "respond-async");
    let first = backend.send(&backend.create, first).await;
    assert_eq!(first.status, 202);
    backend.end(&first.body["GameSessionId"]).await;
    let again = with_header(keyed(creation(json!({}))), "prefer", "respond-async");
    let again = backend.send(&backend.create, again).await;
    assert_eq!(again.status, 202, "{}", again.body);
    assert_ne!(again.body["GameSessionId"], first.body["GameSessionId"]);
}

#[tokio::test]
async fn what_is_still_starting_is_gone_on_with_by_joining() {
    let slow = |settings: &mut Settings| settings.activation_delay = Duration::from_secs(60);
    let backend = Backend::start(FleetConfig::default(), slow).await;
    let created = backend.send(&backend.create, with_header(creation(json!({})), "prefer", "respond-async")).await;
    let id = &created.body["GameSessionId"];
    assert_eq!((created.status, &created.body["Status"]), (202, &json!("ACTIVATING")));

    let join = || post("join_session", &json!({ "GameSessionId": id, "uuid": "player-1" }));
    let early = backend.send(&backend.join, with_header(join(), "prefer", "respond-async")).await;
    assert_eq!((early.status, &early.body["GameSessionId"]), (202, id));
    let waiting = backend.send(&backend.join, join());
    let activation = async { backend.clock.step(Duration::from_secs(60)) };
    let (joined, _) = tokio::join!(waiting, activation);
    assert_eq!((joined.status, &joined.body["GameSessionId"]), (200, id), "{}", joined.body);
}

#[tokio::test]
async fn a_player_who_joins_again_is_not_counted_twice() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let created = backend.create(json!({ "num_connections": 2 })).await;
    let id = &created.body["GameSessionId"];
    let first = backend.join(json!({ "GameSessionId": id, "uuid": "player-2" })).await;
    let again = backend.join(json!({ "GameSessionId": id, "uuid": "player-2" })).await;
    assert_eq!(again.body["PlayerSessionId"], first.body["PlayerSessionId"]);
    assert!(again.body["ReservationExpiresAt"].is_string());
    assert_eq!(backend.players_in(id).await, 2);
    let full = backend.join(json!({ "GameSessionId": id, "uuid": "player-3" })).await;
    assert_eq!((full.status, full.code()), (409, Some("SESSION_FULL")));

    backend.clock.step(Duration::from_secs(61));
    let late = backend.join(json!({ "GameSessionId": id, "uuid": "player-2" })).await;
    assert_eq!(late.status, 200);
    assert_ne!(late.body["PlayerSessionId"], first.body["PlayerSessionId"], "the reservation had run out");
}

#[tokio::test]
async fn a_player_rejoins_the_last_game_session_that_still_runs() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let none = backend.join(json!({ "uuid": "player-1" })).await;
    assert_eq!((none.status, none.code()), (404, Some("NO_SESSION_TO_REJOIN")));

    let old = backend.create(json!({ "session_name": "old" })).await;
    backend.clock.step(Duration::from_secs(5));
    let new = backend.create(json!({ "session_name": "new" })).await;
    // The reservations expire, but the player can rejoin.
    backend.clock.step(Duration::from_secs(61));
    let rejoined = backend.join(json!({ "uuid": "player-1" })).await;
    assert_eq!((rejoined.status, &rejoined.body["GameSessionId"]), (200, &new.body["GameSessionId"]));

    backend.end(&new.body["GameSessionId"]).await;
    let rejoined = backend.join(json!({ "uuid": "player-1" })).await;
    assert_eq!((rejoined.status, &rejoined.body["GameSessionId"]), (200, &old.body["GameSessionId"]));
}

#[tokio::test]
async fn a_party_joins_together_or_not_at_all() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let created = backend.create(json!({ "num_connections": 3 })).await;
    let id = &created.body["GameSessionId"];
    let too_many = json!({ "GameSessionId": id, "uuids": ["a", "b", "c"] });
    assert_eq!(backend.join(too_many).await.code(), Some("SESSION_FULL"));
    assert_eq!(backend.players_in(id).await, 1);

    let joined = backend.join(json!({ "GameSessionId": id, "uuids": ["a", "b"] })).await;
    assert_eq!(joined.body["PlayerSessions"].as_array().unwrap().len(), 2, "{}", joined.body);
    let member = backend.join(json!({ "GameSessionId": id, "uuid": "b" })).await;
    assert_eq!(member.body["PlayerSessionId"], joined.body["PlayerSessions"][1]["PlayerSessionId"]);
    assert_eq!(backend.players_in(id).await, 3);
}

fn through_a_queue(settings: &mut Settings) {
    settings.seed.queues = vec![seed::Queue {
        name: "players".to_owned(),
        timeout_seconds: Some(600),
        destinations: vec![Settings::FLEET_ID.to_owned()],
        latency_policies: Vec::new(),
        custom_event_data: None,
        location_order: Vec::new(),
        priority_order: Vec::new(),
    }];
}

fn queue() -> FleetConfig {
    FleetConfig { queue: Some("players".to_owned()), ..FleetConfig::default() }
}

#[tokio::test]
async fn a_queue_places_with_the_same_answer() {
    let backend = Backend::start(queue(), through_a_queue).await;
    let created = backend.create(json!({ "latencies_ms": { "us-west-2": 20, "eu-west-1": "90.5" } })).await;
    assert_eq!(created.status, 200, "{}", created.body);
    assert_eq!((&created.body["PlayerId"], &created.body["Status"]), (&json!("player-1"), &json!("RESERVED")));
    assert!(created.body["Port"].is_u64());

    let properties = json!({ "uuid": "player-2", "game_properties": { "mode": "ffa", "map": "Forest" } });
    let create = || backend.send(&backend.create, keyed(creation(properties.clone())));
    let (first, second) = (create().await, create().await);
    assert_eq!((second.status, &second.body["PlayerSessionId"]), (200, &first.body["PlayerSessionId"]));
    let other = keyed(creation(json!({ "uuid": "player-2" })));
    assert_eq!(backend.send(&backend.create, other).await.code(), Some("IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(backend.living().await.len(), 2);
}

#[tokio::test]
async fn latencies_that_gamelift_does_not_take_are_named() {
    let backend = Backend::start(queue(), |settings| {
        through_a_queue(settings);
        settings.faults = vec!["StartGameSessionPlacement=exception:InvalidRequestException".parse().unwrap()];
    })
    .await;
    let refused = backend.create(json!({ "latencies_ms": { "us-west-2": 20, "mars-north-1": 900 } })).await;
    assert_eq!((refused.status, refused.code()), (400, Some("INVALID_REQUEST")), "{}", refused.body);
    assert_eq!(bad_fields(&refused), ["latencies_ms.us-west-2", "latencies_ms.mars-north-1"], "GameLift names none");
    let ours = backend.create(json!({})).await;
    assert_eq!((ours.code(), bad_fields(&ours).len()), (Some("BACKEND_MISCONFIGURED"), 0));
}

#[tokio::test]
async fn a_location_that_gamelift_does_not_take_is_named() {
    let fleet = FleetRef::Fleet(Settings::FLEET_ID.to_owned());
    let candidates = vec![Candidate { fleet, locations: vec!["custom-elsewhere".to_owned()] }];
    let backend = Backend::start(FleetConfig { candidates, ..FleetConfig::default() }, |_| {}).await;
    let refused = backend.create(json!({ "location": "custom-elsewhere" })).await;
    assert_eq!((refused.status, refused.code()), (400, Some("INVALID_REQUEST")), "{}", refused.body);
    assert_eq!(bad_fields(&refused), ["location"]);
    let ours = backend.create(json!({})).await;
    assert_eq!((ours.code(), bad_fields(&ours).len()), (Some("BACKEND_MISCONFIGURED"), 0));
}

fn bad_fields(answer: &Answered) -> Vec<&str> {
    let errors = answer.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_full_queue_is_gone_on_with_by_the_placement() {
    let full = |settings: &mut Settings| {
        through_a_queue(settings);
        settings.game_servers = 1;
    };
    let backend = Backend::start(queue(), full).await;
    let holder = backend.create(json!({})).await;
    assert_eq!(holder.status, 200);

    let impatient = with_header(creation(json!({ "uuid": "player-2" })), "prefer", "wait=1");
    let pending = backend.send(&backend.create, impatient).await;
    assert_eq!((pending.status, &pending.body["Status"]), (202, &json!("ACTIVATING")), "{}", pending.body);
    let join = post("join_session", &json!({ "PlacementId": pending.body["PlacementId"], "uuid": "player-2" }));
    let waiting = backend.send(&backend.join, join);
    let (joined, ()) = tokio::join!(waiting, backend.end(&holder.body["GameSessionId"]));
    assert_eq!((joined.status, &joined.body["PlayerId"]), (200, &json!("player-2")), "{}", joined.body);
    backend.emulator.settle();
}

/// A `PlacementId` can be used once. AWS leaves open whether the same request may use it again while PENDING.
#[rstest]
#[case::refused(PendingPlacement::Refused)]
#[case::same(PendingPlacement::Same)]
#[tokio::test]
async fn a_placement_that_is_there_already_is_gone_on_with(#[case] pending_placement: PendingPlacement) {
    let one_server = |settings: &mut Settings| {
        through_a_queue(settings);
        settings.seed.gamelift_rules.pending_placement = pending_placement;
        settings.game_servers = 1;
    };
    let backend = Backend::start(queue(), one_server).await;
    let holder = backend.create(json!({})).await;
    assert_eq!(holder.status, 200, "{}", holder.body);

    // While it is PENDING: two calls at the same time, and one more.
    let wanted = || keyed(with_header(creation(json!({ "uuid": "player-2" })), "prefer", "wait=1"));
    let create = || backend.send(&backend.create, wanted());
    let (first, second) = tokio::join!(create(), create());
    for pending in [&first, &second, &create().await] {
        assert_eq!((pending.status, &pending.body["Status"]), (202, &json!("ACTIVATING")), "{}", pending.body);
        assert_eq!(pending.body["PlacementId"], first.body["PlacementId"]);
    }
    // After it was CANCELLED, the key stands for another placement.
    let id = first.body["PlacementId"].as_str().unwrap();
    backend.gamelift.stop_game_session_placement().placement_id(id).send().await.unwrap();
    let next = create().await;
    assert_eq!(next.status, 202, "{}", next.body);
    assert_ne!(next.body["PlacementId"], first.body["PlacementId"]);
    // After it was FULFILLED, the key stands for its game session.
    backend.end(&holder.body["GameSessionId"]).await;
    let placed = backend.send(&backend.create, keyed(creation(json!({ "uuid": "player-2" })))).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert_eq!(create().await.body["PlayerSessionId"], placed.body["PlayerSessionId"]);
    assert_eq!(backend.living().await.len(), 1);
}

#[tokio::test]
async fn a_placement_that_has_replaced_another_is_not_left_behind_for_slots_elsewhere() {
    let one_server = |settings: &mut Settings| {
        through_a_queue(settings);
        settings.game_servers = 1;
    };
    let backend = Backend::start(queue(), one_server).await;
    let holder = backend.create(json!({})).await;
    let admit = |policy: PlayerSessionCreationPolicy| {
        let update = backend.gamelift.update_game_session().player_session_creation_policy(policy);
        update.game_session_id(holder.body["GameSessionId"].as_str().unwrap()).send()
    };
    admit(PlayerSessionCreationPolicy::DenyAll).await.unwrap();
    let find = || {
        let wanted = keyed(with_header(creation(json!({ "uuid": "player-2" })), "prefer", "wait=1"));
        backend.send(&backend.find_or_create, wanted)
    };
    let id = |pending: &Answered| pending.body["PlacementId"].as_str().unwrap().to_owned();
    let first = find().await;
    backend.gamelift.stop_game_session_placement().placement_id(id(&first)).send().await.unwrap();
    let second = find().await;
    assert_ne!(id(&second), id(&first));

    admit(PlayerSessionCreationPolicy::AcceptAll).await.unwrap();
    let found = find().await;
    assert_eq!((found.status, &found.body["GameSessionId"]), (200, &holder.body["GameSessionId"]), "{}", found.body);
    let placement = backend.gamelift.describe_game_session_placement().placement_id(id(&second)).send().await.unwrap();
    let status = placement.game_session_placement.unwrap().status;
    assert_eq!(status, Some(GameSessionPlacementState::Cancelled));
}

#[rstest]
#[case::refused(PendingPlacement::Refused)]
#[case::same(PendingPlacement::Same)]
#[tokio::test]
async fn a_placement_whose_answer_was_lost_is_found(#[case] pending_placement: PendingPlacement) {
    for more in [json!({}), json!({ "uuid": "player-2" })] {
        let cut = |settings: &mut Settings| {
            through_a_queue(settings);
            settings.seed.gamelift_rules.pending_placement = pending_placement;
            settings.faults = vec!["StartGameSessionPlacement=cut:1".parse().unwrap()];
        };
        let backend = Backend::start(queue(), cut).await;
        let request = creation(more.clone());
        let request = if more == json!({}) { request } else { keyed(request) };
        let created = backend.send(&backend.create, request).await;
        assert_eq!(created.status, 200, "{}", created.body);
        assert_eq!(backend.living().await, [created.body["GameSessionId"].as_str().unwrap()]);
    }
}

#[tokio::test]
async fn the_fullest_open_game_session_is_preferred_to_a_new_one() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let emptier = backend.create(json!({})).await;
    let fuller = backend.create(json!({ "uuids": ["a", "b"] })).await;
    let full = backend.create(json!({ "uuids": ["c", "d", "e"] })).await;
    for (player, id) in [("f", &fuller), ("g", &emptier)] {
        let found = backend.find_or_create(json!({ "uuid": player })).await;
        assert_eq!((found.status, &found.body["GameSessionId"]), (200, &id.body["GameSessionId"]), "{}", found.body);
    }
    let party = backend.find_or_create(json!({ "uuid": "h", "uuids": ["i", "j"] })).await;
    for other in [&emptier, &fuller, &full] {
        assert_ne!(party.body["GameSessionId"], other.body["GameSessionId"], "nobody is left behind");
    }
    assert_eq!(party.body["PlayerSessions"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn only_a_game_session_that_fits_is_entered() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let forest = backend.create(json!({ "game_properties": { "map": "Bob's Forest", "odd.key": "1" } })).await;
    let id = &forest.body["GameSessionId"];
    let alike = json!({ "uuid": "a", "game_properties": { "map": "Bob's Forest", "odd.key": "1" } });
    assert_eq!(backend.find_or_create(alike).await.body["GameSessionId"], *id);
    let filter = json!({ "uuid": "b", "filter": { "property.map": "Bob's Forest", "min_free_slots": 2 } });
    assert_eq!(backend.find_or_create(filter).await.body["GameSessionId"], *id);
    for other in [
        json!({ "uuid": "c", "game_properties": { "map": "Bob's Forest", "odd.key": "2" } }),
        json!({ "uuid": "d", "filter": { "name": "Another match" } }),
        json!({ "uuid": "e", "game_properties": { "map": "Desert" } }),
    ] {
        let found = backend.find_or_create(other).await;
        assert_eq!(found.status, 200, "{}", found.body);
        assert_ne!(found.body["GameSessionId"], *id);
    }
}

#[tokio::test]
async fn a_closed_game_session_and_one_that_fills_up_lead_to_the_next() {
    let backend = Backend::start(FleetConfig::default(), |settings| {
        settings.faults = vec!["CreatePlayerSessions=reservation_race:1".parse().unwrap()];
    })
    .await;
    // The fault takes the slot of the first reservation, so the creator gets another game session.
    let first = backend.create(json!({ "num_connections": 1 })).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let found = backend.find_or_create(json!({ "uuid": "a" })).await;
    assert_ne!(found.body["GameSessionId"], first.body["GameSessionId"]);
}

#[tokio::test]
async fn a_repeated_search_with_a_key_ends_in_the_same_place() {
    let backend = Backend::start(FleetConfig::default(), |_| {}).await;
    let find = |key: &'static str| async {
        backend
            .send(&backend.find_or_create, with_header(creation(json!({ "uuid": "a" })), "idempotency-key", key))
            .await
    };
    let created = find("key-1").await;
    let repeated = find("key-1").await;
    assert_eq!(repeated.body["PlayerSessionId"], created.body["PlayerSessionId"], "made by the key");

    let other = backend.create(json!({ "uuid": "b", "game_properties": { "map": "Forest" } })).await;
    let forest = || async {
        let body = creation(json!({ "uuid": "c", "filter": { "property.map": "Forest" } }));
        backend.send(&backend.find_or_create, with_header(body, "idempotency-key", "key-2")).await
    };
    let (found, repeated) = (forest().await, forest().await);
    assert_eq!(found.body["GameSessionId"], other.body["GameSessionId"]);
    assert_eq!(repeated.body["PlayerSessionId"], found.body["PlayerSessionId"], "found by the key");
    assert_eq!(backend.players_in(&other.body["GameSessionId"]).await, 2);
}

#[tokio::test]
async fn a_search_with_a_key_does_not_end_in_what_another_game_of_the_account_has_reserved() {
    let theirs = Backend::start(FleetConfig::default(), |_| {}).await;
    let reserved = theirs.create(json!({})).await;
    assert_eq!(reserved.status, 200);
    let fleet = FleetRef::Fleet("fleet-ours".to_owned());
    let candidates = vec![Candidate { fleet, locations: vec![Settings::LOCATION.to_owned()] }];
    let ours = FindOrCreateSession::without_limits(
        theirs.gamelift.clone(),
        FleetConfig { candidates, ..FleetConfig::default() },
    );
    let found = theirs.send(&Endpoint::new(Ok(ours), trusting()), keyed(creation(json!({})))).await;
    // The fleet does not exist.
    assert_eq!(found.code(), Some("NO_FLEET"), "{}", found.body);
}

/// A player takes every slot that `find_session` shows, while others start game sessions.
#[tokio::test]
async fn whoever_starts_a_game_session_is_in_it_first() {
    let slow = |settings: &mut Settings| settings.activation_delay = Duration::from_millis(1500);
    let backend = Backend::start(FleetConfig::default(), slow).await;
    let find = FindSession::new(backend.gamelift.clone(), FleetConfig::default());
    let find = Endpoint::new(Ok(find), trusting());
    let strangers = async {
        for number in 0.. {
            let found =
                backend.send(&find, get("find_session", &[("min_free_slots", &(number % 4 + 1).to_string())])).await;
            for session in found.body.as_array().into_iter().flatten() {
                let strangers = [0, 1, 2, 3].map(|stranger| format!("stranger-{number}-{stranger}"));
                backend.join(json!({ "GameSessionId": session["GameSessionId"], "uuids": strangers })).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let creators = async {
        let create = |player: &str| backend.create(json!({ "uuid": player }));
        tokio::join!(create("creator-1"), create("creator-2"), create("creator-3"))
    };
    let (first, second, third) = tokio::select! {
        answers = creators => answers,
        () = strangers => unreachable!("they do not stop"),
    };
    let answers = [first, second, third];
    assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers.map(|answer| answer.body));
    assert_eq!(backend.living().await.len(), 3, "none was started in vain");
}

#[tokio::test]
async fn a_throttled_search_starts_no_game_server() {
    let backend = Backend::start(FleetConfig::default(), |settings| {
        settings.faults = vec!["SearchGameSessions=throttle:3".parse().unwrap()];
    })
    .await;
    let open = backend.create(json!({ "num_connections": 200 })).await;
    let found = backend.find_or_create(json!({ "uuid": "player-2" })).await;
    assert_eq!((found.status, &found.body["GameSessionId"]), (200, &open.body["GameSessionId"]), "{}", found.body);
}
