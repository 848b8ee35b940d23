//! The life of a server process, from its connection to its end.

use gamelift_emulator::Settings;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server_sdk::support::{
    COMPUTE, CONFIGURATION, FLEET, Over, World, eventually, patient, query, settings, world,
};

#[rstest]
#[tokio::test]
async fn a_process_hosts_one_game_session(#[values(Over::Plain, Over::Tls12, Over::Tls13)] over: Over) {
    let world = world().await;
    let query = query("proc-1", "idem-1", &world.token().await);
    let mut server = world.connect_with(over, &format!("/some/path{}", &query[1..])).await.unwrap();
    assert_eq!(world.create_game_session().await["__type"], "FleetCapacityExceededException", "not ready");
    server.succeed("ActivateServerProcess", json!({ "Port": 7777 })).await;
    assert_eq!(world.create_game_session().await["__type"], "FleetCapacityExceededException", "no heartbeat yet");
    server.heartbeat(true).await;
    let id = server.activate(&world).await;
    assert_eq!(world.status(&id).await, "ACTIVE");
    assert_eq!(world.create_game_session().await["__type"], "FleetCapacityExceededException", "it hosts one");

    let player = world.reserve(&id, "ann").await;
    let members = json!({ "GameSessionId": id, "PlayerSessionId": player });
    server.succeed("AcceptPlayerSession", members.clone()).await;
    assert_eq!(world.player_status(&player).await, "ACTIVE");
    server.fail("AcceptPlayerSession", members.clone(), 400).await;
    server.succeed("RemovePlayerSession", members.clone()).await;
    assert_eq!(world.player_status(&player).await, "COMPLETED");
    server.fail("RemovePlayerSession", members, 400).await;

    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
    assert_eq!(world.processes().await, 0);
}

#[tokio::test]
async fn calls_that_do_not_fit_are_refused() {
    let world = world().await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    server.fail("HeartbeatServerProcess", json!({ "HealthStatus": true }), 400).await;
    for port in [json!(0), json!(60_001), json!(-1), json!(70_000), json!("7777"), json!(null)] {
        server.fail("ActivateServerProcess", json!({ "Port": port }), 400).await;
    }
    server.become_available().await;
    server.fail("ActivateServerProcess", json!({ "Port": 7778 }), 400).await;
    // SDKs repeat the call when its answer was lost.
    server.succeed("ActivateServerProcess", json!({ "Port": 7777 })).await;
    server.fail("HeartbeatServerProcess", json!({}), 400).await;
    let (none, nobody) = ("arn:aws:gamelift:us-west-2::gamesession/fleet-1/custom-home/gsess-1", "psess-1");
    server.fail("ActivateGameSession", json!({ "GameSessionId": none }), 404).await;

    let id = server.activate(&world).await;
    server.fail("ActivateGameSession", json!({ "GameSessionId": id }), 400).await;
    server.fail("ActivateGameSession", json!({}), 400).await;
    server.fail("AcceptPlayerSession", json!({ "GameSessionId": none, "PlayerSessionId": nobody }), 404).await;
    let policy = |policy| json!({ "GameSessionId": id, "PlayerSessionPolicy": policy });
    server.fail("UpdatePlayerSessionCreationPolicy", policy("SOME"), 400).await;
    server.succeed("UpdatePlayerSessionCreationPolicy", policy("DENY_ALL")).await;
    assert_eq!(world.game_session(&id).await["PlayerSessionCreationPolicy"], "DENY_ALL");
    server.fail("DescribePlayerSessions", json!({ "GameSessionId": id, "PlayerId": "p" }), 400).await;
    server.fail("DescribePlayerSessions", json!({}), 400).await;
    // SDKs send these values for members that were not set.
    let unset = json!({ "PlayerId": "p", "NextToken": "", "Limit": 0 });
    let described = server.succeed("DescribePlayerSessions", unset).await;
    assert_eq!(described["PlayerSessions"], json!([]));
}

#[tokio::test]
async fn a_process_that_is_not_ready_in_five_minutes_is_given_up() {
    let world = world().await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    world.step(299);
    assert_eq!(world.processes().await, 1);
    world.step(1);
    server.closed_with(1000).await;
    assert_eq!(world.processes().await, 0);
}

#[tokio::test]
async fn a_game_session_that_is_not_activated_ends_and_its_process_with_it() {
    let world = world().await;
    let mut server = world.available("proc-1").await;
    let id = world.create_game_session().await["GameSession"]["GameSessionId"].as_str().unwrap().to_owned();
    server.push("CreateGameSession").await;
    world.pass(299, &mut server).await;
    assert_eq!(world.status(&id).await, "ACTIVATING");
    world.step(1);
    server.push("TerminateProcess").await;
    assert_eq!(world.status(&id).await, "TERMINATED");
    server.fail("ActivateGameSession", json!({ "GameSessionId": id }), 404).await;
    world.step(300);
    server.closed_with(1000).await;
}

#[tokio::test]
async fn three_missed_heartbeats_end_a_process() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    let miss = |count: usize| {
        (0..count).for_each(|_| world.emulator.gamelift.miss_heartbeat(&"proc-1".into()).unwrap());
    };
    miss(2);
    server.heartbeat(true).await;
    miss(2);
    server.succeed("GetComputeCertificate", json!({})).await;
    assert_eq!(server.waiting_pushes(), 0, "not yet");
    miss(1);
    assert_eq!(world.status(&id).await, "ACTIVE");
    let push = server.push("TerminateProcess").await;
    let deadline = world.emulator.clock.now().as_millisecond() + 300_000;
    assert_eq!(push["TerminationTime"], deadline);
    world.step(299);
    assert_eq!(world.status(&id).await, "ACTIVE", "it may still end by itself");
    world.step(1);
    server.closed_with(1000).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn three_unhealthy_reports_in_a_row_end_a_process() {
    let world = world().await;
    let mut server = world.available("proc-1").await;
    for healthy in [false, false, true, false, false, false] {
        server.heartbeat(healthy).await;
    }
    server.push("TerminateProcess").await;
    assert_eq!(world.create_game_session().await["__type"], "FleetCapacityExceededException");
    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
}

#[tokio::test]
async fn steps_of_the_clock_are_no_missed_heartbeats() {
    let world = world().await;
    let mut server = world.available("proc-1").await;
    // A real game server sends a heartbeat every real minute, however the test moves the clock.
    for _ in 0..5 {
        world.step(3600);
        assert_eq!(world.processes().await, 1);
    }
    let id = server.activate(&world).await;
    assert_eq!(world.status(&id).await, "ACTIVE");
}

#[tokio::test]
async fn a_crash_is_noticed_when_the_heartbeats_are_missing() {
    let world = world().await;
    let (server, id) = world.hosting("proc-1").await;
    drop(server);
    world.until_connections(0).await;
    for seconds in [70, 60] {
        world.step(seconds);
        assert_eq!(world.status(&id).await, "ACTIVE", "it may come back");
    }
    world.step(60);
    assert_eq!(world.status(&id).await, "TERMINATED");
    assert_eq!(world.processes().await, 0);
}

#[tokio::test]
async fn a_process_without_a_connection_gets_no_game_session() {
    let world = world().await;
    drop(world.available("proc-1").await);
    eventually(async || {
        let answer = world.create_game_session().await;
        (answer["__type"] == "FleetCapacityExceededException").then_some(())
    })
    .await;
}

#[tokio::test]
async fn why_no_process_is_free_is_said_in_numbers() {
    let world = world().await;
    let why = async || world.create_game_session().await["Message"].as_str().unwrap().to_owned();
    assert!(why().await.contains(": 0 connected, 0 of them with a game session. Start more"), "{}", why().await);
    drop(world.available("proc-lost").await);
    world.until_connections(0).await;
    assert!(why().await.contains(": 0 connected, 0 of them with a game session, 1 whose connection is lost."));
    let _hosting = world.hosting("proc-hosting").await;
    let _starting = world.connect("proc-starting", "idem-1").await.unwrap();
    let mut unhealthy = world.available("proc-unhealthy").await;
    for _ in 0..3 {
        unhealthy.heartbeat(false).await;
    }
    let said = why().await;
    let counts = "3 connected, 1 of them with a game session, 1 not ready yet (ProcessReady and a first heartbeat), \
                  1 asked to end, 1 whose connection is lost.";
    assert!(said.contains(counts), "{said}");
}

#[tokio::test]
async fn the_state_tells_a_processs_port_whatever_it_does() {
    let world = world().await;
    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    let status_and_port = async || {
        let process = world.described_processes().await.remove(0);
        (process["Status"].as_str().unwrap().to_owned(), process["Port"].as_u64())
    };
    assert_eq!(status_and_port().await, ("connected".into(), None));
    server.become_available().await;
    assert_eq!(status_and_port().await, ("available".into(), Some(7777)));
    server.activate(&world).await;
    assert_eq!(status_and_port().await, ("hosting".into(), Some(7777)));
    server.succeed("TerminateServerProcess", json!({})).await;
    let mut server = world.available("proc-2").await;
    for _ in 0..3 {
        server.heartbeat(false).await;
    }
    assert_eq!(status_and_port().await, ("ending".into(), Some(7777)));
}

/// An SDK closes it in `Destroy`. The C++ SDK logs an error if the service has closed it already.
#[rstest]
#[tokio::test]
async fn a_game_server_closes_its_connection_itself(#[values(Over::Plain, Over::Tls12, Over::Tls13)] over: Over) {
    let world = World::new(patient()).await;
    let query = query("proc-1", "idem-1", &world.token().await);
    let mut server = world.connect_with(over, &query).await.unwrap();
    server.become_available().await;
    server.succeed("TerminateServerProcess", json!({})).await;
    assert_eq!(world.processes().await, 0);
    server.close(1001, "Websocket client closing").await;
    world.until_connections(0).await;
}

#[tokio::test]
async fn the_end_of_the_emulator_does_not_wait_for_game_servers_that_have_ended() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = gamelift_emulator::Emulator::new(&patient(), gamelift_emulator::Clock::stopped());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = emulator.clone();
    let serving = tokio::spawn(async move { serving.serve(listener, async { drop(stopped.await) }).await });
    let world = World::of(emulator, address);
    let mut server = world.available("proc-1").await;
    server.succeed("TerminateServerProcess", json!({})).await;
    drop(stop);
    // Not 1012: the process has no reason to come back.
    server.closed_with(1000).await;
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_was_asked_to_end_may_take_its_time() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    world.terminate(&id).await;
    server.push("TerminateProcess").await;
    world.pass(600, &mut server).await;
    assert_eq!(world.status(&id).await, "TERMINATING");
    server.succeed("TerminateServerProcess", json!({})).await;
    let session = world.game_session(&id).await;
    assert_eq!(session["Status"], "TERMINATED");
    assert_eq!(session["StatusReason"], "TRIGGERED_ON_PROCESS_TERMINATE");
}

#[tokio::test]
async fn on_a_fast_clock_heartbeats_may_come_in_real_time() {
    // Ten emulated minutes pass in one real second, and one heartbeat in a real minute is enough: within this test none
    // has to come. A test with paused time shows that misses are noticed later.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = gamelift_emulator::Clock::new(600.0);
    let emulator = gamelift_emulator::Emulator::new(&settings(), clock.clone());
    let serving = emulator.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let world = World::of(emulator, address);
    let mut server = world.available("proc-1").await;
    // Lets emulated minutes really pass without a heartbeat, more than three times AWS's limit.
    let started = clock.now();
    eventually(async || (clock.now().duration_since(started).as_secs() > 300).then_some(())).await;
    let id = server.activate(&world).await;
    assert_eq!(world.status(&id).await, "ACTIVE");
}

/// The reader of a TLS stream gets an error if the stream ends without TLS's own goodbye. The C++ SDK waits for it for
/// seconds.
#[rstest]
#[tokio::test]
async fn who_closes_the_websocket_gets_an_orderly_end_of_the_stream(
    #[values(Over::Plain, Over::Tls12, Over::Tls13)] over: Over,
) {
    let world = world().await;
    let query = query("proc-1", "idem-1", &world.token().await);
    let mut server = world.connect_with(over, &query).await.unwrap();
    server.become_available().await;
    server.close(1001, "Websocket client closing").await;
    let mut rest = Vec::new();
    server.socket.get_mut().read_to_end(&mut rest).await.expect("no reset and no missing good-bye");
    assert!(rest.is_empty(), "{rest:?}");
}

#[rstest]
#[tokio::test]
async fn the_api_answers_over_tls_too(#[values(Over::Tls12, Over::Tls13)] over: Over) {
    let mut stream = world().await.stream(over).await;
    let request = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: GameLift.ListFleets\r\nContent-Length: 2\r\n\
                   Connection: close\r\n\r\n{}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(FLEET), "{answer}");
}

#[tokio::test]
async fn a_game_server_that_a_fault_crashes_is_told_to_end() {
    let world = world().await;
    world.emulator.faults.add("CreateGameSession=activate_then_die:5s:1".parse().unwrap());
    let (mut server, id) = world.hosting("proc-1").await;
    world.step(5);
    assert_eq!(world.status(&id).await, "TERMINATED");
    server.push("TerminateProcess").await;
    server.closed_with(1000).await;
}

#[tokio::test]
async fn a_game_server_that_a_fault_crashes_may_say_goodbye() {
    let world = World::new(patient()).await;
    world.emulator.faults.add("CreateGameSession=activate_then_die:5s:1".parse().unwrap());
    let (mut server, id) = world.hosting("proc-1").await;
    world.step(5);
    assert_eq!(world.status(&id).await, "TERMINATED");
    server.push("TerminateProcess").await;
    server.succeed("TerminateServerProcess", json!({})).await;
    server.close(1001, "Websocket client closing").await;
}

#[tokio::test]
async fn a_game_server_hears_the_name_of_its_compute() {
    let world = world().await;
    let input = json!({
        "FleetId": FLEET, "ComputeName": "named", "Location": Settings::LOCATION,
        "IpAddress": "192.0.2.1", "DnsName": "game.example",
    });
    world.call("RegisterCompute", input).await;
    let token = world.call("GetComputeAuthToken", json!({ "FleetId": FLEET, "ComputeName": "named" })).await;
    let path = query("proc-1", "idem-1", token["AuthToken"].as_str().unwrap()).replace(COMPUTE, "named");
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
    world.prepare_matchmaking(FLEET, json!({})).await;
    let push = server.host_match(&world, "ann").await;
    assert_eq!(push["DnsName"], "game.example");
    let id = &push["GameSessionId"];
    let backfill = json!({
        "GameSessionArn": id, "TicketId": "t", "MatchmakingConfigurationArn": CONFIGURATION,
        "Players": [{ "PlayerId": "ann", "Team": "all" }],
    });
    server.succeed("StartMatchBackfill", backfill).await;
    server.succeed("StopMatchBackfill", json!({ "GameSessionArn": id, "TicketId": "t" })).await;
    assert_eq!(server.push("UpdateGameSession").await["GameSession"]["DnsName"], "game.example");
}

#[tokio::test]
async fn game_servers_of_a_deregistered_compute_end_but_for_the_one_that_hosts() {
    let world = world().await;
    let (mut hosting, id) = world.hosting("proc-hosting").await;
    let mut idle = world.available("proc-idle").await;
    drop(world.available("proc-lost").await);
    world.until_connections(2).await;
    world.call("DeregisterCompute", json!({ "FleetId": FLEET, "ComputeName": COMPUTE })).await;
    assert_eq!(world.processes().await, 2, "the lost one could neither be asked to end nor come back");
    idle.push("TerminateProcess").await;
    world.step(300);
    idle.closed_with(1000).await;
    hosting.heartbeat(true).await;
    assert_eq!(hosting.waiting_pushes(), 0);
    assert_eq!(world.status(&id).await, "ACTIVE");
}

/// An operator may deregister a compute before the end of its game servers' connections is noticed.
#[tokio::test]
async fn a_game_server_that_is_lost_after_its_compute_was_deregistered_leaves_nothing_behind() {
    let world = world().await;
    let (hosting, id) = world.hosting("proc-hosting").await;
    let idle = world.available("proc-idle").await;
    world.call("DeregisterCompute", json!({ "FleetId": FLEET, "ComputeName": COMPUTE })).await;
    assert_eq!(world.processes().await, 2);
    drop((hosting, idle));
    world.until_connections(0).await;
    let left = world.described_processes().await;
    assert_eq!((left.len(), &left[0]["Status"]), (1, &json!("hosting")), "{left:?}");
    assert_eq!(world.status(&id).await, "ACTIVE", "until three heartbeats are missing");
}
