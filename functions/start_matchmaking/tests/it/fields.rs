//! What a client may send, and what a stored event comes to.

use serde_json::json;
use testing::events;

use crate::world::{ASYNC, World};

#[tokio::test(start_paused = true)]
async fn a_search_carries_configuration_attributes_and_latencies_for_the_whole_party() {
    let world = World::new();
    let body = json!({
        "uuids": ["ana", "bob"], "configuration": "arena", "attributes": { "mode": "ranked" },
        "latencies_ms": { "eu-west-1": 20.4, "us-west-2": 0 },
    });
    assert_eq!(world.asks(&body, &[ASYNC]).await.status, 202);
    let ticket = world.flexmatch.ticket(&world.only_ticket()).unwrap();
    assert_eq!(ticket.configuration_name(), Some("arena"));
    for player in ticket.players() {
        assert_eq!(player.player_attributes().unwrap()["mode"].s(), Some("ranked"));
        let latencies = player.latency_in_ms().unwrap();
        assert_eq!((latencies["eu-west-1"], latencies["us-west-2"]), (20, 1), "FlexMatch takes whole ones from 1");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_at_once_with_what_is_right() {
    let world = World::new();
    let body = json!({
        "configuration": "siege", "attributes": { "skill": 9000, "rank": 1 }, "latencies_ms": { "eu-west-1": -1 },
        "uuids": 7,
    });
    let answer = world.asks(&body, &[]).await;
    let errors = answer.body["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(answer.status, 400);
    for field in ["configuration", "attributes.skill", "attributes.rank", "latencies_ms.eu-west-1", "uuids", "uuid"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    let configuration = errors.iter().find(|error| error["field"] == "configuration").unwrap();
    assert!(configuration["message"].as_str().unwrap().ends_with("it takes duel, arena."), "{configuration}");
    assert_eq!(world.flexmatch.calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_party_has_the_limits_of_the_game_and_of_flexmatch() {
    let world = World::new();
    let six: Vec<_> = (0..6).map(|number| format!("p-{number}")).collect();
    let answer = world.asks(&json!({ "uuids": six }), &[]).await;
    assert_eq!((answer.status, answer.code()), (400, Some("INVALID_REQUEST")));
    assert_eq!(answer.body["errors"][0]["field"], "uuids");
}

#[tokio::test(start_paused = true)]
async fn every_stored_event_has_an_answer() {
    for name in events::names("start_matchmaking") {
        let world = World::new();
        let request = lambda_http::request::from_str(&events::event(&name)).unwrap();
        let answer = world.send(request).await;
        let expected = match name.as_str() {
            "start_matchmaking.deferred" => 202,
            "start_matchmaking.stock_client" => 504,
            _ => 400,
        };
        assert_eq!(answer.status, expected, "{name}: {answer:?}");
    }
}
