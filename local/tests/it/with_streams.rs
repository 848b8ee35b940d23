//! Game session and stream in one call: the functions with the AWS SDKs on the emulator, over sockets.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_gamelift::types::{GameServerUtilizationStatus, GameSessionQueueDestination, GameSessionStatus};
use create_session::CreateSession;
use find_or_create_session::FindOrCreateSession;
use gamelift_emulator::{Clock, Emulator, Settings};
use join_session::JoinSession;
use lambda_http::Request;
use matchmaking::{
    config::{ConnectArgs, FleetConfig, StreamConfig},
    streaming::Streaming,
};
use rstest::rstest;
use serde_json::{Value, json};
use shared::{Endpoint, Route};
use testing::{
    emulator,
    events::{Answered, answered, post, trusting, with_header},
    stock_client,
    streams::offer,
};

type GameLift = aws_sdk_gamelift::Client;
type Streams = aws_sdk_gameliftstreams::Client;

/// Both services with functions in front of them.
struct Backend {
    emulator: Emulator,
    gamelift: GameLift,
    streams: Streams,
    create: Endpoint<CreateSession<GameLift>>,
    find_or_create: Endpoint<FindOrCreateSession<GameLift>>,
    join: Endpoint<JoinSession<GameLift>>,
}

impl Backend {
    async fn start(fleets: FleetConfig, stream_start_delay: Duration) -> Self {
        let activation_delay = Duration::from_millis(10);
        let settings = Settings { first_game_port: 0, activation_delay, stream_start_delay, ..Settings::default() };
        let (emulator, endpoint) = emulator::start(&settings, Clock::new(1.0)).await;
        let loader = aws::clients::loader().unwrap().endpoint_url(&endpoint).region(Region::new(settings.region));
        let credentials = aws_sdk_gamelift::config::Credentials::new("a", "b", None, None, "test");
        let aws = loader.credentials_provider(credentials).load().await;
        let (gamelift, streams) = (GameLift::new(&aws), Streams::new(&aws));
        let template = "{IpAddress}:{Port}?PlayerSessionId={PlayerSessionId} -game={GameSessionId} -player={PlayerId}";
        let config = StreamConfig {
            stream_group: Settings::STREAM_GROUP_ID.to_owned(),
            applications: vec![Settings::APPLICATION_ID.to_owned()],
            connect_args: Some(ConnectArgs::parse(template).unwrap()),
            ..StreamConfig::default()
        };
        let streaming = || Streaming::new(Ok(config.clone()), || streams.clone());
        let create = CreateSession::without_limits(gamelift.clone(), fleets.clone()).with_streams(streaming());
        let find_or_create =
            FindOrCreateSession::without_limits(gamelift.clone(), fleets.clone()).with_streams(streaming());
        let join = JoinSession::without_limits(gamelift.clone(), fleets).with_streams(streaming());
        let create = Endpoint::new(Ok(create), trusting());
        let find_or_create = Endpoint::new(Ok(find_or_create), trusting());
        let join = Endpoint::new(Ok(join), trusting());
        Self { emulator, gamelift, streams, create, find_or_create, join }
    }

    async fn quick() -> Self {
        Self::start(FleetConfig::default(), Duration::from_millis(10)).await
    }

    async fn send<R: Route>(&self, route: &Endpoint<R>, request: Request) -> Answered {
        answered(&route.answer(request).await)
    }

    async fn create(&self, player: &str) -> Answered {
        self.send(&self.create, creation(player)).await
    }

    /// Returns the launch arguments of the stream session in an answer.
    async fn launch_args(&self, answered: &Answered) -> Vec<String> {
        let id = answered.body["Stream"]["StreamSessionId"].as_str().unwrap();
        let look = self.streams.get_stream_session().identifier(Settings::STREAM_GROUP_ID);
        look.stream_session_identifier(id).send().await.unwrap().additional_launch_args.unwrap()
    }

    async fn fleet_arn(&self) -> String {
        let fleets = self.gamelift.describe_fleet_attributes().fleet_ids(Settings::FLEET_ID).send().await.unwrap();
        fleets.fleet_attributes()[0].fleet_arn().unwrap().to_owned()
    }

    /// Returns the numbers of game sessions and of stream sessions that have not ended.
    async fn living(&self) -> (usize, usize) {
        let games = self.gamelift.describe_game_sessions().fleet_id(Settings::FLEET_ID).send().await.unwrap();
        let lives = |status: Option<&GameSessionStatus>| {
            matches!(status, Some(GameSessionStatus::Active | GameSessionStatus::Activating))
        };
        let games = games.game_sessions().iter().filter(|session| lives(session.status())).count();
        let streams = self.streams.list_stream_sessions().identifier(Settings::STREAM_GROUP_ID).send().await.unwrap();
        let is_over = |status: &str| ["ERROR", "TERMINATED", "TERMINATING"].contains(&status);
        let streams = streams.items().iter().filter(|one| !is_over(one.status().unwrap().as_str())).count();
        (games, streams)
    }
}

fn creation(player: &str) -> Request {
    post("create_session", &body(player))
}

fn body(player: &str) -> Value {
    json!({
        "session_name": "A match", "uuid": player, "num_connections": 4,
        "stream": { "signal_request": offer(&format!("of-{player}")) },
    })
}

/// Returns the arguments that the application of this answer's stream has to get.
fn expected_args(answered: &Answered, player: &str) -> Vec<String> {
    let connection = stock_client::connection(&answered.body.to_string()).unwrap();
    let game = answered.body["GameSessionId"].as_str().unwrap();
    vec![
        format!("{}?PlayerSessionId={}", connection.address, connection.player_session_id),
        format!("-game={game}"),
        format!("-player={player}"),
    ]
}

#[tokio::test]
async fn every_route_hands_its_game_session_to_the_streamed_application() {
    let backend = Backend::quick().await;
    let created = backend.create("player-1").await;
    assert_eq!((created.status, &created.body["Stream"]["Outcome"]), (200, &json!("STARTED")), "{}", created.body);
    assert!(created.body["Stream"]["SignalResponse"].as_str().unwrap().contains("answer"));
    assert_eq!(backend.launch_args(&created).await, expected_args(&created, "player-1"));

    backend.emulator.streams.client_connected(created.body["Stream"]["StreamSessionId"].as_str().unwrap()).unwrap();
    let found = backend.send(&backend.find_or_create, creation("player-2")).await;
    assert_eq!(found.body["GameSessionId"], created.body["GameSessionId"], "{}", found.body);
    assert_eq!(backend.launch_args(&found).await, expected_args(&found, "player-2"));

    let mut body = body("player-3");
    body["GameSessionId"] = created.body["GameSessionId"].clone();
    let joined = backend.send(&backend.join, post("join_session", &body)).await;
    assert_eq!(joined.status, 200, "{}", joined.body);
    assert_eq!(backend.launch_args(&joined).await, expected_args(&joined, "player-3"));
    assert_eq!(backend.living().await, (1, 3));
}

#[tokio::test]
async fn a_player_comes_back_to_the_stream_of_the_same_game_and_of_no_other() {
    let backend = Backend::quick().await;
    let created = backend.create("player-1").await;
    let id = created.body["Stream"]["StreamSessionId"].clone();
    let mut again = json!({ "uuid": "player-1", "stream": { "signal_request": offer("another") } });
    let back = backend.send(&backend.join, post("join_session", &again)).await;
    assert_eq!(
        (&back.body["Stream"]["Outcome"], &back.body["Stream"]["StreamSessionId"]),
        (&json!("RECONNECTED"), &id)
    );

    let elsewhere = backend.create("player-1").await;
    assert_eq!((elsewhere.status, elsewhere.code()), (409, Some("STREAM_IN_USE")), "{}", elsewhere.body);
    assert_eq!(elsewhere.body["StreamSessionId"], id);
    assert_eq!(backend.living().await, (1, 1), "the second game session is taken back");

    again = body("player-1");
    again["stream"]["intent"] = "new".into();
    again["stream"]["stream_session_id"] = id.clone();
    again["stream"]["signal_request"] = offer("third").into();
    let replaced = backend.send(&backend.create, post("create_session", &again)).await;
    assert_eq!(replaced.body["Stream"]["PreviousSession"]["StreamSessionId"], id, "{}", replaced.body);
    assert_eq!(backend.launch_args(&replaced).await, expected_args(&replaced, "player-1"));
    assert_eq!(backend.living().await, (2, 1));
}

#[rstest]
#[case::ends("StartStreamSession=ends:placementTimeout", "STREAM_CAPACITY_UNAVAILABLE")]
#[case::refused("StartStreamSession=exception:AccessDeniedException", "BACKEND_NOT_PERMITTED")]
#[tokio::test]
async fn a_stream_that_cannot_be_had_leaves_nothing_behind(#[case] fault: &str, #[case] code: &str) {
    let backend = Backend::quick().await;
    backend.emulator.faults.add(fault.parse().unwrap());
    let failed = backend.create("player-1").await;
    assert_eq!(failed.code(), Some(code), "{}", failed.body);
    assert!(failed.body["GameSessionId"].is_string() && failed.body["PlayerSessionId"].is_string());
    assert_eq!(backend.living().await, (0, 0));
}

#[tokio::test]
async fn a_game_session_that_was_there_before_stays() {
    let backend = Backend::quick().await;
    let there = backend.create("player-2").await;
    assert_eq!(there.status, 200, "{}", there.body);
    backend.emulator.faults.add("StartStreamSession=ends:placementTimeout".parse().unwrap());
    let found = backend.send(&backend.find_or_create, creation("player-3")).await;
    let code = Some("STREAM_CAPACITY_UNAVAILABLE");
    assert_eq!((found.code(), &found.body["GameSessionId"]), (code, &there.body["GameSessionId"]));
    assert_eq!(backend.living().await, (1, 1));
}

#[tokio::test]
async fn a_key_leads_back_to_both() {
    let backend = Backend::start(FleetConfig::default(), Duration::from_secs(3600)).await;
    let keyed = || {
        let patient = with_header(creation("player-1"), "prefer", "wait=1");
        backend.send(&backend.create, with_header(patient, "idempotency-key", "key-1"))
    };
    let first = keyed().await;
    assert_eq!((first.status, &first.body["Stream"]["Status"]), (200, &json!("ACTIVATING")), "{}", first.body);
    let second = keyed().await;
    for id in ["/PlayerSessionId", "/Stream/StreamSessionId"] {
        assert_eq!(first.body.pointer(id).unwrap(), second.body.pointer(id).unwrap());
    }
    assert_eq!(backend.living().await, (1, 1));
}

#[tokio::test]
async fn a_game_server_of_a_group_is_handed_on_alike() {
    let group = Some(Settings::GAME_SERVER_GROUP.to_owned());
    let fleets = FleetConfig { game_server_group: group, ..FleetConfig::default() };
    let backend = Backend::start(fleets, Duration::from_millis(10)).await;
    let register = backend.gamelift.register_game_server().game_server_group_name(Settings::GAME_SERVER_GROUP);
    let register = register.game_server_id("server-1").instance_id(Settings::INSTANCE_ID);
    register.connection_info("203.0.113.40:7777").send().await.unwrap();

    let created = backend.create("player-1").await;
    assert_eq!((created.status, &created.body["GameServerId"]), (200, &json!("server-1")), "{}", created.body);
    assert_eq!(backend.launch_args(&created).await, expected_args(&created, "player-1"));

    let mut body = body("player-2");
    body["GameServerId"] = "server-1".into();
    let joined = backend.send(&backend.join, post("join_session", &body)).await;
    assert_eq!(backend.launch_args(&joined).await, expected_args(&joined, "player-2"));

    backend.emulator.faults.add("StartStreamSession=ends:placementTimeout".parse().unwrap());
    body["uuid"] = "player-3".into();
    let failed = backend.send(&backend.join, post("join_session", &body)).await;
    assert_eq!(
        (failed.code(), &failed.body["GameSessionId"]),
        (Some("STREAM_CAPACITY_UNAVAILABLE"), &json!("server-1"))
    );
}

#[tokio::test]
async fn a_claim_whose_stream_cannot_be_had_ends_by_itself() {
    let group = Some(Settings::GAME_SERVER_GROUP.to_owned());
    let fleets = FleetConfig { game_server_group: group, ..FleetConfig::default() };
    let backend = Backend::start(fleets, Duration::from_millis(10)).await;
    let register = backend.gamelift.register_game_server().game_server_group_name(Settings::GAME_SERVER_GROUP);
    let register = register.game_server_id("server-1").instance_id(Settings::INSTANCE_ID);
    register.connection_info("203.0.113.40:7777").send().await.unwrap();

    backend.emulator.faults.add("StartStreamSession=ends:placementTimeout".parse().unwrap());
    let failed = backend.create("player-1").await;
    assert_eq!(
        (failed.code(), &failed.body["GameSessionId"]),
        (Some("STREAM_CAPACITY_UNAVAILABLE"), &json!("server-1")),
        "{}",
        failed.body
    );
    assert!(failed.body["detail"].as_str().unwrap().contains("60 s"), "{}", failed.body);
    let server = backend.gamelift.describe_game_server().game_server_group_name(Settings::GAME_SERVER_GROUP);
    let server = server.game_server_id("server-1").send().await.unwrap().game_server.unwrap();
    assert_eq!(server.utilization_status(), Some(&GameServerUtilizationStatus::Available));
    assert_eq!(backend.living().await.1, 0);
}

#[tokio::test]
async fn what_a_queue_places_later_gets_its_stream_with_the_join() {
    let fleets = FleetConfig { queue: Some("players".to_owned()), ..FleetConfig::default() };
    let backend = Backend::start(fleets, Duration::from_millis(10)).await;
    let destination = GameSessionQueueDestination::builder().destination_arn(backend.fleet_arn().await).build();
    backend.gamelift.create_game_session_queue().name("players").destinations(destination).send().await.unwrap();

    let request = with_header(creation("player-1"), "prefer", "respond-async");
    let placed = backend.send(&backend.create, request).await;
    assert_eq!(placed.status, 202, "{}", placed.body);
    assert_eq!(backend.living().await.1, 0, "a stream has no game session to lead to yet");

    let mut body = body("player-1");
    body["PlacementId"] = placed.body["PlacementId"].clone();
    let joined = backend.send(&backend.join, post("join_session", &body)).await;
    assert_eq!(joined.status, 200, "{}", joined.body);
    assert_eq!(backend.launch_args(&joined).await, expected_args(&joined, "player-1"));
}
