//! AWS's limits of a game server's requests, with `--rate-limits`.

use gamelift_emulator::Settings;
use serde_json::json;

use crate::server_sdk::support::{World, settings};

#[tokio::test]
async fn a_game_server_that_asks_too_often_is_told_so() {
    let world = World::new(Settings { rate_limits: true, ..settings() }).await;
    let (mut server, id) = world.hosting("proc-1").await;
    let mut players = Vec::new();
    for player in ["ann", "ben"] {
        players.push(json!({ "GameSessionId": id, "PlayerSessionId": world.reserve(&id, player).await }));
    }
    server.succeed("AcceptPlayerSession", players[0].clone()).await;
    for _ in 0..2 {
        server.fail("AcceptPlayerSession", players[0].clone(), 400).await;
    }
    server.fail("AcceptPlayerSession", players[0].clone(), 429).await;
    server.succeed("AcceptPlayerSession", players[1].clone()).await;
    server.succeed("RemovePlayerSession", players[0].clone()).await;
    world.step(1);
    server.fail("AcceptPlayerSession", players[0].clone(), 400).await;

    for _ in 0..10 {
        server.succeed("DescribePlayerSessions", json!({ "GameSessionId": id })).await;
    }
    server.fail("DescribePlayerSessions", json!({ "GameSessionId": id }), 429).await;
    let (mut other, other_id) = world.hosting("proc-2").await;
    other.succeed("DescribePlayerSessions", json!({ "GameSessionId": other_id })).await;
}

#[tokio::test]
async fn without_the_flag_a_game_server_may_ask_as_often_as_it_likes() {
    let world = World::new(settings()).await;
    let (mut server, id) = world.hosting("proc-1").await;
    for _ in 0..50 {
        server.succeed("DescribePlayerSessions", json!({ "GameSessionId": id })).await;
    }
}
