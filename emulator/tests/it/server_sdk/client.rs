//! The Rust client of Server SDK 5, and the sample game server that uses it.

use std::time::Duration;

use gamelift_emulator::{
    Clock, SampleBehaviour, Settings,
    sample_server::game::{Game, Outcome},
    server_sdk::client::{Error, Event, Events, Server, ServerParameters, init_sdk},
};
use rstest::rstest;
use serde_json::Value;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::server_sdk::support::{COMPUTE, FLEET, Network, Player, World, eventually, world};

async fn parameters(world: &World, scheme: &str) -> ServerParameters {
    ServerParameters {
        websocket_url: format!("{scheme}://{}", world.address),
        process_id: "proc-1".into(),
        host_id: COMPUTE.into(),
        fleet_id: FLEET.into(),
        auth_token: world.token().await,
        certificate_pem: None,
    }
}

/// Returns a game server that hosts a game session, with the game session's id.
async fn hosting(world: &World, parameters: ServerParameters) -> (Server, Events, String) {
    let (server, mut events) = init_sdk(parameters, Clock::stopped()).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    server.compute_certificate().await.unwrap();
    let created = world.create_game_session().await;
    let Some(Event::StartGameSession(session)) = events.next().await else { panic!("a game session") };
    assert_eq!(created["GameSession"]["GameSessionId"], session.game_session_id);
    assert_eq!((session.maximum_player_session_count, session.port), (8, 7777));
    server.activate_game_session(&session.game_session_id).await.unwrap();
    (server, events, session.game_session_id)
}

#[rstest]
#[tokio::test]
async fn a_game_server_in_rust_hosts_a_game_session(#[values("ws", "wss")] scheme: &str) {
    let world = world().await;
    let (server, mut events, id) = hosting(&world, parameters(&world, scheme).await).await;
    let player = world.reserve(&id, "ann").await;
    server.accept_player_session(&id, &player).await.unwrap();
    let error = server.accept_player_session(&id, "psess-none").await.unwrap_err();
    assert!(matches!(error, Error::Service { status: 404, .. }), "{error}");
    let sessions = server.describe_player_sessions(&id).await.unwrap();
    assert_eq!((sessions[0].player_id.as_str(), sessions[0].status.as_str()), ("ann", "ACTIVE"));
    server.remove_player_session(&id, &player).await.unwrap();
    world.terminate(&id).await;
    assert!(matches!(events.next().await, Some(Event::ProcessTerminate { .. })));
    server.process_ending().await.unwrap();
    assert_eq!(events.next().await, None, "the connection has ended for good");
    assert!(matches!(server.process_ending().await, Err(Error::Closed)));
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn the_certificate_is_checked_where_it_is_known() {
    let world = world().await;
    let mut parameters = parameters(&world, "wss").await;
    parameters.certificate_pem = Some(gamelift_emulator::certificate_pem().await.unwrap());
    init_sdk(parameters.clone(), Clock::stopped()).await.unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let other = rcgen::CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().self_signed(&key).unwrap();
    parameters.certificate_pem = Some(other.pem());
    assert!(matches!(init_sdk(parameters, Clock::stopped()).await, Err(Error::Connect(_))));
}

#[tokio::test]
async fn a_refusal_is_told_at_once() {
    let world = world().await;
    let parameters = ServerParameters { auth_token: "tok-abc".into(), ..parameters(&world, "ws").await };
    let Err(Error::Refused { status: 403, reason }) = init_sdk(parameters, Clock::stopped()).await else {
        panic!("a refusal")
    };
    assert!(reason.contains("auth token"), "{reason}");
}

#[tokio::test]
async fn heartbeats_say_how_the_game_server_is() {
    let world = world().await;
    let clock = world.emulator.clock.clone();
    let (server, mut events) = init_sdk(parameters(&world, "ws").await, clock).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    // A step gives one heartbeat and no missed one: only the reported health can end the process.
    let mut beat = async |count: usize| {
        for _ in 0..count {
            world.step(60);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::timeout(Duration::from_millis(20), events.next()).await.ok()
    };
    assert_eq!(beat(10).await, None, "it is healthy");
    server.set_healthy(false);
    let ended = async {
        loop {
            if let Some(event) = beat(1).await {
                return event;
            }
        }
    };
    let event = tokio::time::timeout(Duration::from_secs(10), ended).await.expect("it is asked to end");
    assert!(matches!(event, Some(Event::ProcessTerminate { .. })));
}

/// A connection that can be cut in the middle.
struct Cable {
    address: std::net::SocketAddr,
    task: JoinHandle<()>,
    cut: tokio::sync::watch::Sender<()>,
}

impl Cable {
    async fn to(target: std::net::SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, was_cut) = tokio::sync::watch::channel(());
        let task = tokio::spawn(async move {
            loop {
                let (mut from, _) = listener.accept().await.unwrap();
                let mut was_cut = was_cut.clone();
                was_cut.mark_unchanged();
                tokio::spawn(async move {
                    let mut to = TcpStream::connect(target).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => {}
                        _ = was_cut.changed() => {}
                    }
                });
            }
        });
        Self { address, task, cut }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let world = world().await;
    let cable = Cable::to(world.address).await;
    let parameters =
        ServerParameters { websocket_url: format!("ws://{}", cable.address), ..parameters(&world, "ws").await };
    let (server, mut events, id) = hosting(&world, parameters).await;
    for number in 0..5 {
        cable.cut.send_replace(());
        let player = world.reserve(&id, &format!("player-{number}")).await;
        eventually(async || server.accept_player_session(&id, &player).await.ok()).await;
    }
    cable.cut.send_replace(());
    world.terminate(&id).await;
    assert!(matches!(events.next().await, Some(Event::ProcessTerminate { .. })));
    eventually(async || server.process_ending().await.ok()).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn a_connection_that_was_lost_without_a_word_is_made_again() {
    let world = world().await;
    let network = Network::to(world.address).await;
    let parameters =
        ServerParameters { websocket_url: format!("ws://{}", network.address), ..parameters(&world, "ws").await };
    let (server, _events) = init_sdk(parameters, world.emulator.clock.clone()).await.unwrap();
    server.process_ready(7777, &[]).await.unwrap();
    server.compute_certificate().await.unwrap();
    network.fail();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(120)).await;
    tokio::time::resume();
    world.step(60);
    eventually(async || server.compute_certificate().await.ok()).await;
}

#[tokio::test]
async fn a_refresh_is_followed() {
    let world = world().await;
    let (server, mut events, id) = hosting(&world, parameters(&world, "ws").await).await;
    for _ in 0..3 {
        world.emulator.gamelift.refresh_connection(&"proc-1".into()).unwrap();
        server.describe_player_sessions(&id).await.unwrap();
    }
    world.terminate(&id).await;
    assert!(matches!(events.next().await, Some(Event::ProcessTerminate { .. })));
    server.process_ending().await.unwrap();
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn who_is_dropped_disconnects() {
    let world = world().await;
    let (server, events) = init_sdk(parameters(&world, "ws").await, Clock::stopped()).await.unwrap();
    assert_eq!(world.processes().await, 1);
    drop((server, events));
    eventually(async || (world.processes().await == 0).then_some(())).await;
}

/// Sample game servers on free ports.
async fn world_with_samples() -> World {
    World::new(Settings { game_servers: 2, first_game_port: 0, ..Settings::default() }).await
}

async fn active(world: &World) -> (String, Value) {
    let session = world.create_game_session().await["GameSession"].take();
    let id = session["GameSessionId"].as_str().unwrap().to_owned();
    world.step(1);
    eventually(async || (world.status(&id).await == "ACTIVE").then_some(())).await;
    (id, session)
}

#[tokio::test]
async fn players_play_on_the_sample_game_server() {
    let world = world_with_samples().await;
    let (id, session) = active(&world).await;
    let mut stranger = Player::connect(&session).await;
    assert!(stranger.say("JOIN psess-unknown").await.starts_with("REFUSED"));
    let mut rude = Player::connect(&session).await;
    assert!(rude.say("hello").await.starts_with("REFUSED"));

    let reserved = world.reserve(&id, "ann").await;
    let mut ann = Player::connect(&session).await;
    assert_eq!(ann.say(&format!("JOIN {reserved}")).await, "WELCOME");
    assert_eq!(world.player_status(&reserved).await, "ACTIVE");
    assert_eq!(ann.say("hello?").await, "hello?");
    let mut twin = Player::connect(&session).await;
    assert!(twin.say(&format!("JOIN {reserved}")).await.starts_with("REFUSED"), "a reservation is for one");
    drop(ann);
    eventually(async || (world.player_status(&reserved).await == "COMPLETED").then_some(())).await;

    let reserved = world.reserve(&id, "ben").await;
    let mut ben = Player::connect(&session).await;
    assert_eq!(ben.say(&format!("JOIN {reserved}")).await, "WELCOME");
    world.terminate(&id).await;
    assert!(ben.hear().await.starts_with("BYE"));
    eventually(async || (world.status(&id).await == "TERMINATED").then_some(())).await;
    assert_eq!(world.player_status(&reserved).await, "COMPLETED");
}

/// The example game server is told so by a signal.
#[tokio::test]
async fn a_game_server_that_is_told_to_stop_says_goodbye_to_its_players() {
    let world = world().await;
    let clock = world.emulator.clock.clone();
    let (server, mut events) = init_sdk(parameters(&world, "ws").await, clock.clone()).await.unwrap();
    let listener = loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // The system hands out higher ports than GameLift allows.
        if listener.local_addr().unwrap().port() <= 60_000 {
            break listener;
        }
    };
    server.process_ready(listener.local_addr().unwrap().port(), &[]).await.unwrap();
    server.compute_certificate().await.unwrap();
    let game = Game {
        clock,
        behaviour: SampleBehaviour::Activate,
        activation_delay: Duration::ZERO,
        empty_session_timeout: Duration::from_secs(60),
        backfill: false,
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let hosting = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        game.host_one(&listener, &server, &mut events, || None, stopped).await
    });
    let (id, session) = active(&world).await;
    let reserved = world.reserve(&id, "ann").await;
    let mut ann = Player::connect(&session).await;
    assert_eq!(ann.say(&format!("JOIN {reserved}")).await, "WELCOME");
    stop.send(()).unwrap();
    assert!(ann.hear().await.starts_with("BYE"));
    assert_eq!(hosting.await.unwrap().unwrap(), Outcome::Ended);
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn sample_game_servers_come_back_after_a_game_and_after_a_reset() {
    let world = world_with_samples().await;
    for _ in 0..3 {
        let (id, _) = active(&world).await;
        world.terminate(&id).await;
        eventually(async || (world.status(&id).await == "TERMINATED").then_some(())).await;
    }
    world.emulator.reset();
    eventually(async || (world.processes().await == 2).then_some(())).await;
    eventually(async || {
        let created = world.create_game_session().await;
        created["GameSession"]["GameSessionId"].is_string().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_game_server_of_your_own_comes_before_the_samples() {
    let world = world_with_samples().await;
    world.emulator.ready().await;
    let mut own = world.available("proc-1").await;
    own.activate(&world).await;
    let (_, session) = active(&world).await;
    assert_ne!(session["Port"], 7777, "the samples are there for the next one");
    assert_eq!(own.waiting_pushes(), 0);
}

#[tokio::test]
async fn two_emulators_share_the_ports() {
    let first = World::new(Settings { first_game_port: 20_000, ..Settings::default() }).await;
    let second = World::new(Settings { first_game_port: 20_000, ..Settings::default() }).await;
    let (_, one) = active(&first).await;
    let (_, other) = active(&second).await;
    assert_ne!(one["Port"], other["Port"]);
}
