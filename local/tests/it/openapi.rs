//! The OpenAPI document against the local world: what the routes answer, and which names they know.

use std::time::Duration;

use liftgate::{Options, World};
use openapi::{document::document, fits::differences, operations};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use shared::{RouteId, request::members::Takes};

struct Game {
    _world: World,
    client: Client,
    base: String,
    document: Value,
}

impl Game {
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options { port: Some(0), emulator_port: Some(0), ..Options::default() };
        options.emulator.first_game_port = 0;
        options.emulator.activation_delay = Duration::from_millis(10);
        options.emulator.stream_start_delay = Duration::from_millis(10);
        change(&mut options);
        let world = World::start(options).await.unwrap();
        let base = format!("http://{}", world.gateway.unwrap());
        Self { _world: world, client: Client::new(), base, document: document() }
    }

    async fn send(&self, route: RouteId, body: &Value, query: &str) -> (u16, Value) {
        let url = format!("{}/{}?{query}", self.base, route.name());
        let call = self.client.request(route.method(), url).header("Prefer", "respond-async");
        let call = if route.method() == Method::POST { call.json(body) } else { call };
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    /// Sends a call, and compares the answer with the document. Returns the answer.
    async fn call(&self, route: RouteId, body: Value, query: &str, expected: u16) -> Value {
        let (status, answer) = self.send(route, &body, query).await;
        assert_eq!(status, expected, "{answer}");
        let method = route.method().as_str().to_ascii_lowercase();
        let kind = if status < 400 { "json" } else { "problem+json" };
        let name = route.name();
        let schema = format!("/paths/~1{name}/{method}/responses/{status}/content/application~1{kind}/schema");
        assert_eq!(differences(&self.document, &schema, &answer), [""; 0], "{name}: {answer}");
        answer
    }
}

#[tokio::test]
async fn the_answers_are_as_the_document_says() {
    let game = Game::start(|_| {}).await;
    let party = json!({ "session_name": "One", "num_connections": 4, "uuids": ["player-1", "player-2"] });
    let started = game.call(RouteId::CreateSession, party, "", 202).await;
    let id = &started["GameSessionId"];
    let body = json!({ "GameSessionId": id, "uuids": ["player-1", "player-2"] });
    let mut joined = game.send(RouteId::JoinSession, &body, "").await;
    while joined.0 == 202 {
        joined = game.send(RouteId::JoinSession, &body, "").await;
    }
    game.call(RouteId::JoinSession, body, "", 200).await;
    game.call(RouteId::JoinSession, json!({ "uuid": "player-1" }), "", 200).await;
    game.call(RouteId::FindSession, Value::Null, "min_free_slots=2", 200).await;
    let filter =
        json!({ "session_name": "Two", "num_connections": 4, "uuid": "player-3", "filter": { "name": "One" } });
    game.call(RouteId::FindOrCreateSession, filter, "", 200).await;

    let searching = game.call(RouteId::StartMatchmaking, json!({ "uuid": "player-5" }), "", 202).await;
    let ticket = searching["TicketId"].as_str().unwrap();
    game.call(RouteId::DescribeMatchmaking, Value::Null, &format!("uuid=player-5&TicketId={ticket}"), 202).await;
    let stop = json!({ "uuid": "player-5", "TicketId": ticket });
    let (status, _) = game.send(RouteId::StopMatchmaking, &stop, "").await;
    assert!([200, 202].contains(&status));
    game.call(RouteId::StopMatchmaking, stop, "", 200).await;

    game.call(RouteId::Health, Value::Null, "", 200).await;
    game.call(RouteId::CreateSession, json!({}), "", 400).await;
    game.call(RouteId::JoinSession, json!({ "uuid": "player-9" }), "", 404).await;
}

/// The life of a game server, by the examples of its three routes.
#[tokio::test]
async fn the_examples_of_game_servers_work() {
    let game = Game::start(|_| {}).await;
    for route in [RouteId::RegisterGameServer, RouteId::UpdateGameServer, RouteId::DeregisterGameServer] {
        let operation = &game.document["paths"][format!("/{}", route.name())]["post"];
        let example = &operation["requestBody"]["content"]["application/json"]["examples"]["works"]["value"];
        game.call(route, example.clone(), "", 200).await;
    }
}

/// A name in other letters is refused with the right one, if and only if the route knows it.
#[tokio::test]
async fn every_member_of_the_document_is_known_to_its_route() {
    let game = Game::start(|_| {}).await;
    let mut known = 0;
    for route in RouteId::ALL {
        let members = operations::body(route).unwrap_or_default();
        for member in members.into_iter().flatten() {
            let mut body = json!({ "uuid": "player-1" });
            body[member.name().to_uppercase()] = json!({});
            let (_, answer) = game.send(route, &body, "").await;
            if answer["error"]["code"] == "BACKEND_MISCONFIGURED" {
                continue;
            }
            let right = format!("did you mean {}?", member.name());
            let errors = answer["errors"].as_array().into_iter().flatten();
            let is_known = errors.map(|error| &error["message"]).any(|message| message.to_string().contains(&right));
            assert!(is_known, "{} of {}: {answer}", member.name(), route.name());
            known += 1;
        }
        for parameter in operations::query(route).into_iter().flatten() {
            if matches!(parameter.takes(), Takes::Keyed(_)) {
                continue;
            }
            let (_, answer) = game.send(route, &Value::Null, &format!("{}=1", parameter.name().to_uppercase())).await;
            let right = format!("did you mean {}?", parameter.name());
            assert!(answer.to_string().contains(&right), "{} of {}: {answer}", parameter.name(), route.name());
            known += 1;
        }
    }
    assert!(known > 60, "{known}");
}
