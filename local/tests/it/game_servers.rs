//! Game sessions on game servers of a `FleetIQ` group: the functions with the AWS SDK on the emulator, over sockets,
//! and a game server that calls the routes as documented.

use std::time::Duration;

use create_session::CreateSession;
use find_or_create_session::FindOrCreateSession;
use find_session::FindSession;
use gamelift_emulator::{Clock, Settings};
use join_session::JoinSession;
use lambda_http::Request;
use matchmaking::{
    config::{FleetConfig, GameServerConfig},
    game_servers::player_session_id,
};
use register_game_server::GameServerRoutes;
use serde_json::{Value, json};
use shared::Service;
use testing::{
    emulator,
    events::{Answered, answered, get, post, trusting, with_header},
    stock_client,
};

type Client = aws_sdk_gamelift::Client;

/// A GameLift with functions in front of it.
struct Backend {
    clock: Clock,
    gamelift: Client,
    fleets: FleetConfig,
}

impl Backend {
    async fn start() -> Self {
        let settings = Settings { game_servers: 0, first_game_port: 0, ..Settings::default() };
        let clock = Clock::stopped();
        let (_, endpoint) = emulator::start(&settings, clock.clone()).await;
        let gamelift = emulator::client(&endpoint).await;
        let group = Some(Settings::GAME_SERVER_GROUP.to_owned());
        Self { clock, gamelift, fleets: FleetConfig { game_server_group: group, ..FleetConfig::default() } }
    }

    async fn send(&self, service: impl Service, request: Request) -> Answered {
        answered(&service.answer(request).await)
    }

    async fn create(&self, request: Request) -> Answered {
        let route = CreateSession::without_limits(self.gamelift.clone(), self.fleets.clone());
        self.send(shared::Endpoint::new(Ok(route), trusting()), request).await
    }

    async fn find_or_create(&self, request: Request) -> Answered {
        let route = FindOrCreateSession::without_limits(self.gamelift.clone(), self.fleets.clone());
        self.send(shared::Endpoint::new(Ok(route), trusting()), request).await
    }

    async fn find(&self, query: &[(&str, &str)]) -> Answered {
        let route = FindSession::new(self.gamelift.clone(), self.fleets.clone());
        self.send(shared::Endpoint::new(Ok(route), trusting()), get("find_session", query)).await
    }

    async fn join(&self, body: Value) -> Answered {
        let route = JoinSession::without_limits(self.gamelift.clone(), self.fleets.clone());
        self.send(shared::Endpoint::new(Ok(route), trusting()), post("join_session", &body)).await
    }

    /// Sends a call of a game server.
    async fn server(&self, request: Request) -> Answered {
        let config = GameServerConfig::new(vec![Settings::GAME_SERVER_GROUP.to_owned()], true).unwrap();
        self.send(GameServerRoutes::new(Ok((self.gamelift.clone(), config)), trusting()), request).await
    }

    async fn register(&self, id: &str, connection_info: &str) {
        let body =
            json!({ "game_server_id": id, "instance_id": Settings::INSTANCE_ID, "connection_info": connection_info });
        let registered = self.server(post("register_game_server", &body)).await;
        assert_eq!(registered.status, 200, "{}", registered.body);
    }

    /// Registers a game server past Liftgate, whose route would have refused it.
    async fn register_as_it_is(&self, id: &str, connection_info: Option<&str>) {
        let call = self.gamelift.register_game_server().game_server_group_name(Settings::GAME_SERVER_GROUP);
        let call = call.game_server_id(id).instance_id(Settings::INSTANCE_ID);
        call.set_connection_info(connection_info.map(str::to_owned)).send().await.unwrap();
    }

    async fn update(&self, id: &str, change: Value) -> Answered {
        let mut body = json!({ "game_server_id": id });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.server(post("update_game_server", &body)).await
    }

    /// Reports `players` players, as the game server does once its players have connected.
    async fn utilize(&self, id: &str, players: i32) -> Value {
        let known = self.update(id, json!({ "health_check": "HEALTHY" })).await;
        let mut data = data(&known);
        data["CurrentPlayerSessionCount"] = players.into();
        let change = json!({ "utilization_status": "UTILIZED", "game_server_data": data.to_string() });
        let utilized = self.update(id, change).await;
        assert_eq!(utilized.body["GameServer"]["UtilizationStatus"], "UTILIZED", "{}", utilized.body);
        data
    }

    /// Registers a game server with a game session that has `players`, and returns the answer to the creation.
    async fn hosting(&self, id: &str, more: Value, players: i32) -> Answered {
        self.register(id, "203.0.113.40:7777").await;
        let created = self.create(creation(more)).await;
        assert_eq!((created.status, &created.body["GameServerId"]), (200, &json!(id)), "{}", created.body);
        self.utilize(id, players).await;
        created
    }
}

/// Returns the data of the game server in an answer.
fn data(answered: &Answered) -> Value {
    serde_json::from_str(answered.body["GameServer"]["GameServerData"].as_str().unwrap()).unwrap()
}

fn creation(more: Value) -> Request {
    let mut body = json!({ "session_name": "A match", "uuid": "player-1", "num_connections": 4 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post("create_session", &body)
}

fn keyed(more: Value) -> Request {
    with_header(creation(more), "idempotency-key", "key-1")
}

fn ids(found: &Answered) -> Vec<&str> {
    found.body.as_array().unwrap().iter().map(|session| session["GameSessionId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn from_registration_to_a_connection_and_to_the_end() {
    let backend = Backend::start().await;
    backend.register("arena-1", "203.0.113.40:7777").await;
    assert_eq!(ids(&backend.find(&[]).await), [""; 0]);

    let more = json!({ "game_properties": { "map": "Forest" }, "game_session_data": "seed=7" });
    let created = backend.create(creation(more)).await;
    let connection = stock_client::connection(&created.body.to_string()).unwrap();
    assert_eq!(connection.address, "203.0.113.40:7777");
    for (member, value) in [
        ("PlayerId", "player-1"),
        ("GameSessionId", "arena-1"),
        ("GameServerId", "arena-1"),
        ("GameServerGroupName", Settings::GAME_SERVER_GROUP),
        ("Status", "RESERVED"),
    ] {
        assert_eq!(created.body[member], value, "{}", created.body);
    }
    let listed = backend.server(get("game_servers", &[])).await;
    let server = &listed.body["GameServers"][0];
    assert_eq!((&server["ClaimStatus"], &server["LastClaimTime"]), (&json!("CLAIMED"), &created.body["CreationTime"]));
    assert!(created.body["ReservationExpiresAt"].is_string());
    assert_eq!(ids(&backend.find(&[]).await), [""; 0], "nobody has come yet");

    // The answer to its next report tells the game server of the claim and of the players who may connect.
    let told = backend.update("arena-1", json!({ "health_check": "HEALTHY" })).await;
    assert_eq!(told.body["GameServer"]["ClaimStatus"], "CLAIMED");
    let told = data(&told);
    assert_eq!((&told["Name"], &told["GameSessionData"]), (&json!("A match"), &json!("seed=7")));
    let session_key = told["SessionKey"].as_str().unwrap();
    assert_eq!(connection.player_session_id, player_session_id(session_key, "player-1"));
    assert_ne!(connection.player_session_id, player_session_id(session_key, "player-2"));

    backend.utilize("arena-1", 1).await;
    backend.clock.step(Duration::from_secs(61));
    let found = backend.find(&[("property.map", "Forest")]).await;
    let session = &stock_client::sessions(&found.body.to_string()).unwrap()[0];
    assert_eq!((session.name.as_str(), session.players), ("A match", (1, 4)));
    let text = found.body.to_string();
    assert!(!text.contains(session_key) && !text.contains("seed=7"), "{text}");

    let joined = backend.join(json!({ "GameSessionId": session.game_session_id, "uuid": "player-2" })).await;
    assert_eq!((joined.status, &joined.body["Status"]), (200, &json!("ACTIVE")), "{}", joined.body);
    assert_eq!(joined.body["PlayerSessionId"], player_session_id(session_key, "player-2"));
    assert_eq!(joined.body["ReservationExpiresAt"], Value::Null);

    let gone = backend.server(post("deregister_game_server", &json!({ "game_server_id": "arena-1" }))).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    assert_eq!(ids(&backend.find(&[]).await), [""; 0]);
    let late = backend.join(json!({ "GameServerId": "arena-1", "uuid": "player-3" })).await;
    assert_eq!((late.status, late.code()), (404, Some("GAME_SERVER_NOT_FOUND")));
}

#[tokio::test]
async fn where_players_connect_to() {
    for (info, ip, dns_name) in [
        ("[2001:db8::9]:7777", "2001:db8::9", Value::Null),
        ("arena.play.example.com:7777", "arena.play.example.com", json!("arena.play.example.com")),
        (r#"{"IpAddress":"203.0.113.9","DnsName":"a.example","Port":7777}"#, "203.0.113.9", json!("a.example")),
    ] {
        let backend = Backend::start().await;
        backend.register("arena-1", info).await;
        let created = backend.create(creation(json!({}))).await;
        let body = &created.body;
        assert_eq!((&body["IpAddress"], &body["DnsName"], &body["Port"]), (&json!(ip), &dns_name, &json!(7777)));
    }
}

#[tokio::test]
async fn a_game_server_that_nobody_can_connect_to_is_named() {
    for info in [Some("the third from the left"), None] {
        let backend = Backend::start().await;
        backend.register_as_it_is("arena-1", info).await;
        let refused = backend.create(creation(json!({}))).await;
        assert_eq!((refused.status, refused.code()), (500, Some("BACKEND_MISCONFIGURED")));
        assert_eq!(refused.body["GameServerId"], "arena-1");
        assert!(refused.body["detail"].as_str().unwrap().contains("ConnectionInfo"), "{}", refused.body);
    }
}

#[tokio::test]
async fn game_servers_that_nobody_can_connect_to_are_passed_over() {
    let creations: [fn(Value) -> Request; 2] = [creation, keyed];
    for create in creations {
        let backend = Backend::start().await;
        // The emulator claims the oldest game server first.
        backend.register_as_it_is("none", None).await;
        backend.register_as_it_is("words", Some("the third from the left")).await;
        backend.register("good-1", "10.0.0.8:7777").await;
        backend.register("good-2", "10.0.0.8:7778").await;
        let first = backend.create(create(json!({}))).await;
        assert_eq!((first.status, &first.body["IpAddress"]), (200, &json!("10.0.0.8")), "{}", first.body);
        let other = backend.find_or_create(create(json!({ "uuid": "player-2" }))).await;
        assert_eq!((other.status, &other.body["IpAddress"]), (200, &json!("10.0.0.8")), "{}", other.body);
        assert_ne!(first.body["GameServerId"], other.body["GameServerId"]);
    }
}

#[tokio::test]
async fn a_key_does_not_lead_back_to_a_game_server_that_was_passed_over() {
    let backend = Backend::start().await;
    backend.register_as_it_is("none", None).await;
    backend.register("good", "10.0.0.8:7777").await;
    let first = backend.create(keyed(json!({}))).await;
    assert_eq!(first.body["GameServerId"], "good", "{}", first.body);
    assert_eq!(backend.create(keyed(json!({}))).await.body, first.body);
    assert_eq!(backend.find_or_create(keyed(json!({}))).await.body, first.body);
}

#[tokio::test]
async fn a_game_session_that_nobody_can_connect_to_is_not_offered() {
    let backend = Backend::start().await;
    backend.hosting("good", json!({}), 1).await;
    backend.register_as_it_is("none", None).await;
    // A game server that has players' data but no connection info is neither found nor joined.
    let data = backend.update("good", json!({ "health_check": "HEALTHY" })).await;
    let data = data.body["GameServer"]["GameServerData"].clone();
    backend.update("none", json!({ "utilization_status": "UTILIZED", "game_server_data": data })).await;
    assert_eq!(ids(&backend.find(&[]).await), ["good"]);
    let found = backend.find_or_create(creation(json!({ "uuid": "player-2" }))).await;
    assert_eq!(found.body["GameServerId"], "good", "{}", found.body);
    let joined = backend.join(json!({ "GameServerId": "none", "uuid": "player-2" })).await;
    assert_eq!((joined.status, joined.code()), (500, Some("BACKEND_MISCONFIGURED")), "{}", joined.body);
}

#[tokio::test]
async fn a_key_leads_to_the_game_server_that_it_has_claimed() {
    let backend = Backend::start().await;
    for id in ["arena-1", "arena-2", "arena-3"] {
        backend.register(id, "203.0.113.40:7777").await;
    }
    let first = backend.create(keyed(json!({}))).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let again = backend.find_or_create(keyed(json!({}))).await;
    assert_eq!(again.body, first.body);
    let other = backend.create(keyed(json!({ "num_connections": 5 }))).await;
    assert_eq!((other.status, other.code()), (422, Some("IDEMPOTENCY_KEY_REUSED")));
    let others = backend.create(keyed(json!({ "uuid": "player-2" }))).await;
    assert_ne!(others.body["GameServerId"], first.body["GameServerId"], "a key is its player's own");

    let id = first.body["GameServerId"].as_str().unwrap();
    backend.utilize(id, 1).await;
    let playing = backend.create(keyed(json!({}))).await;
    assert_eq!((&playing.body["GameServerId"], &playing.body["Status"]), (&json!(id), &json!("ACTIVE")));
    assert_eq!(playing.body["PlayerSessionId"], first.body["PlayerSessionId"]);

    backend.server(post("deregister_game_server", &json!({ "game_server_id": id }))).await;
    let new = backend.create(keyed(json!({}))).await;
    assert_eq!(new.body["GameServerId"], "arena-3", "the first game is over");
}

#[tokio::test]
async fn a_claim_that_has_expired_is_made_anew() {
    let backend = Backend::start().await;
    backend.register("arena-1", "203.0.113.40:7777").await;
    let first = backend.create(keyed(json!({}))).await;
    backend.clock.step(Duration::from_secs(61));
    let late = backend.join(json!({ "GameServerId": "arena-1", "uuid": "player-2" })).await;
    assert_eq!((late.status, late.code()), (409, Some("SESSION_NOT_JOINABLE")), "nobody came");
    let again = backend.create(keyed(json!({}))).await;
    assert_eq!((again.status, &again.body["GameServerId"]), (200, &json!("arena-1")));
    assert_ne!(again.body["PlayerSessionId"], first.body["PlayerSessionId"]);
    assert_ne!(again.body["ReservationExpiresAt"], first.body["ReservationExpiresAt"]);
}

#[tokio::test]
async fn calls_at_the_same_time_with_one_key_end_on_one_game_server() {
    let backend = Backend::start().await;
    for id in ["arena-1", "arena-2"] {
        backend.register(id, "203.0.113.40:7777").await;
    }
    let (one, other) = tokio::join!(backend.create(keyed(json!({}))), backend.create(keyed(json!({}))));
    assert_eq!((one.status, &one.body), (200, &other.body));
}

#[tokio::test]
async fn the_fullest_open_game_session_is_preferred_to_a_new_one() {
    let backend = Backend::start().await;
    let forest = json!({ "game_properties": { "map": "Forest" } });
    backend.hosting("full", forest.clone(), 4).await;
    backend.hosting("fuller", forest.clone(), 3).await;
    backend.hosting("emptier", forest.clone(), 1).await;
    backend.hosting("desert", json!({ "game_properties": { "map": "Desert" } }), 1).await;
    backend.register("free", "203.0.113.40:7777").await;
    let find = async |more: Value| backend.find_or_create(creation(more)).await.body["GameServerId"].clone();
    assert_eq!(find(forest.clone()).await, "fuller");
    let party = json!({ "uuids": ["b", "c"], "game_properties": { "map": "Forest" } });
    assert_eq!(find(party).await, "emptier");
    assert_eq!(find(json!({ "filter": { "property.map": "Desert" } })).await, "desert");
    assert_eq!(find(json!({ "game_properties": { "map": "Sea" } })).await, "free");

    assert_eq!(ids(&backend.find(&[("sort", "emptiest"), ("property.map", "Forest")]).await), ["emptier", "fuller"]);
    let page = backend.find(&[("sort", "fullest"), ("limit", "1")]).await;
    assert_eq!(ids(&page), ["fuller"]);
    let token = page.header("liftgate-next-token").unwrap();
    let rest = backend.find(&[("sort", "fullest"), ("limit", "5"), ("next_token", token)]).await;
    assert_eq!(ids(&rest).len(), 2, "{}", rest.body);
    assert!(!ids(&rest).contains(&"fuller") && rest.header("liftgate-next-token").is_none());
}

#[tokio::test]
async fn what_a_game_servers_data_says_decides_who_joins() {
    let backend = Backend::start().await;
    backend.hosting("arena-1", json!({}), 3).await;
    let join = async |more: Value| {
        let mut body = json!({ "GameServerId": "arena-1" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        backend.join(body).await
    };
    assert_eq!(join(json!({ "uuids": ["a", "b"] })).await.code(), Some("SESSION_FULL"));
    assert_eq!(join(json!({ "uuid": "a" })).await.status, 200);
    let mut data = backend.utilize("arena-1", 3).await;
    data["PlayerSessionCreationPolicy"] = "DENY_ALL".into();
    backend.update("arena-1", json!({ "game_server_data": data.to_string() })).await;
    assert_eq!(join(json!({ "uuid": "a" })).await.code(), Some("SESSION_NOT_JOINABLE"));
    assert_eq!(ids(&backend.find(&[]).await), [""; 0]);
    backend.update("arena-1", json!({ "game_server_data": "not Liftgate's" })).await;
    assert_eq!(join(json!({ "uuid": "a" })).await.code(), Some("SESSION_NOT_JOINABLE"));

    assert_eq!(backend.join(json!({ "uuid": "a" })).await.code(), Some("NO_SESSION_TO_REJOIN"));
    let unknown = backend.join(json!({ "GameServerId": "arena-9", "uuid": "a" })).await;
    assert_eq!((unknown.status, unknown.code()), (404, Some("GAME_SERVER_NOT_FOUND")));
    let bad = backend.join(json!({ "GameSessionId": "arn:aws:gamelift", "uuid": "a" })).await;
    assert_eq!((bad.status, &bad.body["errors"][0]["field"]), (400, &json!("GameSessionId")));
}

#[tokio::test]
async fn a_party_gets_onto_one_game_server() {
    let backend = Backend::start().await;
    backend.register("arena-1", "203.0.113.40:7777").await;
    let created = backend.create(creation(json!({ "uuids": ["a", "b"] }))).await;
    let seats = created.body["PlayerSessions"].as_array().unwrap();
    let key = backend.update("arena-1", json!({ "health_check": "HEALTHY" })).await;
    assert_eq!(data(&key)["CurrentPlayerSessionCount"], 3);
    let key = data(&key)["SessionKey"].as_str().unwrap().to_owned();
    for (seat, player) in seats.iter().zip(["player-1", "a", "b"]) {
        assert_eq!(
            (&seat["PlayerId"], &seat["PlayerSessionId"]),
            (&json!(player), &json!(player_session_id(&key, player)))
        );
    }
}

#[tokio::test]
async fn what_the_game_servers_data_cannot_hold_is_refused_before_anything_is_claimed() {
    let backend = Backend::start().await;
    backend.register("arena-1", "203.0.113.40:7777").await;
    for (more, field) in [
        (json!({ "session_name": "ü".repeat(900) }), "session_name"),
        (json!({ "game_session_data": "x".repeat(2000) }), "game_session_data"),
        (json!({ "location": "us-west-2" }), "location"),
    ] {
        let refused = backend.create(creation(more)).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (400, &json!(field)), "{}", refused.body);
    }
    assert_eq!(backend.find(&[("location", "us-west-2")]).await.body["errors"][0]["field"], "location");
    let fits = backend.create(creation(json!({ "session_name": "ü".repeat(700) }))).await;
    assert_eq!(fits.status, 200, "{}", fits.body);
}

#[tokio::test]
async fn a_game_server_that_becomes_free_while_a_player_waits_is_the_players() {
    let backend = Backend::start().await;
    let late = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        backend.register("arena-1", "203.0.113.40:7777").await;
    };
    let (created, ()) = tokio::join!(backend.create(creation(json!({}))), late);
    assert_eq!((created.status, &created.body["GameServerId"]), (200, &json!("arena-1")), "{}", created.body);
}

#[tokio::test]
async fn a_game_server_whose_players_have_left_is_open_at_once() {
    let backend = Backend::start().await;
    backend.hosting("left", json!({}), 0).await;
    backend.register("free", "203.0.113.41:7777").await;
    let found = backend.find_or_create(creation(json!({ "uuid": "player-2" }))).await;
    assert_eq!((found.status, &found.body["GameServerId"]), (200, &json!("left")), "{}", found.body);
}
