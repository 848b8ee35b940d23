//! Permission to connect, and the state that a returning connection finds.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use gamelift_emulator::{Limits, Settings};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::server_sdk::support::{COMPUTE, FLEET, Network, Over, World, eventually, patient, query, settings, world};

async fn refused(world: &World, path: &str) -> String {
    let refused = world.connect_with(Over::Plain, path).await.err().expect("a refusal");
    assert_eq!(refused.status, 403);
    refused.reason
}

#[tokio::test]
async fn who_is_unknown_is_refused_with_a_reason() {
    let world = world().await;
    let token = world.token().await;
    let good = query("proc-1", "idem-1", &token);
    for (path, reason) in [
        (good.replace(&token, "tok-abc"), "auth token"),
        (good.replace(FLEET, "fleet-unknown"), "fleet-unknown"),
        (good.replace(COMPUTE, "my-compute"), "my-compute"),
        (good.replace("pID=proc-1", ""), "pID"),
        (good.replace("proc-1", &"p".repeat(257)), "256"),
        (good.replace("idem-1", &"i".repeat(257)), "256"),
        (good.replace(&token, ""), "Authorization"),
        ("/".to_owned(), "pID"),
    ] {
        let said = refused(&world, &path).await;
        assert!(said.contains(reason), "{path}: {said}");
    }
    world.connect_with(Over::Plain, &good.replace("proc-1", &"p".repeat(256))).await.unwrap();
    let arn = format!("arn:aws:gamelift:us-west-2:111122223333:fleet/{FLEET}");
    world.connect_with(Over::Plain, &good.replace(FLEET, &arn)).await.unwrap();
    // In another order, with another encoding, and without the token that SDK 5.0.0 does not have.
    let token = token.replace('-', "%2D");
    let path = format!(
        "/?pID=proc-2&sdkVersion=5.0.0&sdkLanguage=Go&Authorization={token}&ComputeId={COMPUTE}&FleetId={FLEET}"
    );
    world.connect_with(Over::Plain, &path).await.unwrap();
}

#[tokio::test]
async fn a_token_expires_but_not_for_a_process_that_comes_back() {
    let world = world().await;
    let path = query("proc-1", "idem-1", &world.token().await);
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
    world.step(15 * 60);
    assert!(refused(&world, &path.replace("proc-1", "proc-2")).await.contains("expired"));
    drop(server);
    world.connect_with(Over::Plain, &path).await.unwrap().heartbeat(true).await;
}

#[tokio::test]
async fn a_process_id_is_used_by_one_game_server_at_a_time() {
    let world = world().await;
    let mut server = world.available("proc-1").await;
    let other = query("proc-1", "idem-2", &world.token().await);
    assert!(server.alive_during(refused(&world, &other)).await.contains("pID"));
    server.heartbeat(true).await;
    let without_token = other.replace("IdempotencyToken=idem-2", "");
    server.alive_during(refused(&world, &without_token)).await;
    server.heartbeat(true).await;

    let taken_over = world.connect("proc-1", "idem-1").await;
    taken_over.unwrap().heartbeat(true).await;
    assert!(server.closed().await.is_none(), "who connects again has given the old connection up");
}

#[tokio::test]
async fn a_lost_connection_loses_nothing() {
    let world = world().await;
    let (server, id) = world.hosting("proc-1").await;
    let player = world.reserve(&id, "ann").await;
    for _ in 0..3 {
        drop(world.connect("proc-1", "idem-1").await.unwrap());
    }
    drop(server);
    world.until_connections(0).await;
    world.terminate(&id).await;

    let mut server = world.connect("proc-1", "idem-1").await.unwrap();
    server.push("TerminateProcess").await;
    server.succeed("AcceptPlayerSession", json!({ "GameSessionId": id, "PlayerSessionId": player })).await;
    assert_eq!(world.player_status(&player).await, "ACTIVE");
    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

/// The C# SDK makes a new `IdempotencyToken` for every connection. The C++ SDK makes one after it has waited in vain
/// for two answers.
#[tokio::test]
async fn a_process_that_comes_back_with_another_idempotency_token_goes_on() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    let player = world.reserve(&id, "ann").await;
    for token in ["idem-2", "idem-3"] {
        server.close(1001, "Websocket client closing").await;
        server = eventually(async || world.connect("proc-1", token).await.ok()).await;
        server.heartbeat(true).await;
    }
    server.succeed("AcceptPlayerSession", json!({ "GameSessionId": id, "PlayerSessionId": player })).await;
    world.terminate(&id).await;
    server.push("TerminateProcess").await;
    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

/// The C++ SDK connects so after it has waited in vain for two answers, and the C# SDK always.
#[tokio::test]
async fn a_connection_that_the_network_has_lost_without_a_word_is_in_nobodys_way() {
    let limits = Limits { pong: Duration::from_millis(50), ..settings().limits };
    let world = World::new(Settings { limits, ..settings() }).await;
    let network = Network::to(world.address).await;
    let path = |token: &str, auth_token: &str| query("proc-1", token, auth_token);
    let auth_token = world.token().await;
    let mut lost = network.connect(&path("idem-1", &auth_token)).await;
    lost.become_available().await;
    let id = lost.activate(&world).await;
    network.fail();

    // A refused connection does not end a process that may be alive.
    refused(&world, &path("idem-2", "tok-abc")).await;
    assert_eq!(world.described_processes().await[0]["Connected"], true);

    // This message is lost.
    world.terminate(&id).await;
    let mut server = world.connect("proc-1", "idem-2").await.expect("let in");
    server.heartbeat(true).await;
    assert_eq!(world.status(&id).await, "TERMINATING", "it is the same run");
    server.push("TerminateProcess").await;
    world.until_connections(1).await;
    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
    assert_eq!(world.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn what_has_arrived_is_not_told_again() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    world.terminate(&id).await;
    server.push("TerminateProcess").await;
    server.heartbeat(true).await;
    server.close(1001, "Websocket client closing").await;
    let mut server = eventually(async || world.connect("proc-1", "idem-1").await.ok()).await;
    server.heartbeat(true).await;
    assert_eq!(server.waiting_pushes(), 0);
}

#[tokio::test]
async fn a_game_server_that_is_started_again_under_its_id_is_a_new_process() {
    let world = world().await;
    let (server, id) = world.hosting("proc-1").await;
    drop(server);
    let again = eventually(async || world.connect("proc-1", "idem-2").await.ok());
    let mut server = again.await;
    assert_eq!(world.status(&id).await, "ACTIVE", "it could be the old one");
    server.become_available().await;
    assert_eq!(world.status(&id).await, "TERMINATED");
    server.activate(&world).await;
    assert_eq!(world.processes().await, 1);
}

#[tokio::test]
async fn a_game_server_that_was_given_up_is_refused_until_it_is_started_anew() {
    let world = world().await;
    let path = query("proc-1", "idem-1", &world.token().await);
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
    drop(server);
    world.until_connections(0).await;
    for _ in 0..3 {
        world.step(70);
        world.processes().await;
    }
    assert_eq!(world.processes().await, 0);
    let path = query("proc-1", "idem-1", &world.token().await);
    assert!(refused(&world, &path).await.contains("given up"));
    world.connect("proc-1", "idem-2").await.unwrap().become_available().await;
}

/// The Go SDK 5.0.0 has no `IdempotencyToken`.
#[tokio::test]
async fn without_an_idempotency_token_a_process_id_is_good_until_its_run_is_given_up() {
    let world = world().await;
    let path = query("proc-1", "", &world.token().await).replace("IdempotencyToken=&", "");
    assert!(!path.contains("IdempotencyToken"), "{path}");
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
    drop(server);
    // The connection was lost, and the process is back in time.
    world.until_connections(0).await;
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.heartbeat(true).await;
    // The process said goodbye, and starts again.
    server.succeed("TerminateServerProcess", json!({})).await;
    server.closed_with(1000).await;
    let mut server = world.connect_with(Over::Plain, &path).await.unwrap();
    server.become_available().await;
    drop(server);
    world.until_connections(0).await;
    for _ in 0..3 {
        world.step(70);
        world.processes().await;
    }
    assert_eq!(world.processes().await, 0);
    assert!(refused(&world, &path).await.contains("given up"));
    world.connect_with(Over::Plain, &path.replace("proc-1", "proc-2")).await.unwrap();
}

#[tokio::test]
async fn a_refreshed_connection_overlaps_the_old_one() {
    let world = world().await;
    let (mut old, id) = world.hosting("proc-1").await;
    world.step(10 * 60);
    old.heartbeat(true).await;
    assert_eq!(world.post("/_emulator/processes/proc-1/refresh").await, 204);
    assert_eq!(world.post("/_emulator/processes/proc-2/refresh").await, 404);
    let push = old.push("RefreshConnection").await;
    assert_eq!(push["RefreshConnectionEndpoint"], format!("ws://{}", world.address));
    let token = push["AuthToken"].as_str().unwrap();

    let mut new = world.connect_with(Over::Plain, &query("proc-1", "idem-2", token)).await.unwrap();
    old.heartbeat(true).await;
    new.heartbeat(true).await;
    new.succeed("ActivateServerProcess", json!({ "Port": 7777 })).await;
    assert_eq!(world.status(&id).await, "ACTIVE", "it is the same run");
    world.terminate(&id).await;
    new.push("TerminateProcess").await;
    drop(old);
    new.succeed("TerminateServerProcess", json!({})).await;
    new.closed_with(1000).await;
}

#[tokio::test]
async fn a_reset_ends_every_connection() {
    let world = world().await;
    let (mut server, id) = world.hosting("proc-1").await;
    world.emulator.reset();
    server.push("TerminateProcess").await;
    server.closed_with(1000).await;
    assert!(world.game_session(&id).await.is_null());
    world.hosting("proc-1").await;
}

/// SDKs wait for minutes when their connection closes before `ProcessEnding` is answered.
#[tokio::test]
async fn a_reset_lets_game_servers_say_goodbye() {
    let world = World::new(patient()).await;
    let (mut server, _) = world.hosting("proc-1").await;
    world.emulator.reset();
    server.push("TerminateProcess").await;
    server.fail("HeartbeatServerProcess", json!({ "HealthStatus": true }), 404).await;
    // A process that starts under its id meanwhile is not affected.
    let next = world.available("proc-1").await;
    server.succeed("TerminateServerProcess", json!({})).await;
    server.close(1001, "Websocket client closing").await;
    assert_eq!(world.described_processes().await[0]["Status"], "available");
    drop(next);
}

const SCOPE: &str = "20260102/us-west-2/gamelift/aws4_request";

/// Returns the query of a game server that signs with this key.
fn signed(process: &str, secret: &str, session_token: &str) -> String {
    let (date, region) = ("20260102T030405Z", "us-west-2");
    let hash = Sha256::digest(format!("ComputeId={COMPUTE}&FleetId={FLEET}&pID={process}"));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_767_323_045);
    let key = generate_signing_key(secret, time, region, "gamelift");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{SCOPE}\n{hash}");
    let signature = calculate_signature(key, text.as_bytes());
    format!(
        "/?Authorization=SigV4&ComputeId={COMPUTE}&FleetId={FLEET}&IdempotencyToken=i&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIDEXAMPLE/{SCOPE}&X-Amz-Date={date}&X-Amz-Signature={signature}{session_token}&pID={process}"
    )
}

#[tokio::test]
async fn a_signature_is_as_good_as_a_token() {
    let access_key = Some("AKIDEXAMPLE:secret".parse().unwrap());
    let checking = World::new(Settings { access_key, ..settings() }).await;
    checking.connect_with(Over::Plain, &signed("proc-1", "secret", "")).await.unwrap();
    // The C++ and C# SDKs do not encode their values, the Go SDK does.
    let plain = signed("proc-2", "secret", "&X-Amz-Security-Token=a+b/c=");
    checking.connect_with(Over::Plain, &plain).await.unwrap();
    let encoded =
        signed("proc-5", "secret", "&X-Amz-Security-Token=a%2Bb%2Fc%3D").replace(SCOPE, &SCOPE.replace('/', "%2F"));
    assert!(encoded.contains("%2Fus-west-2%2F"), "{encoded}");
    checking.connect_with(Over::Plain, &encoded).await.unwrap();
    for path in [
        signed("proc-3", "other", ""),
        signed("proc-3", "secret", "").replace("pID=proc-3", "pID=proc-4"),
        signed("proc-3", "secret", "").replace("AKIDEXAMPLE", "AKIDOTHER"),
        signed("proc-3", "secret", "").replace("X-Amz-Date=20260102", "X-Amz-Date=20260103"),
        signed("proc-3", "secret", "").replace("/gamelift/", "/s3/"),
    ] {
        refused(&checking, &path).await;
    }
    // Without a key the signature cannot be checked, as in the API.
    world().await.connect_with(Over::Plain, &signed("proc-1", "whatever", "")).await.unwrap();
}
